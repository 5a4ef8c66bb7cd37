-- Everybody a universe may hold: the registered, with where they vote and with whom they live, and the people of the
-- campaign's own feeds who are on no voter file.
with

known as (
    select
        person_id,
        voter_id,
        state,
        is_protected
    from {{ ref('int_identity__people') }}
)

select
    ids.person_id,
    voters.voter_id,
    homes.household_id,
    voters.state,
    voters.county_fips,
    voters.split_id,
    voters.is_protected,
    known.person_id is not null as is_on_own_record
from {{ ref('int_voters__current') }} as voters
inner join {{ ref('int_identity__households') }} as homes on voters.voter_id = homes.voter_id
inner join {{ ref('int_identity__voter_ids') }} as ids on voters.voter_id = ids.voter_id
left join known on voters.voter_id = known.voter_id
union all
select
    known.person_id,
    known.voter_id,
    known.person_id as household_id,
    known.state,
    cast(null as varchar) as county_fips,
    cast(null as varchar) as split_id,
    known.is_protected,
    true as is_on_own_record
from known
where known.voter_id is null
