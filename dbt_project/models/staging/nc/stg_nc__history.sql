with

delivered as (
    select
        'NC-' || ncid as voter_id,
        {{ parse_date('election_lbl', 'mdy') }} as election_date,
        upper(coalesce(election_desc, '')) as election_text,
        upper(coalesce(voting_method, '')) as method_text,
        voted_party_cd as voted_party_cd
    from {{ source('accepted', 'nc_history') }}
),

typed as (
    select
        *,
        case
            when election_text like '%SECOND PRIMARY%' then 'runoff'
            when election_text like '%MUNICIPAL%' then 'municipal'
            when election_text like '%PRIMARY%' then 'primary'
            when election_text like '%GENERAL%' then 'general'
            when election_text like '%SPECIAL%' then 'special'
            else 'other'
        end as election_type
    from delivered
)

select
    typed.voter_id as voter_id,
    'NC' as state,
    typed.election_date as election_date,
    typed.election_type as election_type,
    -- Outside primaries the column repeats the registration.
    case when typed.election_type in ('primary', 'runoff') then parties.party_code end as party_ballot,
    case
        when typed.method_text like '%ONESTOP%' or typed.method_text like 'EARLY VOTING%' then 'early'
        when typed.method_text like 'ABSENTEE%' then 'mail'
        when typed.method_text = 'PROVISIONAL' then 'provisional'
        when typed.method_text in ('IN-PERSON', 'CURBSIDE') or typed.method_text like 'ELECTION DAY%' then 'in_person'
        else 'unknown'
    end as method,
    -- Rows with these labels say that the person did not vote here.
    typed.method_text not in ('ELIGIBLE DID NOT VOTE', 'TRANSFER') as is_counted
from typed
left join {{ ref('voter_parties') }} as parties
    on parties.state = 'NC' and typed.voted_party_cd = parties.source_party_code
