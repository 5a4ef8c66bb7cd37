-- What the splits of a county are given of its estimate of eligible people is the estimate.
with spread as (
    select
        splits.county_fips,
        sum(registration.eligible) as eligible
    from {{ ref('int_goals__split_registration') }} as registration
    inner join {{ ref('int_geography__splits') }} as splits on registration.split_id = splits.split_id
    group by splits.county_fips
)

select spread.county_fips
from spread
left join {{ ref('int_registration__eligible') }} as estimates on spread.county_fips = estimates.county_fips
where coalesce(spread.eligible, -1) <> coalesce(estimates.eligible, -1)
