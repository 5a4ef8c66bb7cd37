-- Everybody of whom a feed holds a record, once. No names: they stay in int_identity__records.
with

links as (
    select
        int_identity__links.*,
        records.state as given_state
    from {{ ref('int_identity__links') }} as int_identity__links
    inner join {{ ref('int_identity__records') }} as records on int_identity__links.record_id = records.record_id
),

people as (
    select
        person_id,
        voter_id,
        max(given_state) as given_state,
        count(*) as record_count,
        count(distinct source) as source_count,
        min(first_seen_date) as first_seen_date,
        min(match_probability) as least_match_probability,
        bool_or(needs_review) as needs_review
    from links
    group by person_id, voter_id
)

select
    people.person_id,
    people.voter_id,
    coalesce(voters.state, people.given_state) as state,
    coalesce(voters.is_protected, false) as is_protected,
    cast(people.record_count as bigint) as record_count,
    cast(people.source_count as bigint) as source_count,
    people.first_seen_date,
    people.least_match_probability,
    people.needs_review
from people
left join {{ ref('int_identity__voters') }} as voters on people.voter_id = voters.voter_id
