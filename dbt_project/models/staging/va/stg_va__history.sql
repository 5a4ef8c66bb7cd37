with

delivered as (
    select
        'VA-' || identification_number as voter_id,
        {{ parse_date('election_date', 'mdy') }} as election_date,
        upper(coalesce(election_type, '') || ' ' || coalesce(election_name, '')) as election_text,
        upper(trim(primary_type_code_name)) as primary_party,
        upper(coalesce(absentee, '')) in ('TRUE', 'T', 'Y', 'YES', '1') as is_absentee,
        upper(coalesce(provisional, '')) in ('TRUE', 'T', 'Y', 'YES', '1') as is_provisional
    from {{ source('accepted', 'va_history') }}
)

select
    delivered.voter_id as voter_id,
    'VA' as state,
    delivered.election_date as election_date,
    case
        when delivered.election_text like '%PRESIDENTIAL PRIMARY%' then 'presidential_primary'
        when delivered.election_text like '%PRIMARY%' then 'primary'
        when delivered.election_text like '%SPECIAL%' then 'special'
        when delivered.election_text like '%GENERAL%' then 'general'
        else 'other'
    end as election_type,
    parties.party_code as party_ballot,
    -- Early voting in person is counted as absentee in this file.
    case
        when delivered.is_provisional then 'provisional'
        when delivered.is_absentee then 'early_or_mail'
        else 'in_person'
    end as method,
    true as is_counted
from delivered
left join {{ ref('voter_parties') }} as parties
    on parties.state = 'VA' and delivered.primary_party = parties.source_party_code
