-- The atoms of a contest hold each active voter of its area once, and nobody else.
with voters as (
    select
        areas.state,
        areas.geography_type,
        areas.geography_id,
        sum(case when scores.is_active then 1 else 0 end) as registered
    from {{ ref('int_scores__voters') }} as scores
    inner join {{ ref('int_goals__split_geographies') }} as areas on scores.split_id = areas.split_id
    group by areas.state, areas.geography_type, areas.geography_id
),

atoms as (
    select
        contest_id,
        sum(registered) as registered
    from {{ ref('int_goals__contest_splits') }}
    group by contest_id
)

select contests.contest_id
from {{ ref('int_contests__contests') }} as contests
left join atoms on contests.contest_id = atoms.contest_id
left join voters
    on
        contests.state = voters.state
        and contests.geography_type = voters.geography_type
        and contests.geography_id = voters.geography_id
where coalesce(atoms.registered, -1) <> coalesce(voters.registered, -2)
