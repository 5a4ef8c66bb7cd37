-- What support is calibrated to: votes for the campaign's party and against it, by precinct, at the
-- newest comparable election of each state. Votes counted in no precinct have a null precinct and
-- count in the county.
with

newest as (
    select
        state,
        max(election_date) as election_date
    from {{ source('config', 'comparable_elections') }}
    where purpose = 'support'
    group by state
),

contests as (
    select
        comparables.state as state,
        comparables.election_date as election_date,
        comparables.office_code as office_code
    from {{ source('config', 'comparable_elections') }} as comparables
    inner join newest
        on comparables.state = newest.state and comparables.election_date = newest.election_date
    where comparables.purpose = 'support'
),

-- Two-party: the opponent of D is R and of R is D; any other party stands against everybody else.
sided as (
    select
        results.state as state,
        results.election_date as election_date,
        results.office_code as office_code,
        results.county_fips as county_fips,
        results.precinct_id as precinct_id,
        results.votes as votes,
        case
            when results.party_code = campaign.party_code then 'for'
            when campaign.party_code not in ('D', 'R') then 'against'
            when results.party_code in ('D', 'R') then 'against'
            else 'other'
        end as side
    from {{ ref('int_results__certified') }} as results
    inner join contests
        on
            results.state = contests.state
            and results.election_date = contests.election_date
            and results.office_code = contests.office_code
    cross join {{ source('config', 'campaign') }} as campaign
)

select
    state,
    election_date,
    office_code,
    county_fips,
    precinct_id,
    cast(sum(case when side = 'for' then votes else 0 end) as integer) as votes_for,
    cast(sum(case when side = 'against' then votes else 0 end) as integer) as votes_against,
    cast(sum(case when side = 'other' then votes else 0 end) as integer) as votes_other
from sided
group by state, election_date, office_code, county_fips, precinct_id
