-- One row per pool: the channel its cost is reckoned with, its rates and where they come from.
select
    rates.purpose,
    rates.channel,
    rates.contact_rate,
    rates.attempts_per_hour,
    rates.net_votes_per_contact,
    rates.cost_per_attempt_usd,
    rates.effect_share,
    rates.cost_per_net_vote_usd,
    coalesce(overrides.source, shipped.source) as source,
    coalesce(overrides.year, shipped.year) as year,
    shipped.confidence,
    coalesce(overrides.reason, shipped.reason) as reason,
    overrides.reason is not null as is_overridden,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_goals__pool_rates') }} as rates
left join {{ ref('contact_rates') }} as shipped
    on rates.purpose = shipped.purpose and rates.channel = shipped.channel and shipped.rate_profile = 'default'
left join {{ ref('contact_rate_overrides') }} as overrides
    on rates.purpose = overrides.purpose and rates.channel = overrides.channel
cross join {{ source('config', 'campaign') }} as campaign
