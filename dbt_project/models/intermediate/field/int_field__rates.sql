-- One row per pool and channel: the contact rate in use, the shipped one pulled towards the campaign's own experience
-- once there is enough of it, and what a net vote costs at that rate.
with

rules as (
    {{ field_rule_row() }}
),

shipped as (
    {{ rates_in_use() }}
),

-- Texts and letters are sent, not tried: every one counts as a contact in the shipped rates too.
own as (
    select
        channel,
        cast(count(*) as bigint) as attempts,
        cast(sum(case when is_contact then 1 else 0 end) as bigint) as contacts
    from {{ ref('stg_van__contacts') }}
    where channel in ('door', 'phone')
    group by channel
),

joined as (
    select
        shipped.purpose,
        shipped.channel,
        cast(shipped.contact_rate as double) as contact_rate,
        cast(shipped.attempts_per_hour as double) as attempts_per_hour,
        cast(shipped.net_votes_per_contact as double) as net_votes_per_contact,
        cast(shipped.cost_per_attempt_usd as double) as cost_per_attempt_usd,
        coalesce(own.attempts, 0) as own_attempts,
        coalesce(own.contacts, 0) as own_contacts,
        coalesce(own.attempts >= rules.contact_rate_min_attempts, false) as is_pooled,
        cast(rules.contact_rate_prior_attempts as double) as prior_attempts
    from shipped
    left join own on shipped.channel = own.channel
    cross join rules
    where
        shipped.purpose in ('gotv', 'persuasion')
        and shipped.contact_rate > 0
        and shipped.net_votes_per_contact > 0
),

pooled as (
    select
        *,
        cast(
            case
                when is_pooled
                    then (own_contacts + prior_attempts * contact_rate) / (own_attempts + prior_attempts)
                else contact_rate
            end as decimal(12, 9)
        ) as rate_in_use
    from joined
)

select
    purpose,
    channel,
    cast(contact_rate as decimal(12, 9)) as shipped_contact_rate,
    own_attempts,
    own_contacts,
    rate_in_use as contact_rate,
    case when is_pooled then 'pooled' else 'shipped' end as rate_basis,
    cast(attempts_per_hour * cost_per_attempt_usd as decimal(18, 4)) as hour_usd,
    cast(attempts_per_hour * cast(rate_in_use as double) * net_votes_per_contact as decimal(18, 9))
        as net_votes_per_hour,
    cast(cost_per_attempt_usd / (cast(rate_in_use as double) * net_votes_per_contact) as decimal(18, 4))
        as cost_per_net_vote_usd
from pooled
