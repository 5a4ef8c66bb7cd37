-- One row per sign-up for a timeslot that was not called off: who, when, for how long, and what came of it.
-- A sign-up that nobody recorded attendance for is unknown, never absent.
with

signups as (
    select
        participations.participation_id,
        participations.record_id,
        participations.event_id,
        participations.timeslot_id,
        participations.status,
        participations.attended,
        coalesce(participations.own_starts_at, timeslots.starts_at) as starts_at,
        coalesce(participations.own_ends_at, timeslots.ends_at) as ends_at,
        events.event_type,
        events.time_zone
    from {{ ref('stg_mobilize__participations') }} as participations
    inner join {{ ref('stg_mobilize__timeslots') }} as timeslots
        on participations.timeslot_id = timeslots.timeslot_id
    inner join {{ ref('stg_mobilize__events') }} as events on participations.event_id = events.event_id
    where timeslots.deleted_at is null and events.deleted_at is null
),

dated as (
    select
        *,
        cast({{ zone_from_utc('starts_at', 'time_zone') }} as date) as event_date
    from signups
)

select
    dated.participation_id,
    dated.record_id,
    dated.event_id,
    dated.timeslot_id,
    dated.event_type,
    dated.starts_at,
    dated.event_date,
    cast(greatest({{ hours_between('dated.starts_at', 'dated.ends_at') }}, 0) as decimal(9, 2)) as hours,
    dated.status = 'confirmed' as is_confirmed,
    case
        when dated.status = 'cancelled' then 'cancelled'
        when dated.attended then 'attended'
        when not dated.attended then 'flaked'
        when dated.event_date > campaign.data_as_of then 'upcoming'
        else 'unknown'
    end as outcome
from dated
cross join {{ source('config', 'campaign') }} as campaign
