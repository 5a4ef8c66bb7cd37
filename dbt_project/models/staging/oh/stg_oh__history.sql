with

delivered as (
    select
        'OH-' || sos_voterid as voter_id,
        {{ parse_date(extract_first('election_label', '([0-9]{2}/[0-9]{2}/[0-9]{4})'), 'mdy') }} as election_date,
        lower({{ extract_first('election_label', '^([A-Za-z]+)-') }}) as election_word,
        ballot as ballot
    from {{ source('accepted', 'oh_history') }}
)

select
    delivered.voter_id as voter_id,
    'OH' as state,
    delivered.election_date as election_date,
    case
        when delivered.election_word in ('general', 'primary', 'special') then delivered.election_word
        else 'other'
    end as election_type,
    -- 'X' is a vote without a party's ballot.
    case when delivered.ballot <> 'X' then parties.party_code end as party_ballot,
    'unknown' as method,
    true as is_counted
from delivered
left join {{ ref('voter_parties') }} as parties
    on parties.state = 'OH' and delivered.ballot = parties.source_party_code
