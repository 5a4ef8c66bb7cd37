-- People of lists exported from VAN, each as the newest list that names him has him.
with

people as (
    select newest.*
    from {{ newest_by_key(source('accepted', 'van_people'), ['statecode', 'side', 'van_id']) }} as newest
),

first_seen as (
    select
        statecode,
        side,
        van_id,
        min(snapshot_date) as first_seen_date
    from {{ source('accepted', 'van_people') }}
    group by statecode, side, van_id
)

select
    {{ van_record_id('people.statecode', 'people.side', 'people.van_id') }} as record_id,
    'van' as source,
    people.statecode || '-' || people.side || '-' || people.van_id as source_person_id,
    people.statecode || '-' || trim(people.external_id) as given_voter_id,
    people.first_name as first_name,
    people.middle_name as middle_name,
    people.last_name as last_name,
    people.suffix as name_suffix,
    {{ email_normal('people.preferred_email') }} as email,
    coalesce(
        {{ phone_e164('people.preferred_phone') }},
        {{ phone_e164('people.cell_phone') }},
        {{ phone_e164('people.home_phone') }}
    ) as phone,
    {{ join_words(['people.street_no', 'people.street_no_half', 'people.street_prefix', 'people.street_name',
        'people.street_type', 'people.street_suffix', 'people.apt_type', 'people.apt_no']) }} as address,
    people.city as city,
    coalesce(people.state, people.statecode) as state,
    {{ zip5('people.zip5') }} as zip5,
    first_seen.first_seen_date as first_seen_date
from people
inner join first_seen
    on
        people.statecode = first_seen.statecode
        and people.side = first_seen.side
        and people.van_id = first_seen.van_id
