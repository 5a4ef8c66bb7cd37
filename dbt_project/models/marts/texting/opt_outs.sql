-- Restricted. One row per channel and contact that opted out, whoever heard it: what every list is held against.
{{ config(materialized='view') }}
select
    opt_outs.channel,
    opt_outs.contact,
    opt_outs.first_opted_out_at,
    opt_outs.source_count,
    campaign.data_as_of,
    campaign.release_id
from {{ ref('int_contact__opt_outs') }} as opt_outs
cross join {{ source('config', 'campaign') }} as campaign
