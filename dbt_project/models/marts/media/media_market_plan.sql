-- One row per contest and media market: who can be persuaded there, what it costs to reach them on television,
-- and whether that is worth it beside the ledger's own way of persuading.
with

places as (
    select
        splits.split_id,
        splits.state,
        splits.media_market_id,
        measures.registered,
        measures.persuadable_mass
    from {{ ref('int_geography__splits') }} as splits
    inner join {{ ref('int_goals__split_measures') }} as measures on splits.split_id = measures.split_id
),

-- From the map itself: names of other areas come from people's addresses.
names as (
    select
        media_market_id,
        min(media_market_name) as media_market_name
    from {{ ref('stg_geography__media_markets') }}
    group by media_market_id
),

states as (
    select
        state,
        media_market_id,
        sum(registered) as registered
    from places
    group by state, media_market_id
),

markets as (
    select
        atoms.contest_id,
        places.state,
        places.media_market_id,
        sum(atoms.registered) as registered,
        sum(atoms.persuasion_pool) as persuasion_pool,
        cast(sum(places.persuadable_mass) as decimal(20, 9)) as persuadables
    from {{ ref('int_goals__contest_splits') }} as atoms
    inner join places on atoms.split_id = places.split_id
    group by atoms.contest_id, places.state, places.media_market_id
),

priced as (
    select
        markets.contest_id,
        markets.state,
        markets.media_market_id,
        markets.registered,
        markets.persuasion_pool,
        markets.persuadables,
        contests.roll_off,
        targets.vote_deficit,
        effects.effect_share,
        effects.effect_low_share,
        effects.effect_high_share,
        effects.source as effect_source,
        effects.year as effect_year,
        rates.cost_per_point_usd,
        rates.planned_points,
        rates.reach_at_plan_share,
        rates.source as rates_source,
        rates.quoted_date,
        persuading.channel as other_channel,
        persuading.cost_per_net_vote_usd as other_cost_per_net_vote_usd,
        cast(rates.tv_homes_in_state as double) / rates.tv_homes as in_state,
        -- Of a district only that part of the market's people in the state who live in it.
        cast(markets.registered as double) / nullif(states.registered, 0) as in_contest_of_state,
        cast(rates.cost_per_point_usd * rates.planned_points as decimal(18, 2)) as planned_cost_usd
    from markets
    inner join states on markets.state = states.state and markets.media_market_id = states.media_market_id
    inner join {{ ref('int_contests__contests') }} as contests on markets.contest_id = contests.contest_id
    inner join {{ ref('int_goals__contest_targets') }} as targets on markets.contest_id = targets.contest_id
    inner join {{ ref('media_effects') }} as effects on effects.medium = 'tv'
    left join {{ ref('stg_media__market_rates') }} as rates
        on markets.media_market_id = rates.media_market_id and markets.state = rates.state
    left join {{ ref('int_goals__pool_rates') }} as persuading on persuading.purpose = 'persuasion'
),

reckoned as (
    select
        *,
        cast(in_state as decimal(9, 6)) as in_state_share,
        cast(in_state * in_contest_of_state as decimal(9, 6)) as in_contest_share,
        cast(persuadables as double) * reach_at_plan_share as reached,
        cast(cast(persuadables as double) * roll_off * reach_at_plan_share * effect_share as decimal(18, 6))
            as expected_net_votes,
        cast(cast(persuadables as double) * roll_off * reach_at_plan_share * effect_low_share as decimal(18, 6))
            as expected_net_votes_low,
        cast(cast(persuadables as double) * roll_off * reach_at_plan_share * effect_high_share as decimal(18, 6))
            as expected_net_votes_high,
        sum(case when planned_cost_usd is not null then persuadables end) over (partition by contest_id)
            as rated_persuadables,
        sum(planned_cost_usd) over (partition by contest_id) as rated_cost_usd
    from priced
),

costed as (
    select
        *,
        cast(1000 * cast(planned_cost_usd as double) / nullif(reached, 0) as decimal(18, 4))
            as cost_per_1000_persuadables_usd,
        -- Markets without rates are in neither share.
        cast(
            100 * (cast(persuadables as double) / nullif(rated_persuadables, 0))
            / nullif(cast(planned_cost_usd as double) / nullif(rated_cost_usd, 0), 0) as decimal(18, 4)
        ) as swing_efficiency_index,
        cast(cast(planned_cost_usd as double) / nullif(cast(expected_net_votes as double), 0) as decimal(18, 4))
            as cost_per_net_vote_usd
    from reckoned
),

ranked as (
    select
        *,
        row_number() over (
            partition by contest_id order by cost_per_net_vote_usd asc nulls last, media_market_id asc nulls last
        ) as market_rank,
        case
            when planned_cost_usd is null then 'no rates'
            when vote_deficit <= 0 or cost_per_net_vote_usd is null then 'do not buy'
            when cost_per_net_vote_usd > other_cost_per_net_vote_usd then 'do not buy'
            else 'buy'
        end as recommendation,
        case
            when planned_cost_usd is null then 'no rates were given for this market'
            when vote_deficit <= 0 then 'the vote goal is already reached without it'
            when cost_per_net_vote_usd is null then 'nobody to persuade is reached here'
            when cost_per_net_vote_usd > other_cost_per_net_vote_usd
                then 'a net vote costs less by ' || other_channel
            when other_channel is null then 'no other way of persuading has rates'
            else 'a net vote costs no more than by ' || other_channel
        end as reason
    from costed
)

select
    ranked.contest_id,
    contests.election_date,
    ranked.state,
    contests.office_code,
    contests.district_id,
    ranked.media_market_id,
    coalesce(names.media_market_name, 'No media market given') as media_market_name,
    cast(ranked.registered as bigint) as registered,
    cast(ranked.persuasion_pool as bigint) as persuasion_pool,
    ranked.persuadables,
    ranked.in_state_share,
    ranked.in_contest_share,
    cast(1 - ranked.in_contest_share as decimal(9, 6)) as waste_share,
    ranked.cost_per_point_usd,
    ranked.planned_points,
    ranked.reach_at_plan_share,
    ranked.planned_cost_usd,
    ranked.cost_per_1000_persuadables_usd,
    ranked.swing_efficiency_index,
    ranked.expected_net_votes,
    ranked.expected_net_votes_low,
    ranked.expected_net_votes_high,
    ranked.cost_per_net_vote_usd,
    ranked.other_channel,
    ranked.other_cost_per_net_vote_usd,
    cast(ranked.market_rank as bigint) as market_rank,
    ranked.recommendation,
    ranked.reason,
    ranked.effect_share,
    ranked.effect_source,
    ranked.effect_year,
    ranked.rates_source,
    ranked.quoted_date as rates_quoted_date,
    campaign.data_as_of,
    campaign.release_id
from ranked
inner join {{ ref('int_contests__contests') }} as contests on ranked.contest_id = contests.contest_id
left join names on ranked.media_market_id = names.media_market_id
cross join {{ source('config', 'campaign') }} as campaign
