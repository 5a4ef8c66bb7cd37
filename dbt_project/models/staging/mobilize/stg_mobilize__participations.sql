-- One row per sign-up of a person for a timeslot.
with

participations as (
    select newest.*
    from
        {{ newest_by_key(source('accepted', 'mobilize_participations'), ['id']) }}
            as newest
)

select
    id as participation_id,
    'mobilize:' || user_id as record_id,
    event_id as event_id,
    timeslot_id as timeslot_id,
    lower(status) as status,
    -- Empty means that nobody recorded it, not that nobody came.
    {{ as_flag('attended') }} as attended,
    {{ as_time('override_start_date') }} as own_starts_at,
    {{ as_time('override_end_date') }} as own_ends_at,
    {{ as_time('created_date') }} as signed_up_at
from participations
