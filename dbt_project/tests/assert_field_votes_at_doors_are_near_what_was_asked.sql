-- What can be won at the doors of a contest's counties is what the pools were asked for, times the share of people
-- with a door: never more than was asked, and all of it where everybody has one.
select contest_id
from {{ ref('field_staffing_plan') }}
group by contest_id
having
    sum(door_votes) > sum(goal_from_gotv + goal_from_persuasion)
    or (
        sum(reachable_doors) = sum(pool_people)
        and sum(door_votes) <> sum(goal_from_gotv + goal_from_persuasion)
    )
