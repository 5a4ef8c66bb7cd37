-- depends_on: {{ ref('int_contact__opt_outs') }}
-- An opt-out whose number or address cannot be read suppresses nobody: somebody must look it up in the vendor's tool.
{{ config(severity='warn') }}

select
    source,
    delivery_id,
    source_file,
    line_number
from {{ source('accepted', 'opt_outs') }}
where contact is null
