-- One row per time at which an event takes place, in UTC.
with

timeslots as (
    select newest.*
    from
        {{ newest_by_key(source('accepted', 'mobilize_timeslots'), ['id']) }}
            as newest
)

select
    id as timeslot_id,
    event_id as event_id,
    {{ as_time('start_date') }} as starts_at,
    {{ as_time('end_date') }} as ends_at,
    {{ as_time('deleted_date') }} as deleted_at
from timeslots
