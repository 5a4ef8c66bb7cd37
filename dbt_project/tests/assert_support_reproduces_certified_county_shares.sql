-- Support is calibrated: those who voted in the comparable election must add up to their county's certified
-- share, or base votes and deficits are off everywhere in the county. Counties with fewer than 200 such voters
-- are left out (a few movers shift them); two points are allowed, because a stored model version stands while
-- the file drifts a little.
with

expected as (
    select
        voters.state as state,
        voters.county_fips as county_fips,
        count(*) as voters,
        sum(scores.p_support) as supporters
    from {{ ref('int_voters__features') }} as voters
    inner join {{ ref('int_scores__voters') }} as scores on voters.voter_id = scores.voter_id
    where voters.voted_in_support
    group by voters.state, voters.county_fips
),

certified as (
    select
        county_fips,
        sum(votes_for) as votes_for,
        sum(votes_for + votes_against) as votes
    from {{ ref('int_results__precinct_shares') }}
    group by county_fips
)

select
    expected.state,
    expected.county_fips,
    expected.voters,
    expected.supporters,
    certified.votes_for,
    certified.votes
from expected
inner join certified on expected.county_fips = certified.county_fips
where
    expected.voters >= 200
    and certified.votes > 0
    and abs(expected.supporters * certified.votes - certified.votes_for * expected.voters) * 100
    > 2 * expected.voters * certified.votes
