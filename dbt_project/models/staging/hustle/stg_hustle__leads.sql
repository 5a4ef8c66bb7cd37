{{ config(tags=['features']) }}

with

newest as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'hustle_leads'), ['id']) }} as newest
),

firsts as (
    select
        id,
        min(snapshot_date) as first_seen_date
    from {{ source('accepted', 'hustle_leads') }}
    group by id
)

select
    'hustle:' || newest.id as record_id,
    'hustle' as source,
    newest.id as source_person_id,
    {{ json_field('newest.custom_fields', 'voter_id') }} as given_voter_id,
    newest.first_name as first_name,
    cast(null as varchar) as middle_name,
    newest.last_name as last_name,
    cast(null as varchar) as name_suffix,
    {{ email_normal('newest.email') }} as email,
    {{ phone_e164('newest.phone_number') }} as phone,
    cast(null as varchar) as address,
    cast(null as varchar) as city,
    cast(null as varchar) as state,
    {{ zip5(json_field('newest.custom_fields', 'zip')) }} as zip5,
    firsts.first_seen_date as first_seen_date
from newest
inner join firsts on newest.id = firsts.id
