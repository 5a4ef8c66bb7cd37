-- For the contest, what the pools are asked and what none can cover is the positive deficit, and no
-- pool is asked for more than it can yield.
select contest_id
from {{ ref('district_vote_goals') }}
where
    geography_type = 'contest'
    and (
        greatest(vote_deficit, 0)
        <> goal_from_gotv + goal_from_persuasion + goal_from_registration + uncovered_deficit
        or goal_from_gotv > gotv_expected_yield
        or goal_from_persuasion > persuasion_expected_yield
        or goal_from_registration > registration_expected_yield
    )
