-- One row per event, also those that were called off.
with

events as (
    select newest.*
    from
        {{ newest_by_key(source('accepted', 'mobilize_events'), ['id']) }}
            as newest
)

select
    id as event_id,
    title as title,
    case
        when upper(event_type) in (
            'CANVASS', 'PHONE_BANK', 'TEXT_BANK', 'HOUSE_PARTY', 'FUNDRAISER', 'MEET_GREET', 'VISIBILITY_EVENT',
            'RALLY', 'TRAINING', 'VOTER_REG', 'FRIEND_TO_FRIEND_OUTREACH', 'COMMUNITY'
        ) then lower(event_type)
        else 'other'
    end as event_type,
    timezone as time_zone,
    coalesce({{ as_flag('is_virtual') }}, false) as is_virtual,
    coalesce({{ as_flag('created_by_volunteer_host') }}, false) as is_volunteer_hosted,
    owner_id as host_user_id,
    upper(location__region) as state,
    location__locality as city,
    {{ zip5('location__postal_code') }} as zip5,
    {{ as_time('deleted_date') }} as deleted_at
from events
