-- Every scored voter's split is known and lies in exactly one area of each kind, and is scored.
with areas as (
    select
        split_id,
        count(geography_id) as kinds
    from {{ ref('int_goals__split_geographies') }}
    group by split_id
)

select scores.split_id
from {{ ref('int_scores__voters') }} as scores
left join areas on scores.split_id = areas.split_id
where
    coalesce(areas.kinds, 0) <> {{ goals_geographies() | length }}
    or scores.p_turnout is null
    or scores.p_support is null
