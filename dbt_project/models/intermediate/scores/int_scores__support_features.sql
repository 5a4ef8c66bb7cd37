{{ config(materialized='view') }}
-- What the support scorecard looks at, in bins, and where those who voted in the calibration election voted.
with

chosen as (
    select
        state,
        max(election_date) as election_date
    from {{ source('config', 'comparable_elections') }}
    where purpose = 'support'
    group by state
),

-- Where a snapshot reaches back to the election: the precinct of that day. Later ones say nothing of it.
lived_then as (
    select
        versions.voter_id as voter_id,
        max(versions.precinct_id) as precinct_id
    from {{ ref('int_voters__versions') }} as versions
    inner join chosen on versions.state = chosen.state
    where
        versions.valid_from <= chosen.election_date
        and (versions.valid_to is null or versions.valid_to > chosen.election_date)
        and versions.status in ('active', 'inactive')
    group by versions.voter_id
),

voters as (
    select
        voter_id,
        state,
        county_fips,
        precinct_id,
        support_group,
        sex,
        coming_age,
        voted_in_support,
        case
            when support_group like 'D%' or support_group like 'N_D%' then 'D'
            when support_group like 'R%' or support_group like 'N_R%' then 'R'
        end as leaning,
        case when support_group = 'N' or support_group like 'N+%' then 'free ' else 'held ' end as kind,
        case when support_group like '%+B' then 'B' when support_group like '%+H' then 'H' else 'other' end as race
    from {{ ref('int_voters__features') }}
),

lived as (
    select
        households.household_id as household_id,
        voters.voter_id as voter_id,
        case voters.leaning when 'D' then 1 when 'R' then -1 else 0 end as side,
        case when voters.leaning is null then 0 else 1 end as is_known
    from voters
    inner join {{ ref('int_voters__households') }} as households on voters.voter_id = households.voter_id
),

households as (
    select
        household_id,
        sum(side) as sides,
        sum(is_known) as known
    from lived
    group by household_id
),

members as (
    select
        lived.voter_id as voter_id,
        households.sides - lived.side as sides,
        households.known - lived.is_known as known
    from lived
    inner join households on lived.household_id = households.household_id
)

select
    voters.voter_id as voter_id,
    voters.state as state,
    voters.county_fips as county_fips,
    voters.precinct_id as precinct_id,
    coalesce(lived_then.precinct_id, voters.precinct_id) as then_precinct_id,
    voters.voted_in_support as voted_in_support,
    voters.leaning as leaning,
    voters.race as race,
    voters.support_group as "group",
    voters.kind || case
        when members.known is null then 'alone'
        when members.known = 0 then 'not known'
        when members.sides >= 2 then 'two or more D'
        when members.sides = 1 then 'one more D'
        when members.sides = 0 then 'even'
        when members.sides = -1 then 'one more R'
        else 'two or more R'
    end as household,
    voters.kind || {{ edges('voters.coming_age', [18, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80]) }} as age,
    voters.kind || voters.sex as sex
from voters
left join lived_then on voters.voter_id = lived_then.voter_id
left join members on voters.voter_id = members.voter_id
