-- Which past elections are looked at, for the training election and, shifted, for the coming one.
with

targets as (
    select
        state,
        'training' as role,
        max(election_date) as target_date
    from {{ source('config', 'comparable_elections') }}
    where purpose = 'turnout'
    group by state
    union all
    select
        comparables.state as state,
        'coming' as role,
        max(campaign.election_date) as target_date
    from {{ source('config', 'comparable_elections') }} as comparables
    cross join {{ source('config', 'campaign') }} as campaign
    where comparables.purpose = 'turnout'
    group by comparables.state
),

held as (
    select
        state,
        election_date,
        election_type
    from {{ ref('int_votes__elections_held') }}
    where is_known
),

generals as (
    select
        targets.state as state,
        targets.role as role,
        'general' as kind,
        row_number() over (
            partition by targets.state, targets.role
            order by calendar.election_date desc nulls last
        ) as position,
        cast(extract(year from calendar.election_date) as integer) as election_year,
        calendar.election_date as election_date,
        held.election_date is not null as is_held
    from targets
    inner join {{ ref('federal_general_elections') }} as calendar on targets.target_date > calendar.election_date
    left join held
        on
            targets.state = held.state
            and calendar.election_date = held.election_date
            and held.election_type = 'general'
),

primary_years as (
    select distinct
        state,
        cast(extract(year from election_date) as integer) as election_year
    from held
    where election_type in ('primary', 'presidential_primary')
),

positions as (
    {%- for position in range(1, look_backs()['primary'] + 1) %}
    select {{ position }} as position
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

primaries as (
    select
        targets.state as state,
        targets.role as role,
        'primary' as kind,
        positions.position as position,
        cast(extract(year from targets.target_date) as integer) - 2 * (positions.position - 1) as election_year,
        cast(null as date) as election_date,
        primary_years.election_year is not null as is_held
    from targets
    cross join positions
    left join primary_years
        on
            targets.state = primary_years.state
            and cast(extract(year from targets.target_date) as integer) - 2 * (positions.position - 1)
            = primary_years.election_year
),

-- Elections of odd years that a whole state holds, newest day of each year.
odd_years as (
    select
        state,
        cast(extract(year from election_date) as integer) as election_year,
        max(election_date) as election_date
    from held
    where
        election_type in ('general', 'municipal')
        and extract(month from election_date) = 11
        and cast(extract(year from election_date) as integer) % 2 = 1
    group by state, cast(extract(year from election_date) as integer)
),

odds as (
    select
        targets.state as state,
        targets.role as role,
        'odd' as kind,
        positions.position as position,
        cast(extract(year from targets.target_date) as integer) - 2 * positions.position + 1 as election_year,
        odd_years.election_date as election_date,
        odd_years.election_year is not null as is_held
    from targets
    cross join positions
    left join odd_years
        on
            targets.state = odd_years.state
            and cast(extract(year from targets.target_date) as integer) - 2 * positions.position + 1
            = odd_years.election_year
),

looked_at as (
    select * from generals
    where position <= {{ look_backs()['general'] }}
    union all
    select * from primaries
    union all
    select * from odds
),

-- A position is used only where both roles know it: otherwise a letter would mean one thing in
-- training and another in use.
known as (
    select
        state,
        kind,
        position,
        min(case when is_held then 1 else 0 end) = 1 as is_known
    from looked_at
    group by state, kind, position
)

select
    looked_at.state as state,
    looked_at.role as role,
    looked_at.kind as kind,
    cast(looked_at.position as integer) as position,
    looked_at.election_year as election_year,
    looked_at.election_date as election_date,
    known.is_known as is_known
from looked_at
inner join known
    on
        looked_at.state = known.state
        and looked_at.kind = known.kind
        and looked_at.position = known.position
