{# The value of the numbered column that `number` points at: of `district_1` to `district_40`, the
   one whose meaning a county's own zone list gives. #}
{% macro value_of_slot(number, prefix, count) -%}
    case {{ number }}
        {%- for slot in range(1, count + 1) %}
        when {{ slot }} then {{ prefix }}{{ slot }}
        {%- endfor %}
    end
{%- endmacro %}
