{# Ids that are made, not delivered. #}

{# The precinct split: everything that decides which contests a voter votes in. Twelve hexadecimal
   digits of the parts, so that a split keeps its id from day to day whatever else appears. #}
{% macro split_id(state, parts) -%}
    {{ state }} || '-' || substr(md5({{ parts | join(" || '|' || ") }}), 1, 12)
{%- endmacro %}

{# HMAC-SHA-256 under the key of the home, cut to twenty hexadecimal digits: the id of a person or a household. The
   message says of what kind it is ('voter:', 'record:', ...), so that two kinds never share an id. The key comes out of
   a relation and stands in no SQL. #}
{% macro keyed_hash(message) -%}
    {%- set key = source('config', 'person_key') -%}
    substr({{ hmac_sha256(message, "(select inner_pad from " ~ key ~ ")", "(select outer_pad from " ~ key ~ ")") }}, 1, 20)
{%- endmacro %}

{# The id of the person that a native id ('voter:NC-1', 'record:actblue:7') names. #}
{% macro person_key(native_id) -%}
    'P-' || {{ keyed_hash(native_id) }}
{%- endmacro %}
