-- One row per export on the record: what was handed out, for what, to how many.
select
    deployments.export_id,
    deployments.exported_at,
    deployments.universe_id,
    deployments.channel,
    deployments.purpose,
    deployments.recipient,
    deployments.exported_release_id,
    deployments.people,
    deployments.households,
    deployments.held_out,
    campaign.data_as_of,
    campaign.release_id
from {{ source('config', 'deployments') }} as deployments
cross join {{ source('config', 'campaign') }} as campaign
