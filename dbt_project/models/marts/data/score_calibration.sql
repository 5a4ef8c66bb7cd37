-- How far each precinct's certified result is from what its people's points expect: the shift that is left over.
-- Only precincts calibrated to the vote or re-based are listed one by one; smaller ones are in their county's row.
select
    areas.state,
    areas.area_level,
    areas.area_id,
    areas.basis,
    areas.certified_votes,
    areas.certified_share,
    areas.voters,
    areas.unshifted_share,
    cast(areas.logit_shift as decimal(9, 6)) as logit_shift,
    areas.model_version,
    campaign.data_as_of,
    campaign.release_id
from {{ source('models', 'support_areas') }} as areas
cross join {{ source('config', 'campaign') }} as campaign
where
    areas.area_level <> 'precinct'
    or (areas.basis in ('certified', 'rebased') and areas.voters >= 100 and areas.certified_votes >= 200)
