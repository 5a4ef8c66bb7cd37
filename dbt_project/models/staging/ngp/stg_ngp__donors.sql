-- One row per donor of the compliance database: name and address of the newest contribution.
with

ranked as (
    select
        *,
        {{ parse_date('received_on', 'mdy') }} as received_date,
        row_number() over (
            partition by trim(van_id) order by {{ parse_date('received_on', 'mdy') }} desc, contribution_id desc
        ) as newness,
        min({{ parse_date('received_on', 'mdy') }}) over (partition by trim(van_id)) as first_received_date
    from {{ newest_by_key(source('accepted', 'ngp_contributions'), ['contribution_id']) }}
)

select
    'ngp:' || trim(ranked.van_id) as record_id,
    'ngp' as source,
    trim(ranked.van_id) as source_person_id,
    cast(null as varchar) as given_voter_id,
    ranked.first_name as first_name,
    ranked.middle_name as middle_name,
    ranked.last_name as last_name,
    ranked.name_suffix as name_suffix,
    {{ email_normal('ranked.email') }} as email,
    {{ phone_e164('ranked.phone') }} as phone,
    {{ unmasked('ranked.address') }} as address,
    ranked.city as city,
    upper(trim(ranked.state)) as state,
    {{ zip5('ranked.zip') }} as zip5,
    ranked.first_received_date as first_seen_date
from ranked
where ranked.newness = 1
