{# Whether the state's own list of voters may be used for a purpose (see config.permitted_uses). For rows that
   stand on the list; a state without a list, or no state, permits nothing.
   `{{ voter_list_permits('people.state', 'fundraising') }}` #}
{% macro voter_list_permits(state, purpose) -%}
    coalesce({{ state }} in (
        select permitted_uses.state
        from {{ source('config', 'permitted_uses') }} as permitted_uses
        where permitted_uses.is_voter_list and permitted_uses.purpose = '{{ purpose }}'
    ), false)
{%- endmacro %}
