-- Every row of the fundraising tables says which release it belongs to, and it is the one being built.
{%- set marts = ['donor_summary', 'donor_asks', 'committee_receipts'] %}
with stamped as (
    {%- for mart in marts %}
    select distinct
        cast('{{ mart }}' as varchar) as mart,
        release_id,
        data_as_of
    from {{ ref(mart) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select stamped.mart
from stamped
cross join {{ source('config', 'campaign') }} as campaign
where
    coalesce(stamped.release_id, '') <> campaign.release_id
    or coalesce(stamped.data_as_of, date '1900-01-01') <> campaign.data_as_of
