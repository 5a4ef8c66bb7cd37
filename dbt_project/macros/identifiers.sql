{# Ids that are made, not delivered. #}

{# The precinct split: everything that decides which contests a voter votes in. Twelve hexadecimal
   digits of the parts, so that a split keeps its id from day to day whatever else appears. #}
{% macro split_id(state, parts) -%}
    {{ state }} || '-' || substr(md5({{ parts | join(" || '|' || ") }}), 1, 12)
{%- endmacro %}
