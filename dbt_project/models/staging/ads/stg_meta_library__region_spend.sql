-- '≤100' is anything from nothing to 100 dollars; a number is itself.
with

delivered as (
    select
        cast(report_date as date) as report_date,
        report_window,
        trim(region) as region_name,
        coalesce(nullif(trim(disclaimer), ''), '(no disclaimer)') as advertiser_name,
        {{ matches('amount_spent', '≤') }} as is_small,
        cast({{ replace_all('amount_spent', '[^0-9]', '') }} as decimal(18, 2)) as amount_usd,
        cast(number_of_ads as bigint) as number_of_ads
    from {{ source('accepted', 'meta_library_regions') }}
)

select
    delivered.report_date as report_date,
    delivered.report_window as report_window,
    coalesce(states.state, 'unknown') as state,
    delivered.advertiser_name as advertiser_name,
    case when delivered.is_small then cast(0 as decimal(18, 2)) else delivered.amount_usd end as spend_low_usd,
    delivered.amount_usd as spend_high_usd,
    delivered.number_of_ads as number_of_ads
from delivered
left join {{ ref('states') }} as states on upper(delivered.region_name) = upper(states.state_name)
