-- Votes that counted, once per person and election. Relabelled methods and moves between counties
-- repeat rows in the delivered files.
with

counted as (
    select
        voter_id,
        state,
        election_date,
        election_type,
        party_ballot,
        method
    from {{ ref('stg_nc__history') }}
    where is_counted and election_date is not null
    union all
    select
        voter_id,
        state,
        election_date,
        election_type,
        party_ballot,
        method
    from {{ ref('stg_oh__history') }}
    where is_counted and election_date is not null
    union all
    select
        voter_id,
        state,
        election_date,
        election_type,
        party_ballot,
        method
    from {{ ref('stg_fl__history') }}
    where is_counted and election_date is not null
    union all
    select
        voter_id,
        state,
        election_date,
        election_type,
        party_ballot,
        method
    from {{ ref('stg_va__history') }}
    where is_counted and election_date is not null
    union all
    select
        voter_id,
        state,
        election_date,
        election_type,
        party_ballot,
        method
    from {{ ref('stg_pa__history') }}
    where is_counted and election_date is not null
),

once as (
    select
        voter_id,
        election_date,
        election_type,
        min(state) as state,
        max(party_ballot) as party_ballot,
        max(method) as method
    from counted
    group by voter_id, election_date, election_type
)

select
    voter_id,
    state,
    election_date,
    election_type,
    party_ballot,
    method
from once
