-- One row per donor as ActBlue knows donors: name and address of the newest gift.
with

named as (
    select
        {{ donor_key('donor_id', 'donor_email', 'donor_first_name', 'donor_last_name', 'receipt_id') }} as donor_key,
        lineitem_id,
        contributed_at,
        donor_first_name,
        donor_last_name,
        donor_email,
        donor_phone,
        donor_addr1,
        donor_addr2,
        donor_city,
        donor_state,
        donor_zip
    from {{ newest_by_key(source('accepted', 'actblue_contributions'), ['lineitem_id']) }}
),

ranked as (
    select
        *,
        min(contributed_at) over (partition by donor_key) as first_contributed_at,
        row_number() over (partition by donor_key order by contributed_at desc, lineitem_id desc) as newness
    from named
)

select
    'actblue:' || ranked.donor_key as record_id,
    'actblue' as source,
    ranked.donor_key as source_person_id,
    cast(null as varchar) as given_voter_id,
    ranked.donor_first_name as first_name,
    cast(null as varchar) as middle_name,
    ranked.donor_last_name as last_name,
    cast(null as varchar) as name_suffix,
    {{ email_normal('ranked.donor_email') }} as email,
    {{ phone_e164('ranked.donor_phone') }} as phone,
    {{ join_words(['ranked.donor_addr1', 'ranked.donor_addr2']) }} as address,
    ranked.donor_city as city,
    upper(trim(ranked.donor_state)) as state,
    {{ zip5('ranked.donor_zip') }} as zip5,
    {{ parse_date('substr(ranked.first_contributed_at, 1, 10)', 'ymd') }} as first_seen_date
from ranked
where ranked.newness = 1
