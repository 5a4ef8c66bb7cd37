-- One row per ZIP code: the county in which most of its registered voters live. For people of whom only the ZIP code
-- is known, such as volunteers.
with

counted as (
    select
        people.residence_zip as zip5,
        current_voters.state,
        current_voters.county_fips,
        count(*) as voters
    from {{ ref('int_voters__people') }} as people
    inner join {{ ref('int_voters__current') }} as current_voters on people.voter_id = current_voters.voter_id
    where people.residence_zip is not null
    group by people.residence_zip, current_voters.state, current_voters.county_fips
),

ranked as (
    select
        *,
        row_number() over (partition by zip5 order by voters desc nulls last, county_fips asc nulls last) as place
    from counted
)

select
    zip5,
    state,
    county_fips,
    voters
from ranked
where place = 1
