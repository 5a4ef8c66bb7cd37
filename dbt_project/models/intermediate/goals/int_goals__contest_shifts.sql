-- One row per contest and line: the one shift on the logit scale that hands its total down.
with lines as (
    select
        contest_id,
        cast('win_number' as varchar) as measure,
        win_number as goal
    from {{ ref('int_goals__contest_targets') }}
    union all
    select
        contest_id,
        cast('vote_goal' as varchar) as measure,
        vote_goal as goal
    from {{ ref('int_goals__contest_targets') }}
),

units as (
    select
        lines.contest_id,
        lines.measure,
        lines.goal,
        turnout.split_id,
        turnout.expected_turnout,
        turnout.support_share
    from lines
    inner join {{ ref('int_goals__contest_turnout') }} as turnout on lines.contest_id = turnout.contest_id
),

{{ logit_shift_ctes('found', 'units', ['contest_id', 'measure'], 'expected_turnout', 'support_share', 'goal') }},

quotas as (
    select
        units.contest_id,
        units.measure,
        units.goal,
        found.shift,
        {{ shifted_quota('units.expected_turnout', 'units.support_share', 'found.shift', 'units.goal') }} as quota
    from units
    left join found on units.contest_id = found.contest_id and units.measure = found.measure
)

select
    contest_id,
    measure,
    cast(max(goal) as bigint) as goal,
    cast(max(shift) as decimal(20, 15)) as shift,
    cast(sum(quota) - max(goal) as decimal(24, 12)) as residual
from quotas
group by contest_id, measure
