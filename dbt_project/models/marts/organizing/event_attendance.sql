-- Restricted: who signed up for, came to or hosts which event. One row per event and person.
select
    attendance.event_id,
    attendance.person_id,
    attendance.voter_id,
    attendance.title,
    attendance.event_type,
    attendance.event_date,
    attendance.is_virtual,
    attendance.state,
    attendance.county_fips,
    attendance.is_host,
    attendance.attendance,
    attendance.is_confirmed,
    attendance.shifts_signed_up,
    attendance.shifts_cancelled,
    attendance.shifts_attended,
    attendance.shifts_flaked,
    attendance.shifts_unknown,
    attendance.shifts_upcoming,
    attendance.hours_signed_up,
    attendance.hours_attended,
    attendance.is_first_event,
    attendance.event_flake_rate,
    attendance.person_flake_rate,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_events__attendance') }} as attendance
cross join {{ source('config', 'campaign') }} as campaign
