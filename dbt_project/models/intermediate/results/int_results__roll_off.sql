-- How many of those who vote also vote for the office: votes for it against votes for the top of the
-- ticket, only where both were on the ballot (an uncontested district has no rows at all).
with

comparables as (
    select
        state,
        election_date,
        office_code
    from {{ source('config', 'comparable_elections') }}
    where purpose = 'roll_off'
),

dates as (
    select distinct
        state,
        election_date
    from comparables
),

-- Votes by area; what was counted in no precinct is an area of its county.
by_area as (
    select
        results.state as state,
        results.election_date as election_date,
        results.office_code as office_code,
        coalesce(results.precinct_id, results.county_fips || '-none') as area_id,
        sum(results.votes) as votes
    from {{ ref('int_results__certified') }} as results
    inner join dates on results.state = dates.state and results.election_date = dates.election_date
    group by
        results.state, results.election_date, results.office_code,
        coalesce(results.precinct_id, results.county_fips || '-none')
),

by_office as (
    select
        state,
        election_date,
        office_code,
        sum(votes) as votes
    from by_area
    group by state, election_date, office_code
),

-- The top of the ticket is the office that most people voted for.
ranked as (
    select
        state,
        election_date,
        office_code,
        row_number() over (
            partition by state, election_date
            order by votes desc nulls last, office_code asc
        ) as place
    from by_office
),

compared as (
    select
        comparables.state as state,
        comparables.office_code as office_code,
        sum(office.votes) as office_votes,
        sum(top.votes) as top_votes
    from comparables
    inner join ranked
        on
            comparables.state = ranked.state
            and comparables.election_date = ranked.election_date
            and ranked.place = 1
    inner join by_area as office
        on
            comparables.state = office.state
            and comparables.election_date = office.election_date
            and comparables.office_code = office.office_code
            and office.votes > 0
    inner join by_area as top
        on
            comparables.state = top.state
            and comparables.election_date = top.election_date
            and ranked.office_code = top.office_code
            and office.area_id = top.area_id
            and top.votes > 0
    group by comparables.state, comparables.office_code
)

select
    state,
    office_code,
    -- More votes than the top of the ticket in the same places is no roll-off.
    cast(
        case
            when office_votes >= top_votes then 1
            else cast(office_votes as decimal(18, 6)) / cast(nullif(top_votes, 0) as decimal(18, 6))
        end as decimal(9, 6)
    ) as roll_off,
    cast(office_votes as bigint) as office_votes,
    cast(top_votes as bigint) as top_votes
from compared
