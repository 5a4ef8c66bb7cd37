{# What the feeds of ad platforms need read out of them, and the arithmetic of hold-outs. #}

{# A mark out of the names of a campaign and its ad group: 'geo' of 'WN | geo=NC-M01 | x' is 'NC-M01';
   null where the names do not carry it. #}
{% macro name_mark(names, key) -%}
    nullif(trim({{ extract_first(names, '(?:^|[|]) *' ~ key ~ ' *= *([^|]*)') }}), '')
{%- endmacro %}

{# In a JSON list of objects of text, the value of `value_key` in the first object whose `name_key` is
   `name`; null where there is none, or the text is no JSON. #}
{% macro json_list_value(expression, name_key, name, value_key) -%}
    {{ adapter.dispatch('json_list_value', 'winnumber')(expression, name_key, name, value_key) }}
{%- endmacro %}

{% macro default__json_list_value(expression, name_key, name, value_key) -%}
    case when json_valid({{ expression }}) then
        list_extract(
            list_filter(
                from_json({{ expression }}, '[{"{{ name_key }}":"VARCHAR","{{ value_key }}":"VARCHAR"}]'),
                lambda item: item.{{ name_key }} = '{{ name }}'
            ),
            1
        ).{{ value_key }}
    end
{%- endmacro %}

{# The Sunday that begins the week of a day. The first of January 2023 was one. #}
{% macro week_start(day) -%}
    {{ day }} - cast((({{ days_between("date '2023-01-01'", day) }}) % 7 + 7) % 7 as integer)
{%- endmacro %}

{# Figures of advertising are money to the millionth (platforms bill in micros). #}
{% macro ad_money(expression) -%}
    cast({{ expression }} as decimal(24, 6))
{%- endmacro %}

{# A hold-out with fewer people than this in an arm, or fewer sign-ups in both together, says nothing:
   with twenty sign-ups the 80 % interval of a difference is still as wide as half the rate itself. #}
{% macro lift_minimum_people() -%}
    {{ return(1000) }}
{%- endmacro %}
{% macro lift_minimum_conversions() -%}
    {{ return(20) }}
{%- endmacro %}

{# One end of Wilson's 80 % score interval for `successes` among `people` (0 < people).
   E. B. Wilson (1927), Journal of the American Statistical Association 22. `side`: '-' or '+'. #}
{% macro wilson_bound(successes, people, side) -%}
    {%- set z = 1.2815515655446004 -%}
    {%- set p = "(cast(" ~ successes ~ " as double) / " ~ people ~ ")" -%}
    (({{ p }} + {{ z * z / 2 }} / {{ people }}
        {{ side }} {{ z }} * sqrt({{ p }} * (1 - {{ p }}) / {{ people }}
            + {{ z * z / 4 }} / (cast({{ people }} as double) * {{ people }})))
        / (1 + {{ z * z }} / {{ people }}))
{%- endmacro %}
