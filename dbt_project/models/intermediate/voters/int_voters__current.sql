-- Everybody who is registered now, active or inactive, once.
with

current_versions as (
    select *
    from {{ ref('int_voters__versions') }}
    where valid_to is null and status in ('active', 'inactive')
),

-- An id can be delivered twice (a move between counties in progress): the active record, then the
-- newest registration, is the person's.
ranked as (
    select
        *,
        row_number() over (
            partition by voter_id
            order by
                case status when 'active' then 0 else 1 end asc,
                registration_date desc nulls last,
                county_fips asc nulls last,
                precinct_id asc
        ) as choice
    from current_versions
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
    precinct_id,
    precinct_name,
    municipality_id,
    municipality_name,
    municipality_basis,
    congressional_district_id,
    state_senate_district_id,
    state_house_district_id,
    {{ split_id('state', [
        'precinct_id', 'municipality_id', 'congressional_district_id', 'state_senate_district_id',
        'state_house_district_id',
    ]) }} as split_id,
    is_protected,
    valid_from
from ranked
where choice = 1
