{{ config(severity='warn') }}
-- When a state writes its precinct codes differently in its voter file and its results, every precinct falls
-- back to its county without an error, and precinct and city goals lose their shape. Fewer than half of a
-- state's voters in precincts with certified votes, though the results have precincts, is such a break.
with

certified_precincts as (
    select distinct precinct_id
    from {{ ref('int_results__precinct_shares') }}
    where precinct_id is not null and votes_for + votes_against > 0
),

states_with_precincts as (
    select distinct state
    from {{ ref('int_results__precinct_shares') }}
    where precinct_id is not null
),

by_state as (
    select
        voters.state as state,
        count(*) as voters,
        count(certified_precincts.precinct_id) as voters_matched
    from {{ ref('int_voters__features') }} as voters
    left join certified_precincts on voters.precinct_id = certified_precincts.precinct_id
    group by voters.state
)

select
    by_state.state,
    by_state.voters,
    by_state.voters_matched
from by_state
inner join states_with_precincts on by_state.state = states_with_precincts.state
where by_state.voters_matched * 2 < by_state.voters
