-- Every voter lives in one media market: what can be persuaded by market is what can be persuaded in the contest,
-- as people and as votes, and each market's people are the ledger's.
with

by_contest as (
    select
        atoms.contest_id,
        sum(atoms.persuasion_pool) as persuasion_pool,
        sum(measures.persuadable_mass) as persuadables
    from {{ ref('int_goals__contest_splits') }} as atoms
    inner join {{ ref('int_goals__split_measures') }} as measures on atoms.split_id = measures.split_id
    group by atoms.contest_id
),

by_market as (
    select
        contest_id,
        sum(persuasion_pool) as persuasion_pool,
        sum(persuadables) as persuadables
    from {{ ref('media_market_plan') }}
    group by contest_id
)

select by_contest.contest_id
from by_contest
left join by_market on by_contest.contest_id = by_market.contest_id
where
    by_market.contest_id is null
    or by_market.persuasion_pool <> by_contest.persuasion_pool
    or by_market.persuadables <> by_contest.persuadables
union all
select ledger.contest_id
from {{ ref('district_vote_goals') }} as ledger
left join {{ ref('media_market_plan') }} as markets
    on ledger.contest_id = markets.contest_id and ledger.geography_id = markets.media_market_id
where
    ledger.geography_type = 'media_market'
    and (markets.contest_id is null or markets.persuasion_pool <> ledger.persuasion_pool)
