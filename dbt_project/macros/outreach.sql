{# What the outreach tables share. #}

{# A count of people as it may be shown to everybody: null where it is one to ten, or is about so few. #}
{% macro unless_few(count, whole=none) -%}
    case
        when {{ count }} between 1 and 10 then null
        {%- if whole is not none %}
        when {{ whole }} between 1 and 10 then null
        {%- endif %}
        else {{ count }}
    end
{%- endmacro %}

{# The same day so many years before. #}
{% macro years_earlier(day, years) -%}
    {{ adapter.dispatch('years_earlier', 'winnumber')(day, years) }}
{%- endmacro %}

{% macro default__years_earlier(day, years) -%}
    cast({{ day }} - interval {{ years }} year as date)
{%- endmacro %}

{# The texts of a group in alphabetical order, with commas between them. #}
{% macro joined_text(expression) -%}
    {{ adapter.dispatch('joined_text', 'winnumber')(expression) }}
{%- endmacro %}

{% macro default__joined_text(expression) -%}
    string_agg({{ expression }}, ', ' order by {{ expression }})
{%- endmacro %}

{# An address in one form, to be compared and counted by: capitals and digits of the street line, and the ZIP code. #}
{% macro address_key(address, zip) -%}
    nullif(
        trim({{ replace_all("upper(" ~ visible(as_text(address)) ~ ")", '[^A-Z0-9#]+', ' ') }})
        || ' ' || coalesce({{ zip5(zip) }}, ''), ' '
    )
{%- endmacro %}
