{# Each value is one of the listed ones; nulls are the business of not_null. #}
{% test one_of(model, column_name, values) %}

select {{ column_name }}
from {{ model }}
where {{ column_name }} not in ({% for value in values %}'{{ value }}'{% if not loop.last %}, {% endif %}{% endfor %})

{% endtest %}
