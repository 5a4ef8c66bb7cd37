-- Members of the e-mail lists, also those who have left; one record per address and list.
with

members as (
    select newest.* from {{ newest_by_key(source('accepted', 'mailchimp_members'), ['list_id', 'id']) }} as newest
),

first_seen as (
    select
        list_id,
        id,
        min(snapshot_date) as first_seen_date
    from {{ source('accepted', 'mailchimp_members') }}
    group by list_id, id
)

select
    'mailchimp:' || members.list_id || '-' || members.id as record_id,
    'mailchimp' as source,
    members.list_id || '-' || members.id as source_person_id,
    cast(null as varchar) as given_voter_id,
    nullif(trim({{ json_text('members.merge_fields', '$.FNAME') }}), '') as first_name,
    cast(null as varchar) as middle_name,
    nullif(trim({{ json_text('members.merge_fields', '$.LNAME') }}), '') as last_name,
    cast(null as varchar) as name_suffix,
    {{ email_normal('members.email_address') }} as email,
    {{ phone_e164(json_text('members.merge_fields', '$.PHONE')) }} as phone,
    nullif(trim({{ json_text('members.merge_fields', '$.ADDRESS.addr1') }}), '') as address,
    nullif(trim({{ json_text('members.merge_fields', '$.ADDRESS.city') }}), '') as city,
    upper(nullif(trim({{ json_text('members.merge_fields', '$.ADDRESS.state') }}), '')) as state,
    {{ zip5(json_text('members.merge_fields', '$.ADDRESS.zip')) }} as zip5,
    coalesce(cast({{ as_time('members.timestamp_signup') }} as date), first_seen.first_seen_date) as first_seen_date
from members
inner join first_seen on members.list_id = first_seen.list_id and members.id = first_seen.id
