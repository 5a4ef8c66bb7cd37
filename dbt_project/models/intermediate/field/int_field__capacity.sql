-- One row per county and channel: the hours a week that volunteers living there have given of late.
with

rules as (
    {{ field_rule_row() }}
),

recent as (
    select
        campaign.data_as_of,
        7 * rules.capacity_weeks as day_count
    from {{ source('config', 'campaign') }} as campaign
    cross join rules
),

given as (
    select
        zips.county_fips,
        case when signups.event_type = 'canvass' then 'door' else 'phone' end as channel,
        signups.record_id,
        signups.hours
    from {{ ref('int_events__signups') }} as signups
    inner join {{ ref('stg_mobilize__users') }} as people on signups.record_id = people.record_id
    inner join {{ ref('int_geography__zip_counties') }} as zips on people.zip5 = zips.zip5
    cross join recent
    where
        signups.event_type in ('canvass', 'phone_bank')
        and signups.outcome = 'attended'
        and {{ days_between('signups.event_date', 'recent.data_as_of') }} between 0 and recent.day_count - 1
)

select
    given.county_fips,
    given.channel,
    cast(count(distinct given.record_id) as bigint) as volunteers,
    cast(sum(given.hours) as decimal(18, 2)) as hours,
    cast(cast(sum(given.hours) as double) / cast(max(rules.capacity_weeks) as double) as decimal(18, 4))
        as hours_per_week
from given
cross join rules
group by given.county_fips, given.channel
