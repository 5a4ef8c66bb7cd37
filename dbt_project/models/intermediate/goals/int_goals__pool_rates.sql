-- One row per pool: the channel that wins a vote there at the lowest cost, and its rates.
with shipped as (
    select
        rate_profile,
        purpose,
        channel,
        contact_rate,
        attempts_per_hour,
        net_votes_per_contact,
        cost_per_attempt_usd,
        effect_share
    from {{ ref('contact_rates') }}
    where rate_profile = 'default'
),

overrides as (
    select
        purpose,
        channel,
        contact_rate,
        attempts_per_hour,
        net_votes_per_contact,
        cost_per_attempt_usd,
        effect_share
    from {{ ref('contact_rate_overrides') }}
),

in_use as (
    select
        coalesce(overrides.purpose, shipped.purpose) as purpose,
        coalesce(overrides.channel, shipped.channel) as channel,
        coalesce(overrides.contact_rate, shipped.contact_rate) as contact_rate,
        coalesce(overrides.attempts_per_hour, shipped.attempts_per_hour) as attempts_per_hour,
        coalesce(overrides.net_votes_per_contact, shipped.net_votes_per_contact) as net_votes_per_contact,
        coalesce(overrides.cost_per_attempt_usd, shipped.cost_per_attempt_usd) as cost_per_attempt_usd,
        coalesce(overrides.effect_share, shipped.effect_share) as effect_share
    from shipped
    full outer join overrides on shipped.purpose = overrides.purpose and shipped.channel = overrides.channel
),

priced as (
    select
        purpose,
        channel,
        contact_rate,
        attempts_per_hour,
        net_votes_per_contact,
        cost_per_attempt_usd,
        effect_share,
        cast(
            cast(cost_per_attempt_usd as double) / (contact_rate * net_votes_per_contact) as decimal(18, 4)
        ) as cost_per_net_vote_usd
    from in_use
    where contact_rate > 0 and net_votes_per_contact > 0
),

ranked as (
    select
        *,
        row_number() over (
            partition by purpose order by cost_per_net_vote_usd asc nulls last, channel asc nulls last
        ) as place
    from priced
)

select
    purpose,
    channel,
    contact_rate,
    attempts_per_hour,
    net_votes_per_contact,
    cost_per_attempt_usd,
    effect_share,
    cost_per_net_vote_usd
from ranked
where place = 1
