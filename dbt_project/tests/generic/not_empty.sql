{# A table without rows passes every other test; this one refuses it. #}
{% test not_empty(model) %}

select 'no rows' as problem
from (select count(*) as row_count from {{ model }}) as counted
where row_count = 0

{% endtest %}
