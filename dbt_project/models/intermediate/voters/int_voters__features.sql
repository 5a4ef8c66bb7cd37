-- What the fits and the scores know about a voter: the past as it was known before the training
-- election, and the past as it is known before the coming one, in the same letters.
with

past as (
    select
        elections.voter_id as voter_id,
        {{ combine_bits('coalesce(masks.votes_mask, 0)') }} as votes_mask,
        min(elections.election_date) as first_vote_date,
        -- The newest primary ballot: date and party in one text, the greatest is the newest.
        max(
            case
                when elections.party_ballot is not null
                    then {{ as_text('elections.election_date') }} || elections.party_ballot
            end
        ) as last_ballot
    from {{ ref('int_votes__elections') }} as elections
    left join {{ ref('int_votes__pattern_masks') }} as masks
        on
            elections.state = masks.state
            and elections.election_date = masks.election_date
            and elections.election_type = masks.election_type
    group by elections.voter_id
),

-- One row per state: when the elections looked at were, and whether both roles know them.
dates as (
    select
        state,
        {%- for role, kind, position in looked_at() %}
        {{ pattern_dates(role, kind, position) }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_votes__pattern_elections') }}
    group by state
),

targets as (
    select
        comparables.state as state,
        max(case when comparables.purpose = 'turnout' then comparables.election_date end) as training_date,
        max(campaign.election_date) as coming_date
    from {{ source('config', 'comparable_elections') }} as comparables
    cross join {{ source('config', 'campaign') }} as campaign
    group by comparables.state
),

voters as (
    select
        people.voter_id,
        people.state,
        people.county_fips,
        people.precinct_id,
        people.split_id,
        people.status,
        people.party_code,
        people.sex,
        people.race_code,
        people.birth_year,
        people.birth_date,
        people.registration_date,
        coalesce(past.votes_mask, 0) as votes,
        past.first_vote_date as first_vote_date,
        substr(past.last_ballot, 11) as last_primary_party_code
    from {{ ref('int_voters__current') }} as people
    left join past on people.voter_id = past.voter_id
)

select
    voters.voter_id as voter_id,
    voters.state as state,
    voters.county_fips as county_fips,
    voters.precinct_id as precinct_id,
    voters.split_id as split_id,
    voters.status as status,
    voters.party_code as party_code,
    voters.sex as sex,
    voters.last_primary_party_code as last_primary_party_code,
    case
        when voters.party_code in ('D', 'R') then voters.party_code
        when voters.last_primary_party_code = 'D' then 'N_D'
        when voters.last_primary_party_code = 'R' then 'N_R'
        else 'N'
    end
    || case voters.race_code
        when 'B' then '+B'
        when 'H' then '+H'
        else ''
    end as support_group,
    {{ days_between('voters.registration_date', 'targets.coming_date') }} as registered_days,
    voters.race_code as race_code,
    {{ age_band('voters.birth_year', 'voters.birth_date', 'targets.coming_date') }} as coming_age_band,
    {%- for role in ['training', 'coming'] %}
    {{ age_on('voters.birth_year', 'voters.birth_date', 'targets.' ~ role ~ '_date') }} as {{ role }}_age,
    -- Known since: the registration on file, or a vote before it (the registration is then a renewal); a vote after
    -- the election was not known then.
    {{ days_between(known_since('targets.' ~ role ~ '_date'), 'targets.' ~ role ~ '_date') }} as {{ role }}_known_days,
    {%- endfor %}
    {%- for role in ['training', 'coming'] %}
    {%- for kind in look_backs() %}
    {{ pattern(role, kind) }} as {{ role }}_{{ kind }}_pattern,
    {%- endfor %}
    {%- endfor %}
    -- In the training set is who was registered then, judged by what was known then: the outcome
    -- has no say in it.
    coalesce(voters.registration_date <= targets.training_date, true)
    or coalesce(voters.first_vote_date < targets.training_date, false) as is_in_training,
    {{ has_bit('voters.votes', 'training', 'target', 1) }} as voted_in_training,
    {{ has_bit('voters.votes', 'support', 'target', 1) }} as voted_in_support
from voters
left join dates on voters.state = dates.state
left join targets on voters.state = targets.state
