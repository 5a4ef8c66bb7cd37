{{ config(materialized='view') }}
-- Names, addresses and contact data stay behind: they are in int_voters__people only.
with

all_versions as (
    select
        voter_id,
        state,
        county_fips,
        status,
        party_code,
        source_party_code,
        sex,
        race_code,
        birth_date,
        birth_year,
        registration_date,
        precinct_code,
        precinct_name,
        municipality_key,
        municipality_name,
        municipality_basis,
        congressional_district_id,
        state_senate_district_id,
        state_house_district_id,
        is_protected,
        valid_from,
        valid_to
    from {{ ref('stg_nc__voters') }}
    union all
    select
        voter_id,
        state,
        county_fips,
        status,
        party_code,
        source_party_code,
        sex,
        race_code,
        birth_date,
        birth_year,
        registration_date,
        precinct_code,
        precinct_name,
        municipality_key,
        municipality_name,
        municipality_basis,
        congressional_district_id,
        state_senate_district_id,
        state_house_district_id,
        is_protected,
        valid_from,
        valid_to
    from {{ ref('stg_oh__voters') }}
    union all
    select
        voter_id,
        state,
        county_fips,
        status,
        party_code,
        source_party_code,
        sex,
        race_code,
        birth_date,
        birth_year,
        registration_date,
        precinct_code,
        precinct_name,
        municipality_key,
        municipality_name,
        municipality_basis,
        congressional_district_id,
        state_senate_district_id,
        state_house_district_id,
        is_protected,
        valid_from,
        valid_to
    from {{ ref('stg_fl__voters') }}
    union all
    select
        voter_id,
        state,
        county_fips,
        status,
        party_code,
        source_party_code,
        sex,
        race_code,
        birth_date,
        birth_year,
        registration_date,
        precinct_code,
        precinct_name,
        municipality_key,
        municipality_name,
        municipality_basis,
        congressional_district_id,
        state_senate_district_id,
        state_house_district_id,
        is_protected,
        valid_from,
        valid_to
    from {{ ref('stg_va__voters') }}
    union all
    select
        voter_id,
        state,
        county_fips,
        status,
        party_code,
        source_party_code,
        sex,
        race_code,
        birth_date,
        birth_year,
        registration_date,
        precinct_code,
        precinct_name,
        municipality_key,
        municipality_name,
        municipality_basis,
        congressional_district_id,
        state_senate_district_id,
        state_house_district_id,
        is_protected,
        valid_from,
        valid_to
    from {{ ref('stg_pa__voters') }}
),

-- Where a state withholds a person's place, the place is called withheld and the person still counts.
placed as (
    select
        *,
        case when is_protected then 'withheld' else 'unknown' end as no_place
    from all_versions
)

select
    voter_id,
    state,
    county_fips,
    status,
    party_code,
    source_party_code,
    sex,
    race_code,
    birth_date,
    birth_year,
    registration_date,
    county_fips || '-' || coalesce(precinct_code, no_place) as precinct_id,
    precinct_name,
    case
        when municipality_key is not null then state || '-' || municipality_key
        when precinct_code is null then county_fips || '-' || no_place
        else county_fips || '-unincorporated'
    end as municipality_id,
    municipality_name,
    municipality_basis,
    coalesce(congressional_district_id, state || '-' || no_place) as congressional_district_id,
    coalesce(state_senate_district_id, state || '-' || no_place) as state_senate_district_id,
    coalesce(state_house_district_id, state || '-' || no_place) as state_house_district_id,
    is_protected,
    valid_from,
    valid_to
from placed
