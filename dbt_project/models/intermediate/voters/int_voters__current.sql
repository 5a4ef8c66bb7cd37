-- Everybody who is registered now, active or inactive, once.
with

current_versions as (
    select *
    from {{ ref('int_voters__versions') }}
    where valid_to is null and status in ('active', 'inactive')
),

-- An id can be delivered twice (a move between counties in progress): the active record, then the
-- newest registration, is the person's. Ranking is dear and repeats are few, so only they are ranked.
repeated as (
    select voter_id
    from current_versions
    group by voter_id
    having count(*) > 1
),

ranked as (
    select
        current_versions.*,
        row_number() over (
            partition by current_versions.voter_id
            order by
                case current_versions.status when 'active' then 0 else 1 end asc,
                current_versions.registration_date desc nulls last,
                current_versions.county_fips asc nulls last,
                current_versions.precinct_id asc
        ) as choice
    from current_versions
    inner join repeated on current_versions.voter_id = repeated.voter_id
),

people as (
    select
        current_versions.*,
        1 as choice
    from current_versions
    left join repeated on current_versions.voter_id = repeated.voter_id
    where repeated.voter_id is null
    union all
    select * from ranked
    where choice = 1
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
from people
