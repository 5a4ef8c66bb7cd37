-- Support is calibrated: those who voted in the comparable election must add up to their county's certified
-- share, or base votes and deficits are off everywhere in the county. Each precinct counts with its votes (central
-- ones put back), not with how many of its voters are still on file: where a small county has lost the voters of
-- one precinct, the rest differ from the county and are right to. A county without votes by precinct is calibrated as
-- a whole, so its people count alike. Counties with fewer than 200 such voters are left
-- out (a few movers shift them); two points are allowed, because a stored model version stands while the file drifts
-- a little. Without drift the largest gap was 0.01 points (200,000 voters, November 2026).
with

precincts as (
    select
        voters.state as state,
        voters.county_fips as county_fips,
        voters.precinct_id as precinct_id,
        count(*) as voters,
        sum(scores.p_support) as supporters
    from {{ ref('int_voters__features') }} as voters
    inner join {{ ref('int_scores__voters') }} as scores on voters.voter_id = scores.voter_id
    where voters.voted_in_support
    group by voters.state, voters.county_fips, voters.precinct_id
),

counties as (
    select
        precincts.state as state,
        precincts.county_fips as county_fips,
        sum(precincts.voters) as voters,
        sum(precincts.supporters) as supporters,
        coalesce(sum(areas.certified_votes), 0) as precinct_votes,
        sum(areas.certified_votes * cast(precincts.supporters as double) / precincts.voters) as precinct_votes_for
    from precincts
    left join {{ source('models', 'support_areas') }} as areas
        on precincts.precinct_id = areas.area_id and areas.area_level = 'precinct'
    group by precincts.state, precincts.county_fips
),

certified as (
    select
        county_fips,
        sum(votes_for) as votes_for,
        sum(votes_for + votes_against) as votes
    from {{ ref('int_results__precinct_shares') }}
    group by county_fips
),

expected as (
    select
        counties.state as state,
        counties.county_fips as county_fips,
        counties.voters as voters,
        certified.votes_for as votes_for,
        certified.votes as votes,
        case
            when 2 * counties.precinct_votes >= certified.votes
                then counties.precinct_votes_for / counties.precinct_votes
            else cast(counties.supporters as double) / counties.voters
        end as expected_share
    from counties
    inner join certified on counties.county_fips = certified.county_fips
    where certified.votes > 0
)

select
    state,
    county_fips,
    voters,
    expected_share,
    votes_for,
    votes
from expected
where voters >= 200 and abs(expected_share * votes - votes_for) * 100 > 2 * votes
