-- How each wording does in each segment: grand mean + wording + segment + interplay, each drawn towards what is
-- known without it. theta = w * d + (1 - w) * mu with w = tau^2 / (tau^2 + se^2), where d is the cell's own rate.
-- All of it on the arcsine scale, on which a rate out of n has the error 1 / (n + 1/2) whatever the rate: rates of a
-- few percent keep an honest error and no estimate leaves 0 to 1. See macros/pooling.sql.
with

cells as (
    select
        channel,
        campaign_id,
        campaign_name,
        segment,
        message,
        sent,
        responses,
        {{ rate_score('responses', 'sent') }} as own_score,
        sent + 0.5e0 as known_to
    from {{ ref('int_message__cells') }}
),

totals as (
    select
        channel,
        campaign_id,
        cast(sum({{ term('known_to') }}) as double) as known_to,
        cast(sum({{ term('known_to * own_score') }}) as double)
        / cast(sum({{ term('known_to') }}) as double) as mean
    from cells
    group by channel, campaign_id
),

message_rates as (
    select
        cells.channel,
        cells.campaign_id,
        cells.message,
        cast(sum({{ term('cells.known_to * cells.own_score') }}) as double)
        / cast(sum({{ term('cells.known_to') }}) as double) - totals.mean as deviation,
        1 / cast(sum({{ term('cells.known_to') }}) as double) as se2
    from cells
    inner join totals on cells.channel = totals.channel and cells.campaign_id = totals.campaign_id
    group by cells.channel, cells.campaign_id, cells.message, totals.mean
),

message_spread as (
    select
        channel,
        campaign_id,
        count(*) as messages,
        {{ variance_between(
            'sum(' ~ term('power(deviation, 2) / se2') ~ ')', 'count(*)',
            'sum(' ~ term('1 / se2') ~ ')', 'sum(' ~ term('1 / power(se2, 2)') ~ ')'
        ) }} as tau2
    from message_rates
    group by channel, campaign_id
),

message_effects as (
    select
        message_rates.channel,
        message_rates.campaign_id,
        message_rates.message,
        message_spread.messages,
        {{ kept_share('message_spread.tau2', 'message_rates.se2') }} as kept,
        message_rates.deviation * {{ kept_share('message_spread.tau2', 'message_rates.se2') }} as effect,
        message_rates.se2 * {{ kept_share('message_spread.tau2', 'message_rates.se2') }} as variance
    from message_rates
    inner join message_spread
        on message_rates.channel = message_spread.channel and message_rates.campaign_id = message_spread.campaign_id
),

-- Segments are judged by what they answered beyond what their wordings would have brought.
segment_rates as (
    select
        cells.channel,
        cells.campaign_id,
        cells.segment,
        cast(
            sum({{ term('cells.known_to * (cells.own_score - totals.mean - message_effects.effect)') }}) as double
        ) / cast(sum({{ term('cells.known_to') }}) as double) as deviation,
        1 / cast(sum({{ term('cells.known_to') }}) as double) as se2
    from cells
    inner join totals on cells.channel = totals.channel and cells.campaign_id = totals.campaign_id
    inner join message_effects
        on
            cells.channel = message_effects.channel
            and cells.campaign_id = message_effects.campaign_id
            and cells.message = message_effects.message
    group by cells.channel, cells.campaign_id, cells.segment
),

segment_spread as (
    select
        channel,
        campaign_id,
        count(*) as segments,
        {{ variance_between(
            'sum(' ~ term('power(deviation, 2) / se2') ~ ')', 'count(*)',
            'sum(' ~ term('1 / se2') ~ ')', 'sum(' ~ term('1 / power(se2, 2)') ~ ')'
        ) }} as tau2
    from segment_rates
    group by channel, campaign_id
),

segment_effects as (
    select
        segment_rates.channel,
        segment_rates.campaign_id,
        segment_rates.segment,
        segment_spread.segments,
        1 / segment_rates.se2 as known_to,
        segment_rates.deviation * {{ kept_share('segment_spread.tau2', 'segment_rates.se2') }} as effect,
        segment_rates.se2 * {{ kept_share('segment_spread.tau2', 'segment_rates.se2') }} as variance
    from segment_rates
    inner join segment_spread
        on segment_rates.channel = segment_spread.channel and segment_rates.campaign_id = segment_spread.campaign_id
),

expected as (
    select
        cells.*,
        1 / cells.known_to as se2,
        totals.mean + message_effects.effect + segment_effects.effect as mu,
        message_effects.messages,
        segment_effects.segments,
        message_effects.variance as message_variance,
        segment_effects.variance + 1 / totals.known_to as shared_variance
    from cells
    inner join totals on cells.channel = totals.channel and cells.campaign_id = totals.campaign_id
    inner join message_effects
        on
            cells.channel = message_effects.channel
            and cells.campaign_id = message_effects.campaign_id
            and cells.message = message_effects.message
    inner join segment_effects
        on
            cells.channel = segment_effects.channel
            and cells.campaign_id = segment_effects.campaign_id
            and cells.segment = segment_effects.segment
),

-- The interplay has (segments - 1) * (wordings - 1) degrees of freedom, as the effects were fitted to the same cells.
interplay as (
    select
        channel,
        campaign_id,
        {{ interplay_variance(
            'sum(' ~ term('known_to * power(own_score - mu, 2)') ~ ')', 'sum(' ~ term('known_to') ~ ')',
            'min(segments)', 'min(messages)'
        ) }} as tau2
    from expected
    group by channel, campaign_id
),

