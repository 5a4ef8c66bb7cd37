-- One shape for all results. Where several sources cover a county's votes for an office, one is taken
-- whole and the others left out: the state's own file, then MEDSL, then OpenElections, then the
-- county table. Nothing is counted twice, and a county that the better source lacks (Philadelphia in
-- OpenElections 2020) comes from the next.
with

all_sources as (
    select
        election_date,
        state,
        county_fips,
        precinct_id,
        office_code,
        district_id,
        party_code,
        candidate,
        vote_mode,
        votes,
        'nc_results' as source,
        1 as rank
    from {{ ref('stg_results__nc_sbe') }}
    union all
    select
        election_date,
        state,
        county_fips,
        precinct_id,
        office_code,
        district_id,
        party_code,
        candidate,
        vote_mode,
        votes,
        'oh_results' as source,
        1 as rank
    from {{ ref('stg_results__oh_sos') }}
    union all
    select
        election_date,
        state,
        county_fips,
        precinct_id,
        office_code,
        district_id,
        party_code,
        candidate,
        vote_mode,
        votes,
        'va_results' as source,
        1 as rank
    from {{ ref('stg_results__va_elect') }}
    union all
    select
        election_date,
        state,
        county_fips,
        precinct_id,
        office_code,
        district_id,
        party_code,
        candidate,
        vote_mode,
        votes,
        'medsl_precinct' as source,
        2 as rank
    from {{ ref('stg_results__medsl') }}
    union all
    select
        election_date,
        state,
        county_fips,
        precinct_id,
        office_code,
        district_id,
        party_code,
        candidate,
        vote_mode,
        votes,
        'openelections_precinct' as source,
        3 as rank
    from {{ ref('stg_results__openelections_precinct') }}
    union all
    select
        election_date,
        state,
        county_fips,
        precinct_id,
        office_code,
        district_id,
        party_code,
        candidate,
        vote_mode,
        votes,
        'openelections_county' as source,
        4 as rank
    from {{ ref('stg_results__openelections_county') }}
    union all
    select
        election_date,
        state,
        county_fips,
        precinct_id,
        office_code,
        district_id,
        party_code,
        candidate,
        vote_mode,
        votes,
        'county_president' as source,
        5 as rank
    from {{ ref('stg_results__county_president') }}
),

best as (
    select
        state,
        election_date,
        office_code,
        county_fips,
        min(rank) as rank
    from all_sources
    where votes is not null and office_code not in ('registered_voters', 'ballots_cast', 'ballots_blank')
    group by state, election_date, office_code, county_fips
),

chosen as (
    select all_sources.*
    from all_sources
    inner join best
        on
            all_sources.state = best.state
            and all_sources.election_date = best.election_date
            and all_sources.office_code = best.office_code
            and all_sources.county_fips = best.county_fips
            and all_sources.rank = best.rank
),

-- Ways of voting are added up; where a total stands beside its parts, the total is taken.
added as (
    select
        election_date,
        state,
        county_fips,
        precinct_id,
        office_code,
        district_id,
        party_code,
        candidate,
        source,
        coalesce(sum(case when vote_mode = 'total' then votes end), sum(votes)) as votes
    from chosen
    group by
        election_date, state, county_fips, precinct_id, office_code, district_id, party_code, candidate, source
)

select
    election_date,
    state,
    county_fips,
    precinct_id,
    office_code,
    district_id,
    party_code,
    candidate,
    cast(votes as integer) as votes,
    source
from added
where votes is not null
