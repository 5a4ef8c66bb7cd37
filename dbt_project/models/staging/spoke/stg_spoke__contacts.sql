{{ config(tags=['features']) }}

-- A person is known by our own id where the upload had one, otherwise by the number.
with

keyed as (
    select
        *,
        coalesce(external_id, {{ phone_e164('cell') }}, cell) as source_person_id
    from {{ source('accepted', 'spoke_contacts') }}
),

newest as (
    select newest.*
    from {{ newest_by_key('keyed', ['source_person_id']) }} as newest
),

firsts as (
    select
        source_person_id,
        min(snapshot_date) as first_seen_date
    from keyed
    group by source_person_id
)

select
    'spoke:' || newest.source_person_id as record_id,
    'spoke' as source,
    newest.source_person_id as source_person_id,
    newest.voter_id as given_voter_id,
    newest.first_name as first_name,
    cast(null as varchar) as middle_name,
    newest.last_name as last_name,
    cast(null as varchar) as name_suffix,
    cast(null as varchar) as email,
    {{ phone_e164('newest.cell') }} as phone,
    cast(null as varchar) as address,
    newest.city as city,
    newest.state as state,
    {{ zip5('newest.zip') }} as zip5,
    firsts.first_seen_date as first_seen_date
from newest
inner join firsts on newest.source_person_id = firsts.source_person_id
