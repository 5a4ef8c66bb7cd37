-- One row per county, day and kind of change: how many registrations began, ended or changed.
{%- set kinds = ['registered', 'removed', 'moved', 'party_changed', 'status_changed'] %}
with counted as (
    select
        state,
        coalesce(to_county_fips, from_county_fips) as county_fips,
        change_date,
        change_type,
        1 as people
    from {{ ref('int_voters__changes') }}
),

counties as (
    select
        geographies.state,
        geographies.geography_id as county_fips,
        campaign.data_as_of
    from {{ ref('int_geography__geographies') }} as geographies
    cross join {{ source('config', 'campaign') }} as campaign
    where geographies.geography_type = 'county'
),

-- On the release's own day every county has a row for every kind, so that no change can be told from no data.
quiet as (
    {%- for kind in kinds %}
    select
        state,
        county_fips,
        data_as_of as change_date,
        '{{ kind }}' as change_type,
        0 as people
    from counties
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

summed as (
    select
        state,
        county_fips,
        change_date,
        change_type,
        sum(people) as people
    from (
        select * from counted
        union all
        select * from quiet
    ) as everything
    group by state, county_fips, change_date, change_type
)

select
    summed.state,
    summed.county_fips,
    coalesce(geographies.geography_name, summed.county_fips) as county_name,
    summed.change_date,
    summed.change_type,
    cast(summed.people as bigint) as people,
    campaign.data_as_of,
    campaign.release_id
from summed
left join {{ ref('int_geography__geographies') }} as geographies
    on
        summed.state = geographies.state
        and summed.county_fips = geographies.geography_id
        and geographies.geography_type = 'county'
cross join {{ source('config', 'campaign') }} as campaign
