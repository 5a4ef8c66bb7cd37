{# No two rows share the key. Grouping and counting instead of a unique index: indexes are not
   kept in warehouse files. The answer holds the keys that repeat, never a whole row. #}
{% test unique_key(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
