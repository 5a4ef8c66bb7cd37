-- One row per area people work in, as the goal tables name it.
select
    geographies.state,
    geographies.geography_type,
    geographies.geography_id,
    geographies.geography_name,
    geographies.basis,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_geography__geographies') }} as geographies
cross join {{ source('config', 'campaign') }} as campaign
