{# Small repairs of values that several sources need. #}

{# Text as it is, but null where it is blank or made only of mask characters (`*`, `#`, `X`). #}
{% macro unmasked(value) -%}
    case when not {{ matches("trim(" ~ value ~ ")", '^[*# /-]*$') }} then trim({{ value }}) end
{%- endmacro %}

{# Parts joined by one space, leaving out those that are null. #}
{% macro join_words(parts) -%}
    nullif(trim({% for part in parts %}coalesce({{ unmasked(part) }} || ' ', ''){% if not loop.last %} || {% endif %}{% endfor %}), '')
{%- endmacro %}

{# A US telephone number as ten digits, null for anything else. #}
{% macro phone10(value) -%}
    case
        when {{ matches(replace_all(value, '[^0-9]', ''), '^1?[2-9][0-9]{9}$') }}
            then right({{ replace_all(value, '[^0-9]', '') }}, 10)
    end
{%- endmacro %}

{# F, M or U (unknown or not said). #}
{% macro sex_code(value) -%}
    case upper(trim({{ value }}))
        when 'F' then 'F'
        when 'FEMALE' then 'F'
        when 'M' then 'M'
        when 'MALE' then 'M'
        else 'U'
    end
{%- endmacro %}

{# The age in years on a day, from a birth date or, where only the year is known, from the year (the age
   reached in that year); null where neither is known or the age is beyond belief. #}
{% macro age_on(birth_year, birth_date, day) -%}
    {%- set age -%}
(extract(year from {{ day }}) - {{ birth_year }}
        - case when {{ birth_date }} is not null
            and extract(month from {{ birth_date }}) * 100 + extract(day from {{ birth_date }})
            > extract(month from {{ day }}) * 100 + extract(day from {{ day }}) then 1 else 0 end)
    {%- endset -%}
    case when {{ age }} between 16 and 115 then cast({{ age }} as integer) end
{%- endmacro %}

{# The age band on a day, from a birth date or, where only the year is known, from the year (the
   age reached in that year). 'unknown' where neither is known or the age is beyond belief. #}
{% macro age_band(birth_year, birth_date, day) -%}
    {%- set age -%}
(extract(year from {{ day }}) - {{ birth_year }}
        - case when {{ birth_date }} is not null
            and extract(month from {{ birth_date }}) * 100 + extract(day from {{ birth_date }})
            > extract(month from {{ day }}) * 100 + extract(day from {{ day }}) then 1 else 0 end)
    {%- endset -%}
    case
        when {{ birth_year }} is null then 'unknown'
        when {{ age }} < 16 then 'unknown'
        when {{ age }} < 18 then '17-'
        when {{ age }} < 25 then '18-24'
        when {{ age }} < 35 then '25-34'
        when {{ age }} < 50 then '35-49'
        when {{ age }} < 65 then '50-64'
        when {{ age }} < 80 then '65-79'
        when {{ age }} < 116 then '80+'
        else 'unknown'
    end
{%- endmacro %}
