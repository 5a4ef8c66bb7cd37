-- Everybody who has signed up for an event, as the newest export has him.
with

users as (
    select newest.* from {{ newest_by_key(source('accepted', 'mobilize_users'), ['id']) }} as newest
),

first_seen as (
    select
        id,
        min(snapshot_date) as first_seen_date
    from {{ source('accepted', 'mobilize_users') }}
    group by id
)

select
    'mobilize:' || users.id as record_id,
    'mobilize' as source,
    users.id as source_person_id,
    cast(null as varchar) as given_voter_id,
    users.given_name as first_name,
    cast(null as varchar) as middle_name,
    users.family_name as last_name,
    cast(null as varchar) as name_suffix,
    {{ email_normal('users.email_address') }} as email,
    {{ phone_e164('users.phone_number') }} as phone,
    cast(null as varchar) as address,
    cast(null as varchar) as city,
    cast(null as varchar) as state,
    {{ zip5('users.postal_code') }} as zip5,
    coalesce(cast({{ as_time('users.created_date') }} as date), first_seen.first_seen_date) as first_seen_date
from users
inner join first_seen on users.id = first_seen.id
