-- The staffing plan has a row for each county of the goal table, and asks of it what the goal table asks.
select
    coalesce(ledger.contest_id, plan.contest_id) as contest_id,
    coalesce(ledger.geography_id, plan.county_fips) as county_fips
from (
    select *
    from {{ ref('district_vote_goals') }}
    where geography_type = 'county'
) as ledger
full outer join {{ ref('field_staffing_plan') }} as plan
    on ledger.contest_id = plan.contest_id and ledger.geography_id = plan.county_fips
where
    ledger.contest_id is null
    or plan.contest_id is null
    or ledger.vote_deficit <> plan.vote_deficit
    or ledger.goal_from_gotv <> plan.goal_from_gotv
    or ledger.goal_from_persuasion <> plan.goal_from_persuasion
    or ledger.gotv_pool + ledger.persuasion_pool <> plan.pool_people
    or ledger.volunteer_hours <> plan.ledger_hours
