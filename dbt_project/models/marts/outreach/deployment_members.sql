-- Restricted. One row per export and person in it or held out of it, so that results can be joined back.
select
    members.export_id,
    members.person_id,
    members.household_id,
    members.contact_hash,
    members.arm,
    deployments.universe_id,
    deployments.channel,
    deployments.exported_at,
    campaign.data_as_of,
    campaign.release_id
from {{ source('config', 'deployment_members') }} as members
inner join {{ source('config', 'deployments') }} as deployments on members.export_id = deployments.export_id
cross join {{ source('config', 'campaign') }} as campaign
