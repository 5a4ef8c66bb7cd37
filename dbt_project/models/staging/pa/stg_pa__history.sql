-- Slot N is a different election in each county: every slot is read through that county's own map.
with

slots as (
    select
        'PA-' || id_number as voter_id,
        {{ county_key('county') }} as county_key,
        {{ to_integer('election_number') }} as election_number,
        upper(trim(vote_method)) as vote_method,
        upper(trim(party)) as ballot
    from {{ source('accepted', 'pa_vote_slots') }}
),

elections as (
    select
        {{ county_key('county_name') }} as county_key,
        {{ to_integer('election_number') }} as election_number,
        {{ parse_date('election_date', 'mdy') }} as election_date,
        upper(coalesce(election_description, '')) as election_text
    from {{ source('accepted', 'pa_election_map') }}
),

typed as (
    select
        county_key,
        election_number,
        election_date,
        case
            when election_text like '%PRIMARY%' then 'primary'
            when election_text like '%SPECIAL%' then 'special'
            when election_text like '%GENERAL%' then 'general'
            when election_text like '%MUNICIPAL%' then 'municipal'
            else 'other'
        end as election_type
    from elections
)

select
    slots.voter_id as voter_id,
    'PA' as state,
    typed.election_date as election_date,
    typed.election_type as election_type,
    case when typed.election_type = 'primary' then parties.party_code end as party_ballot,
    case slots.vote_method
        when 'AP' then 'in_person'
        when 'AB' then 'mail'
        when 'MB' then 'mail'
        when 'P' then 'provisional'
        else 'unknown'
    end as method,
    coalesce(slots.vote_method <> 'N', false) as is_counted
from slots
inner join typed
    on slots.county_key = typed.county_key and slots.election_number = typed.election_number
left join {{ ref('voter_parties') }} as parties
    on parties.state = 'PA' and slots.ballot = parties.source_party_code
