{# A street address taken apart, so that '12 Main Street, Apt. 3', '12 MAIN ST #3' and '12 MAIN ST 3'
   are one place. The pieces: address_text, then street_line (without the house number), then the rest. #}

{# Capitals, digits and '#', single spaces. #}
{% macro address_text(value) -%}
    trim({{ replace_all("upper(" ~ without_accents(visible(as_text(value))) ~ ")", '[^A-Z0-9#]+', ' ') }})
{%- endmacro %}

{# The house number of an address text; empty where it has none (a rural route, a box). #}
{% macro house_number(text) -%}
    {{ extract_first(text, '^([0-9]+)') }}
{%- endmacro %}

{# What stands behind the house number. #}
{% macro street_line(text) -%}
    {{ replace_all(text, '^[0-9]+[A-Z]? +', '') }}
{%- endmacro %}

{# The unit of a street line: behind APT, UNIT, # and the like, or a bare number at the end; else empty.
   'HIGHWAY 70' is read as unit 70 of HIGHWAY, the same for everybody who writes it. #}
{% macro unit_number(line) -%}
    {{ extract_first(line, '[A-Z0-9](?: (?:APT|APARTMENT|UNIT|STE|SUITE|LOT|TRLR|BLDG|RM|ROOM|NO)[ #]*| ?#[ #]*| )([0-9]+[A-Z]?|[A-Z][0-9]*)$') }}
{%- endmacro %}

{# The street of a street line, with its last word and a direction before it in the post office's short form.
   `word` is that last word's short form from seeds/street_types.csv, null where it is no street type. #}
{% macro street_without_unit(line) -%}
    {{ replace_all(line, '( (APT|APARTMENT|UNIT|STE|SUITE|LOT|TRLR|BLDG|RM|ROOM|NO)[ #].*| ?#.*| [0-9]+[A-Z]?)$', '') }}
{%- endmacro %}

{% macro street_key(street, word) -%}
    {{ replace_all("case when " ~ word ~ " is null then " ~ street ~ " else "
        ~ replace_all(street, '[A-Z]+$', '') ~ " || " ~ word ~ " end", '^(N|S|E|W)(ORTH|OUTH|AST|EST) ', '\\1 ') }}
{%- endmacro %}
