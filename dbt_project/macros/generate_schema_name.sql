{# The schema is exactly the one the layer names (`staging`, `intermediate`, `marts`, `seeds`),
   never prefixed with the target's: readers' queries must not depend on who built the release. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
