{# The tools that texts are sent with. All have the same staging models. #}
{% macro texting_vendors() -%}
    {{ return(['spoke', 'thrutext', 'hustle']) }}
{%- endmacro %}

{# One staging model of every tool, rows under rows. #}
{% macro of_texting_vendors(model) -%}
    {%- for vendor in texting_vendors() %}
    select * from {{ ref('stg_' ~ vendor ~ '__' ~ model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
