-- One row per donor as WinRed knows donors: name and address of the newest transaction.
with

named as (
    select
        *,
        {{ donor_key('donor_id', 'email', 'first_name', 'last_name', 'transaction_id') }} as donor_key
    from {{ newest_by_key(source('accepted', 'winred_contributions'), ['transaction_id']) }}
),

ranked as (
    select
        *,
        min(contributed_at) over (partition by donor_key) as first_contributed_at,
        row_number() over (partition by donor_key order by contributed_at desc, transaction_id desc) as newness
    from named
)

select
    'winred:' || ranked.donor_key as record_id,
    'winred' as source,
    ranked.donor_key as source_person_id,
    cast(null as varchar) as given_voter_id,
    ranked.first_name as first_name,
    cast(null as varchar) as middle_name,
    ranked.last_name as last_name,
    cast(null as varchar) as name_suffix,
    {{ email_normal('ranked.email') }} as email,
    {{ phone_e164('ranked.phone') }} as phone,
    {{ unmasked('ranked.address') }} as address,
    ranked.city as city,
    upper(trim(ranked.state)) as state,
    {{ zip5('ranked.zip') }} as zip5,
    {{ parse_date('substr(ranked.first_contributed_at, 1, 10)', 'ymd') }} as first_seen_date
from ranked
where ranked.newness = 1
