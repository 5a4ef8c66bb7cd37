-- One row per county, day and kind of change: how many registrations began, ended or changed.
with counted as (
    select
        state,
        coalesce(to_county_fips, from_county_fips) as county_fips,
        change_date,
        change_type,
        count(*) as people
    from {{ ref('int_voters__changes') }}
    group by state, coalesce(to_county_fips, from_county_fips), change_date, change_type
)

select
    counted.state,
    counted.county_fips,
    coalesce(geographies.geography_name, counted.county_fips) as county_name,
    counted.change_date,
    counted.change_type,
    cast(counted.people as bigint) as people,
    campaign.data_as_of,
    campaign.release_id
from counted
left join {{ ref('int_geography__geographies') }} as geographies
    on
        counted.state = geographies.state
        and counted.county_fips = geographies.geography_id
        and geographies.geography_type = 'county'
cross join {{ source('config', 'campaign') }} as campaign
