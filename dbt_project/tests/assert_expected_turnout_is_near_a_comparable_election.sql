-- A turnout far from what the same people did at the comparable election is a broken join or a missing history,
-- not a forecast; media and field would buy for an electorate that does not exist.
with

by_state as (
    select
        scores.state as state,
        sum(scores.p_turnout) as expected_votes,
        sum(case when voters.voted_in_training then 1 else 0 end) as votes_then
    from {{ ref('int_scores__voters') }} as scores
    inner join {{ ref('int_voters__features') }} as voters on scores.voter_id = voters.voter_id
    group by scores.state
)

select
    state,
    expected_votes,
    votes_then
from by_state
where expected_votes < 0.7 * votes_then or expected_votes > 2 * votes_then
