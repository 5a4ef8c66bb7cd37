-- The API's export and the report downloaded by hand, brought into one form; the newest export that covers
-- a day of an account tells all of that day.
with

delivered as (
    select
        cast(stats_date as date) as response_date,
        coalesce(replace(account_id, '-', ''), 'unknown') as account_id,
        campaign_id,
        campaign_name,
        ad_group_id as group_id,
        ad_group_name as group_name,
        ad_id,
        ad_name,
        cast(impressions as bigint) as impressions,
        cast(clicks as bigint) as clicks,
        {{ ad_money("cast(cost_micros as decimal(24, 6)) * 0.000001") }} as spend_usd,
        cast(coalesce(conversions, '0') as decimal(18, 6)) as conversions,
        delivery_id,
        snapshot_date,
        source_file,
        line_number
    from {{ source('accepted', 'google_ads_stats') }}
    union all
    select
        cast(stats_date as date) as response_date,
        replace(account_id, '-', '') as account_id,
        campaign_id,
        campaign_name,
        ad_group_id as group_id,
        ad_group_name as group_name,
        ad_id,
        ad_name,
        cast(impressions as bigint) as impressions,
        cast(clicks as bigint) as clicks,
        {{ ad_money('cost') }} as spend_usd,
        cast(coalesce(conversions, '0') as decimal(18, 6)) as conversions,
        delivery_id,
        snapshot_date,
        source_file,
        line_number
    from {{ source('accepted', 'google_ads_report') }}
)

select
    response_date,
    account_id,
    campaign_id,
    campaign_name,
    group_id,
    group_name,
    ad_id,
    ad_name,
    impressions,
    clicks,
    spend_usd,
    conversions
from {{ newest_by_window('delivered', 'response_date', ['account_id']) }} as newest
