-- The atom of every count: one precinct, one district of each kind, one municipality.
with

combinations as (
    select
        split_id,
        min(state) as state,
        min(county_fips) as county_fips,
        min(precinct_id) as precinct_id,
        min(municipality_id) as municipality_id,
        min(congressional_district_id) as congressional_district_id,
        min(state_senate_district_id) as state_senate_district_id,
        min(state_house_district_id) as state_house_district_id
    from {{ ref('int_voters__current') }}
    group by split_id
)

select
    combinations.split_id as split_id,
    combinations.state as state,
    combinations.county_fips as county_fips,
    combinations.precinct_id as precinct_id,
    combinations.municipality_id as municipality_id,
    combinations.congressional_district_id as congressional_district_id,
    combinations.state_senate_district_id as state_senate_district_id,
    combinations.state_house_district_id as state_house_district_id,
    -- A county that the campaign's market map leaves out is shown, not dropped.
    coalesce(markets.media_market_id, combinations.state || '-unmapped') as media_market_id
from combinations
left join {{ ref('stg_geography__media_markets') }} as markets on combinations.county_fips = markets.county_fips
