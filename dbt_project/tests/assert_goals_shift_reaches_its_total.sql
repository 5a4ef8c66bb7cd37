-- The shift brings every contest to its total within a millionth of a vote, and the whole numbers to it exactly.
with atoms as (
    select
        contest_id,
        sum(vote_goal) as vote_goal,
        sum(win_number) as win_number
    from {{ ref('int_goals__contest_goals') }}
    group by contest_id
)

select
    shifts.contest_id,
    shifts.measure
from {{ ref('int_goals__contest_shifts') }} as shifts
left join atoms on shifts.contest_id = atoms.contest_id
where
    shifts.residual is null
    or abs(shifts.residual) > 0.000001
    or shifts.goal <> case when shifts.measure = 'vote_goal' then atoms.vote_goal else atoms.win_number end
