-- One row per pool: the channel that wins a vote there at the lowest cost, and its rates.
with in_use as (
    {{ rates_in_use() }}
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
