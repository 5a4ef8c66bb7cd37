{{ config(tags=['features']) }}

-- People stand in all three exports; the newest word on each counts.
with

said as (
    select
        contact_id,
        contact_first_name,
        contact_last_name,
        contact_phone,
        voter_id,
        delivery_id,
        snapshot_date,
        source_file,
        line_number
    from {{ source('accepted', 'thrutext_messages') }}
    union all
    select
        contact_id,
        contact_first_name,
        contact_last_name,
        contact_phone,
        voter_id,
        delivery_id,
        snapshot_date,
        source_file,
        line_number
    from {{ source('accepted', 'thrutext_surveys') }}
    union all
    select
        contact_id,
        contact_first_name,
        contact_last_name,
        contact_phone,
        voter_id,
        delivery_id,
        snapshot_date,
        source_file,
        line_number
    from {{ source('accepted', 'thrutext_opt_outs') }}
),

newest as (
    select newest.*
    from {{ newest_by_key('said', ['contact_id']) }} as newest
),

firsts as (
    select
        contact_id,
        min(snapshot_date) as first_seen_date,
        -- Not every export carries our own columns.
        max(voter_id) as voter_id
    from said
    group by contact_id
)

select
    'thrutext:' || newest.contact_id as record_id,
    'thrutext' as source,
    newest.contact_id as source_person_id,
    coalesce(newest.voter_id, firsts.voter_id) as given_voter_id,
    newest.contact_first_name as first_name,
    cast(null as varchar) as middle_name,
    newest.contact_last_name as last_name,
    cast(null as varchar) as name_suffix,
    cast(null as varchar) as email,
    {{ phone_e164('newest.contact_phone') }} as phone,
    cast(null as varchar) as address,
    cast(null as varchar) as city,
    cast(null as varchar) as state,
    cast(null as varchar) as zip5,
    firsts.first_seen_date as first_seen_date
from newest
inner join firsts on newest.contact_id = firsts.contact_id
