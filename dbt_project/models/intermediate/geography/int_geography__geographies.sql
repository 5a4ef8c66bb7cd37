-- Every area people work in, with the name it is shown under.
{%- set districts = ['congressional_district', 'state_senate_district', 'state_house_district'] %}
with

splits as (
    select * from {{ ref('int_geography__splits') }}
),

precinct_names as (
    select
        precinct_id,
        max(precinct_name) as precinct_name
    from {{ ref('int_voters__current') }}
    group by precinct_id
),

municipality_names as (
    select
        municipality_id,
        max(municipality_name) as municipality_name,
        max(municipality_basis) as municipality_basis
    from {{ ref('int_voters__current') }}
    group by municipality_id
),

areas as (
    select distinct
        splits.state as state,
        'state' as geography_type,
        splits.state as geography_id,
        states.state_name as geography_name,
        'registration' as basis
    from splits
    inner join {{ ref('states') }} as states on splits.state = states.state
    {%- for district in districts %}
    union all
    select distinct
        splits.state as state,
        '{{ district }}' as geography_type,
        splits.{{ district }}_id as geography_id,
        splits.state || ' ' || types.geography_name || ' '
        || {{ replace_all('substr(splits.' ~ district ~ '_id, 4)', '^0+', '') }} as geography_name,
        'registration' as basis
    from splits
    inner join {{ ref('district_types') }} as types on types.district_type = '{{ district }}'
    {%- endfor %}
    union all
    select distinct
        splits.state as state,
        'county' as geography_type,
        splits.county_fips as geography_id,
        counties.county_name as geography_name,
        'registration' as basis
    from splits
    inner join {{ ref('counties') }} as counties on splits.county_fips = counties.county_fips
    union all
    select distinct
        splits.state as state,
        'municipality' as geography_type,
        splits.municipality_id as geography_id,
        coalesce(names.municipality_name, counties.county_name || ', ' || substr(splits.municipality_id, 7))
            as geography_name,
        coalesce(names.municipality_basis, substr(splits.municipality_id, 7)) as basis
    from splits
    inner join {{ ref('counties') }} as counties on splits.county_fips = counties.county_fips
    left join municipality_names as names on splits.municipality_id = names.municipality_id
    union all
    select distinct
        splits.state as state,
        'precinct' as geography_type,
        splits.precinct_id as geography_id,
        counties.county_name || ' ' || coalesce(names.precinct_name, substr(splits.precinct_id, 7)) as geography_name,
        'registration' as basis
    from splits
    inner join {{ ref('counties') }} as counties on splits.county_fips = counties.county_fips
    left join precinct_names as names on splits.precinct_id = names.precinct_id
    union all
    select distinct
        splits.state as state,
        'media_market' as geography_type,
        splits.media_market_id as geography_id,
        coalesce(markets.media_market_name, 'No media market given') as geography_name,
        'market map' as basis
    from splits
    left join {{ ref('stg_geography__media_markets') }} as markets on splits.county_fips = markets.county_fips
),

-- A municipality in two counties, or a market map with two spellings, is still one area.
once as (
    select
        state,
        geography_type,
        geography_id,
        min(geography_name) as geography_name,
        min(basis) as basis
    from areas
    group by state, geography_type, geography_id
)

select
    state,
    geography_type,
    geography_id,
    geography_name,
    basis
from once
