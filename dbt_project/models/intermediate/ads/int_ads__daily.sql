-- Every platform's figures in one form, with the marks that the campaign writes into its names.
with

platforms as (
    select
        'google' as platform,
        response_date,
        account_id,
        campaign_id,
        campaign_name,
        group_name,
        ad_id,
        ad_name,
        cast('named' as varchar) as area_type,
        cast(null as varchar) as area_name,
        impressions,
        clicks,
        spend_usd,
        conversions
    from {{ ref('stg_google_ads__daily') }}
    union all
    select
        'meta' as platform,
        response_date,
        account_id,
        campaign_id,
        campaign_name,
        group_name,
        ad_id,
        ad_name,
        area_type,
        area_name,
        impressions,
        clicks,
        spend_usd,
        conversions
    from {{ ref('stg_meta__ads_daily') }}
),

-- Platforms name markets, the map numbers them; a name that two markets bear names neither.
market_names as (
    select
        upper(media_market_name) as market_name,
        min(media_market_id) as media_market_id
    from {{ ref('stg_geography__media_markets') }}
    group by upper(media_market_name)
    having count(distinct media_market_id) = 1
),

marked as (
    select
        *,
        campaign_name || ' | ' || coalesce(group_name, '') as marks
    from platforms
),

read_out as (
    select
        *,
        {{ name_mark('marks', 'geo') }} as geo_mark,
        {{ name_mark('marks', 'state') }} as state_mark,
        {{ name_mark('marks', 'test') }} as test_id,
        lower({{ name_mark('marks', 'arm') }}) as arm,
        {{ to_integer(name_mark('marks', 'n')) }} as arm_people
    from marked
)

select
    read_out.platform as platform,
    read_out.response_date as response_date,
    read_out.account_id as account_id,
    read_out.campaign_id as campaign_id,
    max(read_out.campaign_name) as campaign_name,
    read_out.ad_id as creative_id,
    max(read_out.ad_name) as creative_name,
    case
        when read_out.area_type <> 'named' then read_out.area_type
        when max(read_out.geo_mark) is not null then 'named_market'
        when max(read_out.state_mark) is not null then 'named_state'
        else 'all'
    end as area_type,
    case
        when read_out.area_type <> 'named' then coalesce(read_out.area_name, read_out.area_type)
        else coalesce(max(read_out.geo_mark), max(read_out.state_mark), 'all')
    end as area_id,
    coalesce(max(states.state), max(read_out.state_mark)) as state,
    coalesce(max(market_names.media_market_id), max(read_out.geo_mark)) as media_market_id,
    max(read_out.test_id) as test_id,
    max(read_out.arm) as arm,
    max(read_out.arm_people) as arm_people,
    cast(sum(read_out.impressions) as bigint) as impressions,
    cast(sum(read_out.clicks) as bigint) as clicks,
    cast(sum(read_out.spend_usd) as decimal(24, 6)) as spend_usd,
    cast(sum(read_out.conversions) as decimal(18, 6)) as conversions
from read_out
left join {{ ref('states') }} as states
    on read_out.area_type = 'region' and upper(read_out.area_name) = upper(states.state_name)
left join market_names on read_out.area_type = 'dma' and upper(read_out.area_name) = market_names.market_name
group by
    read_out.platform,
    read_out.response_date,
    read_out.account_id,
    read_out.campaign_id,
    read_out.ad_id,
    read_out.area_type,
    read_out.area_name
