with

delivered as (
    select
        {{ to_integer('year') }} as election_year,
        upper(trim(state)) as state,
        lpad(trim(county_fips), 5, '0') as county_fips,
        {{ to_integer('votes_dem') }} as votes_dem,
        {{ to_integer('votes_rep') }} as votes_rep,
        {{ to_integer('votes_total') }} as votes_total
    from {{ source('accepted', 'county_president') }}
),

by_party as (
    select
        election_year,
        state,
        county_fips,
        'D' as party_code,
        'Democratic candidate' as candidate,
        votes_dem as votes
    from delivered
    union all
    select
        election_year,
        state,
        county_fips,
        'R' as party_code,
        'Republican candidate' as candidate,
        votes_rep as votes
    from delivered
    union all
    select
        election_year,
        state,
        county_fips,
        'O' as party_code,
        'All other candidates' as candidate,
        votes_total - votes_dem - votes_rep as votes
    from delivered
)

select
    calendar.election_date as election_date,
    by_party.state as state,
    by_party.county_fips as county_fips,
    {{ as_text('null') }} as precinct_id,
    'us_president' as office_code,
    {{ as_text('null') }} as district_id,
    by_party.party_code as party_code,
    by_party.candidate as candidate,
    'total' as vote_mode,
    by_party.votes as votes
from by_party
inner join {{ ref('federal_general_elections') }} as calendar
    on by_party.election_year = extract(year from calendar.election_date)
