-- Every published row says which release it belongs to, and it is the one being built.
{%- set marts = [
    'district_vote_goals', 'contests', 'geographies', 'contact_rates_in_use', 'certified_results',
    'registration_changes', 'data_freshness', 'model_cards', 'voters_people', 'voter_scores',
] %}
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
