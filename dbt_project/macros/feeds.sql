{# Values as the feeds of a campaign's tools write them: times with a zone, without one or in another, and
   records inside a column as JSON. Every engine says these things differently. #}

{# Text of a time (`2026-09-01 18:00:00`, with T, fractions, Z, UTC or +00:00) as a timestamp without zone; null
   for anything else. The text's own zone must be the one the caller expects. #}
{% macro as_time(expression) -%}
    {{ try_cast(replace_all(expression, '([.][0-9]+)?(Z| UTC|[+]00:00)?$', ''), 'timestamp') }}
{%- endmacro %}

{# A clock time of the zone (`America/New_York`) as the same moment in UTC, summer time minded. #}
{% macro utc_from_zone(expression, zone) -%}
    {{ adapter.dispatch('utc_from_zone', 'winnumber')(expression, zone) }}
{%- endmacro %}

{% macro default__utc_from_zone(expression, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ expression }}))
{%- endmacro %}

{# A moment in UTC as the clock of the zone shows it. #}
{% macro zone_from_utc(expression, zone) -%}
    {{ adapter.dispatch('zone_from_utc', 'winnumber')(expression, zone) }}
{%- endmacro %}

{% macro default__zone_from_utc(expression, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ expression }}))
{%- endmacro %}

{# Hours from the first time to the second, to the minute. #}
{% macro hours_between(earlier, later) -%}
    {{ adapter.dispatch('hours_between', 'winnumber')(earlier, later) }}
{%- endmacro %}

{% macro default__hours_between(earlier, later) -%}
    cast(date_diff('minute', {{ earlier }}, {{ later }}) / 60.0 as decimal(9, 2))
{%- endmacro %}

{# The value at a path (`$.opens`) of a JSON text, as text; null where there is none, or no JSON. #}
{% macro json_text(expression, path) -%}
    {{ adapter.dispatch('json_text', 'winnumber')(expression, path) }}
{%- endmacro %}

{% macro default__json_text(expression, path) -%}
    case when json_valid({{ expression }}) then json_extract_string({{ expression }}, '{{ path }}') end
{%- endmacro %}

{# true, false or null for the text of a truth value. #}
{% macro as_flag(expression) -%}
    case lower(trim({{ expression }})) when 'true' then true when 'false' then false end
{%- endmacro %}
