-- One row per contest and precinct split: expected turnout and expected votes for us, as whole numbers.
with atoms as (
    select
        contests.contest_id,
        contests.roll_off,
        measures.*
    from {{ ref('int_contests__contests') }} as contests
    inner join {{ ref('int_goals__split_geographies') }} as areas
        on
            contests.state = areas.state
            and contests.geography_type = areas.geography_type
            and contests.geography_id = areas.geography_id
    inner join {{ ref('int_goals__split_measures') }} as measures
        on areas.split_id = measures.split_id
),

quotas as (
    select
        contest_id,
        split_id,
        support_mass,
        turnout_mass,
        {{ as_quota('turnout_mass * roll_off') }} as turnout_quota,
        {{ as_quota('support_mass * roll_off') }} as support_quota,
        {{ as_quota('base_mass * roll_off') }} as base_quota
    from atoms
),

totals as (
    select
        contest_id,
        {{ round_half_up('cast(sum(turnout_mass) as decimal(20, 9)) * max(roll_off)') }} as expected_turnout,
        {{ round_half_up('cast(sum(support_mass) as decimal(20, 9)) * max(roll_off)') }} as expected_support,
        {{ round_half_up('cast(sum(base_mass) as decimal(20, 9)) * max(roll_off)') }} as base_vote
    from atoms
    group by contest_id
),

to_hand_down as (
    select
        quotas.contest_id,
        quotas.split_id,
        quotas.turnout_quota,
        quotas.support_quota,
        quotas.base_quota,
        totals.expected_turnout,
        totals.expected_support,
        totals.base_vote
    from quotas
    inner join totals on quotas.contest_id = totals.contest_id
),

turnout as (
    {{ largest_remainder('to_hand_down', ['contest_id'], 'split_id', 'turnout_quota', 'expected_turnout') }}
),

-- Our votes are part of the turnout, so no split may be given more of them than it has turnout.
within_turnout as (
    select
        to_hand_down.contest_id,
        to_hand_down.split_id,
        to_hand_down.support_quota,
        to_hand_down.expected_support,
        turnout.allocated as expected_turnout
    from to_hand_down
    inner join turnout
        on to_hand_down.contest_id = turnout.contest_id and to_hand_down.split_id = turnout.split_id
),

support as (
    {{ largest_remainder(
        'within_turnout', ['contest_id'], 'split_id', 'support_quota', 'expected_support', cap='expected_turnout') }}
),

-- And the reliable ones among them are part of those.
within_support as (
    select
        to_hand_down.contest_id,
        to_hand_down.split_id,
        to_hand_down.base_quota,
        to_hand_down.base_vote,
        support.allocated as expected_support
    from to_hand_down
    inner join support
        on to_hand_down.contest_id = support.contest_id and to_hand_down.split_id = support.split_id
),

base as (
    {{ largest_remainder(
        'within_support', ['contest_id'], 'split_id', 'base_quota', 'base_vote', cap='expected_support') }}
)

select
    quotas.contest_id,
    quotas.split_id,
    turnout.allocated as expected_turnout,
    support.allocated as expected_support,
    base.allocated as base_vote,
    -- A split where nobody is expected to vote says nothing about support: one half. (The null is replaced
    -- first: greatest and least pass over nulls.)
    cast(
        greatest(
            0.001, least(0.999, coalesce(cast(quotas.support_mass as double) / nullif(quotas.turnout_mass, 0), 0.5))
        ) as decimal(9, 6)
    ) as support_share
from quotas
inner join turnout on quotas.contest_id = turnout.contest_id and quotas.split_id = turnout.split_id
inner join support on quotas.contest_id = support.contest_id and quotas.split_id = support.split_id
inner join base on quotas.contest_id = base.contest_id and quotas.split_id = base.split_id
