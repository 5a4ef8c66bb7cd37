-- One row per election, place, office, district and candidate: votes as certified.
select
    results.election_date,
    results.state,
    results.county_fips,
    results.precinct_id,
    results.office_code,
    results.district_id,
    results.party_code,
    results.candidate,
    results.source,
    cast(sum(results.votes) as bigint) as votes,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_results__certified') }} as results
cross join {{ source('config', 'campaign') }} as campaign
group by
    results.election_date,
    results.state,
    results.county_fips,
    results.precinct_id,
    results.office_code,
    results.district_id,
    results.party_code,
    results.candidate,
    results.source,
    campaign.data_as_of,
    campaign.release_id
