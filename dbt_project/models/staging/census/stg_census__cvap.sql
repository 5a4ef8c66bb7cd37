with

delivered as (
    select
        right(geoid, 5) as county_fips,
        {{ to_integer('cvap_est') }} as eligible,
        {{ to_integer('cvap_moe') }} as margin_of_error,
        cast(extract(year from snapshot_date) as integer) as as_of_year
    from {{ source('accepted', 'cvap_county') }}
    where lower(trim(lntitle)) = 'total'
)

select
    counties.state as state,
    delivered.county_fips as county_fips,
    delivered.eligible as eligible,
    delivered.margin_of_error as margin_of_error,
    delivered.as_of_year as as_of_year
from delivered
inner join {{ ref('counties') }} as counties on delivered.county_fips = counties.county_fips
