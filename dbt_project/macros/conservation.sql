{# For tests: the models that hold more rows than were delivered for them.

   delivered  model -> the accepted tables that it is made from

   Returns a select of the model's name, the rows it holds and those delivered. #}
{% macro more_rows_than_delivered(delivered) -%}
select
    model_name,
    model_rows,
    delivered_rows
from (
    {%- for model, tables in delivered.items() %}
    select
        cast('{{ model }}' as varchar) as model_name,
        (select count(*) from {{ ref(model) }}) as model_rows,
        {%- for table in tables %}
        {% if not loop.first %}+ {% endif %}(select count(*) from {{ source('accepted', table) }})
        {%- endfor %} as delivered_rows
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
) as counted
where model_rows > delivered_rows
{%- endmacro %}
