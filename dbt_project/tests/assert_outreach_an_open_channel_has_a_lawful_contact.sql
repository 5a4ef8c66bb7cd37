-- A channel is open only by a contact whose source may serve the universe's purpose and that nobody took back:
-- worked out here anew, contact by contact.
with

opened as (
    select
        universe_id,
        person_id,
        'sms' as channel
    from {{ ref('universe_members') }}
    where can_sms
    union all
    select
        universe_id,
        person_id,
        'phone' as channel
    from {{ ref('universe_members') }}
    where can_phone
    union all
    select
        universe_id,
        person_id,
        'email' as channel
    from {{ ref('universe_members') }}
    where can_email
    union all
    select
        universe_id,
        person_id,
        'mail' as channel
    from {{ ref('universe_members') }}
    where can_mail
    union all
    select
        universe_id,
        person_id,
        'walk' as channel
    from {{ ref('universe_members') }}
    where can_walk
),

purposes as (
    select distinct purpose
    from {{ ref('int_universes__definitions') }}
),

channels as (
    select distinct channel
    from {{ ref('int_contact__points') }}
),

-- Every channel by name, so that the join is one on equality: contacts and opt-outs are both long.
taken_back as (
    select
        contact,
        channel
    from {{ ref('int_contact__opt_outs') }}
    where channel <> 'all'
    union distinct
    select
        opt_outs.contact,
        channels.channel
    from {{ ref('int_contact__opt_outs') }} as opt_outs
    cross join channels
    where opt_outs.channel = 'all'
),

lawful as (
    select distinct
        points.person_id,
        points.channel,
        uses.purpose
    from {{ ref('int_contact__points') }} as points
    inner join {{ source('config', 'permitted_uses') }} as uses on points.source_id = uses.source
    inner join purposes on uses.purpose = purposes.purpose
    left join taken_back on points.contact = taken_back.contact and points.channel = taken_back.channel
    where taken_back.contact is null and not points.is_suppressed
)

select
    opened.universe_id,
    opened.person_id,
    opened.channel
from opened
inner join {{ ref('int_universes__definitions') }} as definitions on opened.universe_id = definitions.universe_id
left join lawful
    on
        opened.person_id = lawful.person_id
        and opened.channel = lawful.channel
        and definitions.purpose = lawful.purpose
where lawful.person_id is null
