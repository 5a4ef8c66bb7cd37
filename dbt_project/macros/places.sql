{# Names and codes of places, normalised in one way wherever they come from: voter files,
   results and goals meet on them, so there is one macro for each. #}

{# '12', 'STH012', 'DISTRICT 12', '012' and '12.' of a state and district type as 'NC-12', in the width of
   seeds/district_types.csv (a test compares them). Blank, all-zero, masked or worded values are
   null: no district. `state` and `value` are SQL expressions, `district_type` is a name. #}
{% macro normalize_district(state, district_type, value) -%}
    {%- set width = {'congressional_district': 2, 'state_senate_district': 3, 'state_house_district': 3}[district_type] -%}
    {%- set digits = replace_all("trim(upper(" ~ value ~ "))", '^[A-Z .-]*0*', '') -%}
    case
        when not {{ matches("trim(upper(" ~ value ~ "))", '^((STH|STS|USC|CD|SD|HD|DISTRICT|DIST)[ .-]*)?[0-9]+$') }} then null
        when {{ digits }} = '' then null
        when length({{ digits }}) >= {{ width }} then {{ state }} || '-' || {{ digits }}
        else {{ state }} || '-' || lpad({{ digits }}, {{ width }}, '0')
    end
{%- endmacro %}

{# 'New Hanover', 'NEWHANOVER' and 'New Hanover County' as 'NEWHANOVER', the key of
   seeds/counties.csv. Virginia has counties and cities of one name, so there the kind stays. #}
{% macro county_key(name) -%}
    {{ replace_all(replace_all("upper(" ~ name ~ ")", ' COUNTY$', ''), '[^A-Z]', '') }}
{%- endmacro %}

{% macro county_key_with_kind(name) -%}
    {{ replace_all(replace_all("upper(" ~ name ~ ")", '&', 'AND'), '[^A-Z]', '') }}
{%- endmacro %}

{# A precinct's code as the key shared by voter file and results: upper case, single spaces. #}
{% macro normalize_precinct(value) -%}
    nullif({{ replace_all("upper(trim(" ~ value ~ "))", ' +', ' ') }}, '')
{%- endmacro %}

{# A municipality's name as the tail of its id: 'Winston-Salem' is 'WINSTON_SALEM'. #}
{% macro normalize_place(name) -%}
    nullif({{ replace_all(replace_all("upper(" ~ name ~ ")", '[^A-Z0-9]+', '_'), '^_|_$', '') }}, '')
{%- endmacro %}

{# A precinct number written with and without leading zeros (Virginia): at least three digits. #}
{% macro precinct_number(value) -%}
    {%- set number = replace_all("trim(" ~ value ~ ")", '^0+', '') -%}
    case
        when not {{ matches("trim(" ~ value ~ ")", '^[0-9]+$') }} then {{ normalize_precinct(value) }}
        when length({{ number }}) >= 3 then {{ number }}
        else lpad({{ number }}, 3, '0')
    end
{%- endmacro %}
