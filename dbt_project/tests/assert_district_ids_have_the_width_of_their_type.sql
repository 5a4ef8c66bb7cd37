-- Voters, results and goals meet on district ids. 'NC-4' beside 'NC-04' would be two districts, and neither
-- contest would have all its voters. The macro normalize_district and seed district_types must agree.
{%- set types = ['congressional_district', 'state_senate_district', 'state_house_district'] %}
with

ids as (
    {%- for type in types %}
    select distinct
        '{{ type }}' as district_type,
        {{ type }}_id as district_id
    from {{ ref('int_geography__splits') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    ids.district_type,
    ids.district_id
from ids
inner join {{ ref('district_types') }} as types on ids.district_type = types.district_type
where
    ids.district_id not like '%-withheld'
    and ids.district_id not like '%-unknown'
    and length(ids.district_id) <> 3 + types.id_width
