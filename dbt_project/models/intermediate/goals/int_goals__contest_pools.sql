-- One row per contest and pool: what it can yield, how much of the deficit it is given, at what cost.
with atoms as (
    select
        turnout.contest_id,
        contests.roll_off,
        measures.gotv_mass,
        measures.persuasion_mass,
        registration.registration_mass
    from {{ ref('int_goals__contest_turnout') }} as turnout
    inner join {{ ref('int_contests__contests') }} as contests on turnout.contest_id = contests.contest_id
    inner join {{ ref('int_goals__split_measures') }} as measures on turnout.split_id = measures.split_id
    inner join {{ ref('int_goals__split_registration') }} as registration on turnout.split_id = registration.split_id
),

pools as (
    {%- for purpose in goals_purposes() %}
    select
        contest_id,
        cast('{{ purpose }}' as varchar) as purpose,
        {{ loop.index }} as purpose_order,
        cast(cast(sum({{ purpose }}_mass) as decimal(20, 9)) * max(roll_off) as decimal(30, 15)) as mass
    from atoms
    group by contest_id
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

yields as (
    select
        pools.contest_id,
        pools.purpose,
        pools.purpose_order,
        rates.channel,
        rates.contact_rate,
        rates.attempts_per_hour,
        rates.net_votes_per_contact,
        rates.cost_per_attempt_usd,
        rates.cost_per_net_vote_usd,
        cast(floor(coalesce({{ as_quota('pools.mass') }} * rates.effect_share, 0)) as bigint) as expected_yield,
        greatest(targets.vote_deficit, 0) as deficit
    from pools
    inner join {{ ref('int_goals__contest_targets') }} as targets on pools.contest_id = targets.contest_id
    left join {{ ref('int_goals__pool_rates') }} as rates on pools.purpose = rates.purpose
),

-- Cheapest expected net vote first; what the cheaper pools can yield is not asked of the dearer ones.
queued as (
    select
        *,
        coalesce(
            sum(expected_yield) over (
                partition by contest_id
                order by cost_per_net_vote_usd asc nulls last, purpose_order asc nulls last
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as yield_of_cheaper
    from yields
),

served as (
    select
        *,
        cast(greatest(0, least(expected_yield, deficit - yield_of_cheaper)) as bigint) as goal
    from queued
)

select
    contest_id,
    purpose,
    channel,
    cost_per_net_vote_usd,
    expected_yield,
    goal,
    coalesce({{ round_half_up(as_quota('goal / cast(net_votes_per_contact as double)')) }}, 0) as contacts,
    coalesce({{ round_half_up(as_quota('goal / (cast(net_votes_per_contact as double) * contact_rate)')) }}, 0)
        as attempts,
    -- No attempts per hour: a channel that is bought, not staffed.
    coalesce(
        {{ round_half_up(as_quota(
            'goal / nullif(cast(net_votes_per_contact as double) * contact_rate * attempts_per_hour, 0)')) }},
        0
    ) as volunteer_hours,
    coalesce(
        {{ round_half_up(as_quota(
            '100 * goal * cast(cost_per_attempt_usd as double)'
            ~ ' / (cast(net_votes_per_contact as double) * contact_rate)')) }},
        0
    ) as cost_cents
from served
