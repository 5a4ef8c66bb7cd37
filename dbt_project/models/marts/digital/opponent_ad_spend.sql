-- What advertisers spend by week and state, from the platforms' public libraries, as bounds: Google tells weeks
-- and states but not weeks by state, Meta tells small amounts only as at most 100 dollars.
with

google_totals as (
    select
        advertiser_id,
        sum(spend_usd) as total_usd
    from {{ ref('stg_google_political__geo_spend') }}
    group by advertiser_id
),

google_states as (
    select
        advertiser_id,
        coalesce(state, 'unknown') as state,
        sum(spend_usd) as state_usd
    from {{ ref('stg_google_political__geo_spend') }}
    where country = 'US'
    group by advertiser_id, coalesce(state, 'unknown')
),

google_running as (
    select
        weeks.advertiser_id,
        weeks.week_start_date,
        count(*) as ads_running
    from {{ ref('stg_google_political__weekly_spend') }} as weeks
    inner join {{ ref('stg_google_political__creatives') }} as creatives
        on
            weeks.advertiser_id = creatives.advertiser_id
            and weeks.week_start_date + 6 >= creatives.first_date
            and weeks.week_start_date <= creatives.last_date
    group by weeks.advertiser_id, weeks.week_start_date
),

-- In a state an advertiser spent no more of a week than the week or the state holds in all, and no less than the
-- week leaves over when everything spent elsewhere was spent in it.
google as (
    select
        'google' as platform,
        weeks.advertiser_id,
        weeks.advertiser_name,
        weeks.week_start_date,
        coalesce(states.state, 'unknown') as state,
        case
            when states.state is null then weeks.spend_usd
            else greatest(weeks.spend_usd - (totals.total_usd - states.state_usd), 0)
        end as spend_low_usd,
        case
            when states.state is null then weeks.spend_usd
            else least(weeks.spend_usd, states.state_usd)
        end as spend_high_usd,
        coalesce(running.ads_running, 0) as ads_running
    from {{ ref('stg_google_political__weekly_spend') }} as weeks
    left join google_states as states on weeks.advertiser_id = states.advertiser_id
    left join google_totals as totals on weeks.advertiser_id = totals.advertiser_id
    left join google_running as running
        on weeks.advertiser_id = running.advertiser_id and weeks.week_start_date = running.week_start_date
    where weeks.spend_usd > 0
),

-- Reports of seven days that end on a Saturday are whole weeks; the others overlap them.
meta as (
    select
        'meta' as platform,
        lower(advertiser_name) as advertiser_id,
        max(advertiser_name) as advertiser_name,
        report_date - 6 as week_start_date,
        state,
        sum(spend_low_usd) as spend_low_usd,
        sum(spend_high_usd) as spend_high_usd,
        coalesce(sum(number_of_ads), 0) as ads_running
    from {{ ref('stg_meta_library__region_spend') }}
    where report_window = 'last_7_days' and report_date - 6 = {{ week_start('report_date') }}
    group by lower(advertiser_name), report_date, state
),

spending as (
    select * from google
    union all
    select * from meta
)

select
    spending.platform,
    spending.advertiser_id,
    spending.advertiser_name,
    spending.week_start_date,
    spending.state,
    cast(spending.spend_low_usd as decimal(18, 2)) as spend_low_usd,
    cast(spending.spend_high_usd as decimal(18, 2)) as spend_high_usd,
    spending.spend_low_usd = spending.spend_high_usd as is_exact,
    cast(spending.ads_running as bigint) as ads_running,
    sides.party_code,
    case
        when sides.party_code is null then 'unknown'
        when sides.party_code = campaign.party_code then 'ours'
        else 'theirs'
    end as side,
    campaign.data_as_of,
    campaign.release_id
from spending
left join {{ ref('ad_advertisers') }} as sides
    on
        spending.platform = sides.platform
        and lower(spending.advertiser_name) = lower(sides.advertiser_name)
cross join {{ source('config', 'campaign') }} as campaign
