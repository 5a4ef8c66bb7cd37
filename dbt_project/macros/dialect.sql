{# Every piece of SQL that one engine writes differently from another stands here and nowhere
   else. Each macro is a dispatcher; `default__` is the form for DuckDB. #}

{# The value as `data_type`, or null where it is no such thing (never an error). #}
{% macro try_cast(expression, data_type) -%}
    {{ adapter.dispatch('try_cast', 'winnumber')(expression, data_type) }}
{%- endmacro %}

{% macro default__try_cast(expression, data_type) -%}
    try_cast({{ expression }} as {{ data_type }})
{%- endmacro %}

{# Text of digits (thousands commas allowed) as a whole number, null for anything else. A plain
   try_cast would read '12.7' as 13 on one engine and as null on another. #}
{% macro to_integer(expression) -%}
    {{ try_cast("case when " ~ matches("replace(trim(" ~ expression ~ "), ',', '')", '^-?[0-9]+$')
        ~ " then replace(trim(" ~ expression ~ "), ',', '') end", 'integer') }}
{%- endmacro %}

{# A date written in `format` ('mdy' = 12/31/2024, 'ymd' = 2024-12-31, 'yyyymmdd' = 20241231, 'mmddyyyy' =
   12312024), null otherwise. #}
{% macro parse_date(expression, format) -%}
    {{ adapter.dispatch('parse_date', 'winnumber')(expression, format) }}
{%- endmacro %}

{% macro default__parse_date(expression, format) -%}
    {%- set formats = {'mdy': '%m/%d/%Y', 'ymd': '%Y-%m-%d', 'yyyymmdd': '%Y%m%d', 'mmddyyyy': '%m%d%Y'} -%}
    cast(try_strptime({{ expression }}, '{{ formats[format] }}') as date)
{%- endmacro %}

{# Whether the text holds a match of the regular expression (anchor it with ^ and $). #}
{% macro matches(expression, pattern) -%}
    {{ adapter.dispatch('matches', 'winnumber')(expression, pattern) }}
{%- endmacro %}

{% macro default__matches(expression, pattern) -%}
    regexp_matches({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{# Every match replaced. #}
{% macro replace_all(expression, pattern, replacement) -%}
    {{ adapter.dispatch('replace_all', 'winnumber')(expression, pattern, replacement) }}
{%- endmacro %}

{% macro default__replace_all(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{# The first group of the first match; an empty text where there is none. #}
{% macro extract_first(expression, pattern) -%}
    {{ adapter.dispatch('extract_first', 'winnumber')(expression, pattern) }}
{%- endmacro %}

{% macro default__extract_first(expression, pattern) -%}
    regexp_extract({{ expression }}, '{{ pattern }}', 1)
{%- endmacro %}

{# Whole days from the first date to the second. #}
{% macro days_between(earlier, later) -%}
    {{ adapter.dispatch('days_between', 'winnumber')(earlier, later) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    date_diff('day', {{ earlier }}, {{ later }})
{%- endmacro %}

{# The value of `expression` in the row with the greatest `ordering` (ties must not exist). #}
{% macro value_at_greatest(expression, ordering) -%}
    {{ adapter.dispatch('value_at_greatest', 'winnumber')(expression, ordering) }}
{%- endmacro %}

{% macro default__value_at_greatest(expression, ordering) -%}
    arg_max({{ expression }}, {{ ordering }})
{%- endmacro %}

{# The value as text (the type has another name elsewhere). #}
{% macro as_text(expression) -%}
    {{ adapter.dispatch('as_text', 'winnumber')(expression) }}
{%- endmacro %}

{% macro default__as_text(expression) -%}
    cast({{ expression }} as varchar)
{%- endmacro %}

{# Letters without their marks: 'José' and 'JOSE' + a combining accent both become letters of ASCII. #}
{% macro without_accents(expression) -%}
    {{ adapter.dispatch('without_accents', 'winnumber')(expression) }}
{%- endmacro %}

{% macro default__without_accents(expression) -%}
    strip_accents({{ expression }})
{%- endmacro %}

{# The first day of a date's month. #}
{% macro month_start(day) -%}
    {{ adapter.dispatch('month_start', 'winnumber')(day) }}
{%- endmacro %}

{% macro default__month_start(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{# The same day a number of months earlier; the last of the month where that has no such day. #}
{% macro months_before(day, months) -%}
    {{ adapter.dispatch('months_before', 'winnumber')(day, months) }}
{%- endmacro %}

{% macro default__months_before(day, months) -%}
    cast({{ day }} - interval {{ months }} month as date)
{%- endmacro %}

{# HMAC-SHA-256 of a text in hexadecimal digits, from the two pads of the key (RFC 2104). #}
{% macro hmac_sha256(message, inner_pad, outer_pad) -%}
    {{ adapter.dispatch('hmac_sha256', 'winnumber')(message, inner_pad, outer_pad) }}
{%- endmacro %}

{% macro default__hmac_sha256(message, inner_pad, outer_pad) -%}
    sha256({{ outer_pad }} || unhex(sha256({{ inner_pad }} || encode({{ message }}))))
{%- endmacro %}

{% macro spark__hmac_sha256(message, inner_pad, outer_pad) -%}
    sha2(concat({{ outer_pad }}, unhex(sha2(concat({{ inner_pad }}, encode({{ message }}, 'UTF-8')), 256))), 256)
{%- endmacro %}
