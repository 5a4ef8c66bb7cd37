-- Every registered voter's probabilities, looked up in the newest model versions. Both scores have the
-- purpose `count`: they may be summed into expected votes.
with

voters as (
    select * from {{ ref('int_voters__features') }}
),

turnout as (
    select * from {{ source('models', 'turnout_cells') }}
),

precinct_support as (
    select * from {{ source('models', 'support_cells') }}
    where area_level = 'precinct'
),

-- A precinct that is new since the fit has its county's cells, a new county its state's.
county_support as (
    select * from {{ source('models', 'support_cells') }}
    where area_level = 'county'
),

state_support as (
    select * from {{ source('models', 'support_cells') }}
    where area_level = 'state'
)

select
    voters.voter_id as voter_id,
    voters.state as state,
    voters.status = 'active' as is_active,
    voters.status = 'inactive' as is_inactive,
    voters.split_id as split_id,
    voters.county_fips as county_fips,
    voters.party_code as party_code,
    voters.sex as sex,
    -- The other major party than the campaign's, by registration or by the last primary ballot.
    case campaign.party_code
        when 'D' then voters.party_code = 'R' or coalesce(voters.last_primary_party_code = 'R', false)
        when 'R' then voters.party_code = 'D' or coalesce(voters.last_primary_party_code = 'D', false)
        else voters.party_code in ('D', 'R') or coalesce(voters.last_primary_party_code in ('D', 'R'), false)
    end as is_other_party_behaviour,
    -- Too young on election day: registered ahead of time, but not a voter of this election.
    cast(case when voters.coming_age_band = '17-' then 0 else turnout.p_turnout end as decimal(9, 6)) as p_turnout,
    cast(
        coalesce(precinct_support.p_support, county_support.p_support, state_support.p_support) as decimal(9, 6)
    ) as p_support,
    case
        when precinct_support.p_support is not null then 'precinct'
        when county_support.p_support is not null then 'county'
        else 'state'
    end as support_level,
    turnout.model_version as turnout_version,
    state_support.model_version as support_version
from voters
cross join {{ source('config', 'campaign') }} as campaign
left join turnout
    on
        voters.state = turnout.state
        and voters.coming_general_pattern = turnout.general_pattern
        and voters.coming_primary_pattern = turnout.primary_pattern
        and case when voters.coming_age_band = '17-' then '18-24' else voters.coming_age_band end = turnout.age_band
left join precinct_support
    on
        voters.precinct_id = precinct_support.area_id
        and voters.support_group = precinct_support.support_group
left join county_support
    on
        voters.county_fips = county_support.area_id
        and voters.support_group = county_support.support_group
left join state_support
    on
        voters.state = state_support.area_id
        and voters.support_group = state_support.support_group
