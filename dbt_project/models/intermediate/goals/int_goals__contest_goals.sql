-- One row per contest and precinct split: the vote goal and the win number, as whole numbers.
with quotas as (
    select
        turnout.contest_id,
        turnout.split_id,
        turnout.expected_turnout,
        targets.vote_goal,
        targets.win_number,
        {{ shifted_quota('turnout.expected_turnout', 'turnout.support_share', 'goals.shift', 'targets.vote_goal') }}
            as goal_quota,
        {{ shifted_quota('turnout.expected_turnout', 'turnout.support_share', 'wins.shift', 'targets.win_number') }}
            as win_quota
    from {{ ref('int_goals__contest_turnout') }} as turnout
    inner join {{ ref('int_goals__contest_targets') }} as targets on turnout.contest_id = targets.contest_id
    inner join {{ ref('int_goals__contest_shifts') }} as goals
        on turnout.contest_id = goals.contest_id and goals.measure = 'vote_goal'
    inner join {{ ref('int_goals__contest_shifts') }} as wins
        on turnout.contest_id = wins.contest_id and wins.measure = 'win_number'
),

goals as (
    {{ largest_remainder('quotas', ['contest_id'], 'split_id', 'goal_quota', 'vote_goal', cap='expected_turnout') }}
),

-- The goal first, then the win number within it: so winning never asks for more than the goal, anywhere.
within_goal as (
    select
        quotas.contest_id,
        quotas.split_id,
        quotas.win_quota,
        quotas.win_number,
        goals.allocated as vote_goal
    from quotas
    inner join goals on quotas.contest_id = goals.contest_id and quotas.split_id = goals.split_id
),

wins as (
    {{ largest_remainder('within_goal', ['contest_id'], 'split_id', 'win_quota', 'win_number', cap='vote_goal') }}
)

select
    within_goal.contest_id,
    within_goal.split_id,
    wins.allocated as win_number,
    within_goal.vote_goal
from within_goal
inner join wins on within_goal.contest_id = wins.contest_id and within_goal.split_id = wins.split_id
