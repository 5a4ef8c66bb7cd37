-- Rows are conserved: a record without a link has vanished, a link without a record was invented.
with

counted as (
    select
        record_id,
        0 as links,
        1 as records
    from {{ ref('int_identity__records') }}
    union all
    select
        record_id,
        1 as links,
        0 as records
    from {{ source('models', 'identity_links') }}
)

select record_id
from counted
group by record_id
having sum(links) <> 1 or sum(records) <> 1
