-- One row per event: how many signed up, came and stayed away, and whether a volunteer hosts it. Names nobody.
select
    attendance.event_id,
    attendance.event_type,
    attendance.event_date,
    attendance.is_virtual,
    attendance.state,
    attendance.county_fips,
    max(counties.geography_name) as county_name,
    cast(sum(case when attendance.is_host then 1 else 0 end) as bigint) as volunteer_hosts,
    cast(sum(case when attendance.shifts_signed_up > 0 then 1 else 0 end) as bigint) as people_signed_up,
    {%- for outcome in ['cancelled', 'attended', 'flaked', 'unknown', 'upcoming'] %}
    cast(sum(case when attendance.attendance = '{{ outcome }}' then 1 else 0 end) as bigint) as people_{{ outcome }},
    {%- endfor %}
    cast(
        sum(case when attendance.attendance = 'attended' and attendance.is_first_event then 1 else 0 end) as bigint
    ) as first_timers,
    cast(sum(attendance.hours_attended) as decimal(18, 2)) as hours_attended,
    max(attendance.event_flake_rate) as flake_rate,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_events__attendance') }} as attendance
left join {{ ref('int_geography__geographies') }} as counties
    on counties.geography_type = 'county' and attendance.county_fips = counties.geography_id
cross join {{ source('config', 'campaign') }} as campaign
group by
    attendance.event_id,
    attendance.event_type,
    attendance.event_date,
    attendance.is_virtual,
    attendance.state,
    attendance.county_fips,
    campaign.data_as_of,
    campaign.release_id
