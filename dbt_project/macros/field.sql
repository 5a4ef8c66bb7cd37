{# What the field programme's models share. #}

{# The pools that people are sent to: door and telephone win votes there; registration is worked otherwise. #}
{% macro field_purposes() -%}
    {{ return(['gotv', 'persuasion']) }}
{%- endmacro %}

{# The named numbers of [field.rules] in winnumber.toml. #}
{% macro field_rules() -%}
    {{ return([
        'contact_rate_min_attempts', 'contact_rate_prior_attempts', 'capacity_weeks', 'office_min_organizers',
        'organizers_per_office', 'max_cost_per_net_vote_usd',
    ]) }}
{%- endmacro %}

{# A select with one row and one column per rule. #}
{% macro field_rule_row() -%}
select
        {% for rule in field_rules() -%}
        max(case when name = '{{ rule }}' then value end) as {{ rule }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ source('config', 'field_rules') }}
{%- endmacro %}

{# Whether a scored voter is in a pool, by the thresholds of winnumber.toml. `voters` and `thresholds` are aliases. #}
{% macro in_pool(purpose, voters, thresholds) -%}
    {%- if purpose == 'gotv' -%}
        {{ voters }}.is_active
        and {{ voters }}.p_support >= {{ thresholds }}.gotv_support_min
        and {{ voters }}.p_turnout >= {{ thresholds }}.gotv_turnout_min
        and {{ voters }}.p_turnout < {{ thresholds }}.gotv_turnout_max
    {%- else -%}
        {{ voters }}.is_active
        and {{ voters }}.p_support >= {{ thresholds }}.persuasion_support_min
        and {{ voters }}.p_support <= {{ thresholds }}.persuasion_support_max
        and {{ voters }}.p_turnout >= {{ thresholds }}.persuasion_turnout_min
    {%- endif -%}
{%- endmacro %}

{# Dollars as people write them: $1,234.50 would need a locale, so $1234.50. #}
{% macro dollars(expression) -%}
    '$' || {{ as_text("cast(" ~ expression ~ " as decimal(18, 2))") }}
{%- endmacro %}

{# The first sentence whose condition holds: a list of [condition, [parts of text]]. #}
{% macro sentence(cases) -%}
case
        {%- for condition, parts in cases %}
        when {{ condition }} then {{ parts | join(' || ') }}
        {%- endfor %}
    end
{%- endmacro %}
