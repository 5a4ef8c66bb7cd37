-- Restricted. One row per person, channel, contact and source that gave it; what an export may be made from.
{{ config(materialized='view') }}
select
    points.person_id,
    points.voter_id,
    points.state,
    points.channel,
    points.contact,
    points.origin,
    points.source_id,
    points.first_name,
    points.last_name,
    points.address,
    points.city,
    points.address_state,
    points.zip5,
    points.permitted_purposes,
    points.is_suppressed,
    points.suppression_reason,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_contact__points') }} as points
cross join {{ source('config', 'campaign') }} as campaign
