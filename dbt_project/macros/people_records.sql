{# The people of several feeds, one row per record: the columns every staging model of people has. Without a
   feed, no rows. #}
{% macro people_records(models) -%}
    {%- set columns = [
        'record_id', 'source', 'source_person_id', 'given_voter_id', 'first_name', 'middle_name', 'last_name',
        'name_suffix', 'email', 'phone', 'address', 'city', 'state', 'zip5',
    ] -%}
    {%- for model in models %}
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        first_seen_date
    from {{ ref(model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        {%- for column in columns %}
        {{ as_text('null') }} as {{ column }},
        {%- endfor %}
        cast(null as date) as first_seen_date
    where false
    {%- endfor %}
{%- endmacro %}
