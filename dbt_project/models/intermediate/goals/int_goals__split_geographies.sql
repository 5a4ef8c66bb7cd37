-- One row per precinct split and area it lies in: what turns atoms into any larger area.
with splits as (
    select
        {% for geography_type, column in goals_geographies() if column != 'state' -%}
        {{ column }},
        {% endfor -%}
        split_id,
        state
    from {{ ref('int_geography__splits') }}
)

{% for geography_type, column in goals_geographies() -%}
select
    split_id,
    state,
    cast('{{ geography_type }}' as varchar) as geography_type,
    cast({{ column }} as varchar) as geography_id
from splits
{% if not loop.last %}union all
{% endif %}
{%- endfor %}
