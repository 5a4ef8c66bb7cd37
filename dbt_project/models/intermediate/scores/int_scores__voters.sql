-- Every registered voter's probabilities: points of the newest model versions, added up. Both scores have the
-- purpose `count`: they may be summed into expected votes.
{%- set turnout_features_used = ['intercept'] + turnout_features() %}
{%- set support_features_used = ['group', 'household', 'age', 'sex', 'answer'] %}
with

turnout_points as (
    select * from {{ source('models', 'turnout_points') }}
),

turnout_features as (
    select
        *,
        '' as intercept
    from {{ ref('int_scores__turnout_coming') }}
),

turnout as (
    select
        people.voter_id as voter_id,
        t_intercept.model_version as model_version,
        -- A state that the model has not learned has no intercept, and its people no score.
        case
            when t_intercept.points is not null
                then {{ probability(
                    sum_points('t', turnout_features_used), 0.002, 0.998,
                    share='exp(coalesce(t_status.points, 0))'
                ) }}
        end as p_turnout
    from turnout_features as people
    {{ join_points('turnout_points', 'people', 't', turnout_features_used + ['status']) }}
),

support_points as (
    select * from {{ source('models', 'support_points') }}
),

-- What a voter answered when asked says more than anything else that is known of them.
support_features as (
    select
        bins.*,
        coalesce(bins."group" || ' ' || cast(ids.support_answer as varchar), 'none') as answer
    from {{ ref('int_scores__support_features') }} as bins
    left join {{ ref('int_contact__support_ids') }} as ids on bins.voter_id = ids.voter_id
),

support as (
    select
        people.voter_id as voter_id,
        {{ sum_points('s', support_features_used) }} as log_odds
    from support_features as people
    {{ join_points('support_points', 'people', 's', support_features_used) }}
),

-- A precinct that is new since the fit has its county's shift, a new county its state's.
areas as (
    select * from {{ source('models', 'support_areas') }}
),

precinct_areas as (
    select * from areas
    where area_level = 'precinct'
),

county_areas as (
    select * from areas
    where area_level = 'county'
),

state_areas as (
    select * from areas
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
    {{ probability(
        'support.log_odds + coalesce(precinct_areas.logit_shift, county_areas.logit_shift, state_areas.logit_shift)',
        0.0005, 0.9995
    ) }} as p_support,
    case
        when precinct_areas.logit_shift is not null then 'precinct'
        when county_areas.logit_shift is not null then 'county'
        else 'state'
    end as support_level,
    turnout.model_version as turnout_version,
    state_areas.model_version as support_version
from {{ ref('int_voters__features') }} as voters
cross join {{ source('config', 'campaign') }} as campaign
left join turnout on voters.voter_id = turnout.voter_id
left join support on voters.voter_id = support.voter_id
left join precinct_areas on voters.precinct_id = precinct_areas.area_id
left join county_areas on voters.county_fips = county_areas.area_id
left join state_areas on voters.state = state_areas.area_id
