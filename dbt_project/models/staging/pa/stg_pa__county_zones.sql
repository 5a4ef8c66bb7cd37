-- Which of the forty district slots means what is each county's own choice.
with

delivered as (
    select
        {{ county_key('county_name') }} as county_key,
        {{ to_integer('zone_number') }} as zone_number,
        upper(trim(zone_short_name)) as zone_type
    from {{ source('accepted', 'pa_zone_types') }}
)

select
    county_key,
    min(case when zone_type = 'USC' then zone_number end) as congressional_zone,
    min(case when zone_type = 'STS' then zone_number end) as state_senate_zone,
    min(case when zone_type = 'STH' then zone_number end) as state_house_zone,
    min(case when zone_type in ('MN', 'MUN', 'MUNI', 'MCD') then zone_number end) as municipality_zone
from delivered
group by county_key
