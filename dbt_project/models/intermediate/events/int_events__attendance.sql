-- One row per event and person: who signed up or hosts, what came of it, and how often they and the event are let
-- down. Flaked: signed up, did not cancel and did not come. A flake rate is flaked shifts over those flaked or
-- attended; a shift that nobody recorded is in neither.
with

events as (
    select
        events.event_id,
        events.title,
        events.event_type,
        events.is_virtual,
        events.state,
        events.zip5,
        case when events.is_volunteer_hosted then 'mobilize:' || events.host_user_id end as host_record_id,
        min(timeslots.starts_at) as starts_at,
        cast({{ zone_from_utc('min(timeslots.starts_at)', 'events.time_zone') }} as date) as event_date
    from {{ ref('stg_mobilize__events') }} as events
    inner join {{ ref('stg_mobilize__timeslots') }} as timeslots on events.event_id = timeslots.event_id
    where events.deleted_at is null and timeslots.deleted_at is null
    group by
        events.event_id,
        events.title,
        events.event_type,
        events.is_virtual,
        events.state,
        events.zip5,
        events.is_volunteer_hosted,
        events.host_user_id,
        events.time_zone
),

-- Hosts take part whether or not they signed up for their own event.
parts as (
    select
        event_id,
        record_id,
        false as is_host,
        outcome,
        is_confirmed,
        hours
    from {{ ref('int_events__signups') }}
    union all
    select
        event_id,
        host_record_id as record_id,
        true as is_host,
        cast(null as varchar) as outcome,
        false as is_confirmed,
        cast(null as decimal(9, 2)) as hours
    from events
    where host_record_id is not null
),

-- One person may have signed up under two accounts.
people as (
    select
        parts.event_id,
        links.person_id,
        max(links.voter_id) as voter_id,
        bool_or(parts.is_host) as is_host,
        bool_or(parts.is_confirmed) as is_confirmed,
        cast(count(parts.outcome) as bigint) as shifts_signed_up,
        {%- for outcome in ['cancelled', 'attended', 'flaked', 'unknown', 'upcoming'] %}
        cast(sum(case when parts.outcome = '{{ outcome }}' then 1 else 0 end) as bigint) as shifts_{{ outcome }},
        {%- endfor %}
        cast(coalesce(sum(case when parts.outcome <> 'cancelled' then parts.hours end), 0) as decimal(18, 2))
            as hours_signed_up,
        cast(coalesce(sum(case when parts.outcome = 'attended' then parts.hours end), 0) as decimal(18, 2))
            as hours_attended
    from parts
    inner join {{ ref('int_identity__links') }} as links on parts.record_id = links.record_id
    group by parts.event_id, links.person_id
),

rated as (
    select
        people.*,
        events.title,
        events.event_type,
        events.is_virtual,
        events.state,
        events.starts_at,
        events.event_date,
        zips.county_fips,
        sum(people.shifts_flaked) over (partition by people.event_id) as event_flaked,
        sum(people.shifts_attended) over (partition by people.event_id) as event_attended,
        sum(people.shifts_flaked) over (partition by people.person_id) as person_flaked,
        sum(people.shifts_attended) over (partition by people.person_id) as person_attended,
        -- Those who cancelled do not see the event; those who host it did not come to it as new people.
        case
            when people.shifts_signed_up > people.shifts_cancelled
                then
                    row_number() over (
                        partition by people.person_id, people.shifts_signed_up > people.shifts_cancelled
                        order by events.starts_at asc nulls last, people.event_id asc nulls last
                    )
        end as place_in_time
    from people
    inner join events on people.event_id = events.event_id
    left join {{ ref('int_geography__zip_counties') }} as zips on events.zip5 = zips.zip5
)

select
    event_id,
    person_id,
    voter_id,
    title,
    event_type,
    event_date,
    is_virtual,
    state,
    county_fips,
    is_host,
    case
        when shifts_attended > 0 then 'attended'
        when shifts_flaked > 0 then 'flaked'
        when shifts_upcoming > 0 then 'upcoming'
        when shifts_unknown > 0 then 'unknown'
        when shifts_cancelled > 0 then 'cancelled'
        else 'not_signed_up'
    end as attendance,
    is_confirmed,
    shifts_signed_up,
    shifts_cancelled,
    shifts_attended,
    shifts_flaked,
    shifts_unknown,
    shifts_upcoming,
    hours_signed_up,
    hours_attended,
    coalesce(place_in_time = 1, false) as is_first_event,
    cast(cast(event_flaked as double) / nullif(event_flaked + event_attended, 0) as decimal(9, 6)) as event_flake_rate,
    cast(cast(person_flaked as double) / nullif(person_flaked + person_attended, 0) as decimal(9, 6))
        as person_flake_rate
from rated
