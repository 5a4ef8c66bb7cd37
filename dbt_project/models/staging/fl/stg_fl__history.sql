with

delivered as (
    select
        'FL-' || voter_id as voter_id,
        {{ parse_date('election_date', 'mdy') }} as election_date,
        upper(trim(election_type)) as type_code,
        upper(trim(history_code)) as history_code
    from {{ source('accepted', 'fl_history') }}
)

select
    voter_id,
    'FL' as state,
    election_date,
    case type_code
        when 'GEN' then 'general'
        when 'PRI' then 'primary'
        when 'PPP' then 'presidential_primary'
        when 'RUN' then 'runoff'
        else 'other'
    end as election_type,
    -- Primaries are closed: the ballot is the registration, and the file does not repeat it.
    {{ as_text('null') }} as party_ballot,
    case history_code
        when 'A' then 'mail'
        when 'E' then 'early'
        when 'Y' then 'in_person'
        else 'unknown'
    end as method,
    -- B, L: mail ballot not counted; P: provisional not counted; N: did not vote.
    coalesce(history_code in ('A', 'E', 'Y'), false) as is_counted
from delivered
