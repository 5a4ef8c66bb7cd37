-- Restricted. One row per registered voter: where they vote and the probabilities counted for them.
select
    scores.voter_id,
    scores.state,
    scores.county_fips,
    scores.split_id,
    splits.precinct_id,
    splits.municipality_id,
    splits.congressional_district_id,
    splits.state_senate_district_id,
    splits.state_house_district_id,
    splits.media_market_id,
    scores.is_active,
    scores.party_code,
    scores.sex,
    scores.is_other_party_behaviour,
    scores.p_turnout,
    scores.p_support,
    ranks.persuadability,
    ranks.evidence as persuadability_evidence,
    scores.turnout_version,
    scores.support_version,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_scores__voters') }} as scores
inner join {{ ref('int_scores__persuadability') }} as ranks on scores.voter_id = ranks.voter_id
inner join {{ ref('int_geography__splits') }} as splits on scores.split_id = splits.split_id
cross join {{ source('config', 'campaign') }} as campaign
