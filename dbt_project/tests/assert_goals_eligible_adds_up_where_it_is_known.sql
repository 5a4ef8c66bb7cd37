-- Eligible people add up over every kind of area wherever the whole contest has an estimate.
with totals as (
    select
        contest_id,
        geography_type,
        sum(eligible) as eligible,
        sum(registration_gap) as registration_gap
    from {{ ref('district_vote_goals') }}
    group by contest_id, geography_type
)

select
    parts.contest_id,
    parts.geography_type
from totals as parts
inner join totals as wholes
    on parts.contest_id = wholes.contest_id and wholes.geography_type = 'contest'
where
    wholes.eligible is not null
    and (
        parts.eligible is null
        or parts.eligible <> wholes.eligible
        or parts.registration_gap <> wholes.registration_gap
    )