pooled as (
    select
        expected.channel,
        expected.campaign_id,
        expected.campaign_name,
        expected.segment,
        expected.message,
        expected.messages,
        expected.sent,
        expected.responses,
        expected.own_score,
        {{ kept_share('interplay.tau2', 'expected.se2') }} as weight,
        expected.mu,
        expected.se2,
        expected.message_variance,
        expected.shared_variance
    from expected
    inner join interplay
        on expected.channel = interplay.channel and expected.campaign_id = interplay.campaign_id
),

-- A row for everyone beside those of the segments: what to send where a segment tells too little.
stated as (
    select
        channel,
        campaign_id,
        campaign_name,
        segment,
        message,
        messages,
        sent,
        responses,
        weight,
        weight * own_score + (1 - weight) * mu as theta,
        weight * se2 + power(1 - weight, 2) * message_variance as own_variance,
        power(1 - weight, 2) * shared_variance as shared_variance
    from pooled
    union all
    select
        message_effects.channel,
        message_effects.campaign_id,
        min(cells.campaign_name) as campaign_name,
        'everyone' as segment,
        message_effects.message,
        message_effects.messages,
        sum(cells.sent) as sent,
        sum(cells.responses) as responses,
        message_effects.kept as weight,
        totals.mean + message_effects.effect as theta,
        message_effects.variance as own_variance,
        1 / totals.known_to as shared_variance
    from message_effects
    inner join totals
        on message_effects.channel = totals.channel and message_effects.campaign_id = totals.campaign_id
    inner join cells
        on
            message_effects.channel = cells.channel
            and message_effects.campaign_id = cells.campaign_id
            and message_effects.message = cells.message
    group by
        message_effects.channel, message_effects.campaign_id, message_effects.message, message_effects.messages,
        message_effects.kept, message_effects.effect, message_effects.variance, totals.mean, totals.known_to
),

-- What the wordings of a segment have in common says nothing about which is best, so only what is a wording's own
-- varies here. Where nothing does, all are equally likely the best.
spread as (
    select
        *,
        sqrt(greatest(own_variance, 1.0e-12)) as own_sd,
        -- Eight times in ten the truth is within 1.28 standard deviations.
        1.2815515655446e0 * sqrt(own_variance + shared_variance) as reach
    from stated
),

grid as (
    {{ normal_grid() }}
),

duels as (
    select
        mine.channel,
        mine.campaign_id,
        mine.segment,
        mine.message,
        grid.z,
        grid.weight,
        exp(
            cast(
                sum(
                    {{ term('ln(greatest(1.0e-9, ' ~ normal_below(
                        '(mine.theta + mine.own_sd * grid.z - other.theta) / other.own_sd'
                    ) ~ '))') }}
                ) as double
            )
        ) as all_below
    from spread as mine
    inner join spread as other
        on
            mine.channel = other.channel
            and mine.campaign_id = other.campaign_id
            and mine.segment = other.segment
            and mine.message <> other.message
    cross join grid
    group by mine.channel, mine.campaign_id, mine.segment, mine.message, grid.z, grid.weight
),

bests as (
    select
        channel,
        campaign_id,
        segment,
        message,
        sum({{ term('weight * all_below') }}) as chance
    from duels
    group by channel, campaign_id, segment, message
),

shares as (
    select
        channel,
        campaign_id,
        segment,
        message,
        cast(chance as double) / cast(sum(chance) over (partition by channel, campaign_id, segment) as double) as p_best
    from bests
),

-- The rate with everyone is the mean of the segments' rates, each as far off as the segment is. The rate of the mean
-- score would be too low: where segments answer very differently, by a sixth and more.
offsets as (
    select
        channel,
        campaign_id,
        'everyone' as segment,
        effect,
        known_to
    from segment_effects
    union all
    select
        channel,
        campaign_id,
        segment,
        0.0e0 as effect,
        1.0e0 as known_to
    from segment_effects
),

rates as (
    select
        spread.channel,
        spread.campaign_id,
        spread.segment,
        spread.message,
        cast(sum({{ term('offsets.known_to') }}) as double) as known_to,
        sum({{ term('offsets.known_to * ' ~ score_rate('spread.theta + offsets.effect')) }}) as middle,
        sum({{ term('offsets.known_to * ' ~ score_rate('spread.theta - spread.reach + offsets.effect')) }}) as low,
        sum({{ term('offsets.known_to * ' ~ score_rate('spread.theta + spread.reach + offsets.effect')) }}) as high
    from spread
    inner join offsets
        on
            spread.channel = offsets.channel
            and spread.campaign_id = offsets.campaign_id
            and spread.segment = offsets.segment
    group by spread.channel, spread.campaign_id, spread.segment, spread.message
)

select
    spread.channel,
    spread.campaign_id,
    spread.campaign_name,
    spread.segment,
    spread.message,
    cast(spread.messages as integer) as messages,
    cast(spread.sent as integer) as sent,
    cast(spread.responses as integer) as responses,
    cast(cast(spread.responses as double) / spread.sent as decimal(9, 6)) as raw_rate,
    cast(spread.weight as decimal(9, 6)) as own_weight,
    cast(cast(rates.middle as double) / rates.known_to as decimal(9, 6)) as pooled_rate,
    cast(cast(rates.low as double) / rates.known_to as decimal(9, 6)) as pooled_rate_low,
    cast(cast(rates.high as double) / rates.known_to as decimal(9, 6)) as pooled_rate_high,
    cast(coalesce(shares.p_best, 1.0e0) as decimal(9, 6)) as p_best
from spread
inner join rates
    on
        spread.channel = rates.channel
        and spread.campaign_id = rates.campaign_id
        and spread.segment = rates.segment
        and spread.message = rates.message
left join shares
    on
        spread.channel = shares.channel
        and spread.campaign_id = shares.campaign_id
        and spread.segment = shares.segment
        and spread.message = shares.message
