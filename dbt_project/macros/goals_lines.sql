{# The lists of the ledger, each written once: the models, the marts and the tests all read them here. #}

{# Every kind of area people work in, with the column of `int_geography__splits` that holds its id. #}
{% macro goals_geographies() -%}
    {{ return([
        ('state', 'state'),
        ('congressional_district', 'congressional_district_id'),
        ('state_senate_district', 'state_senate_district_id'),
        ('state_house_district', 'state_house_district_id'),
        ('county', 'county_fips'),
        ('municipality', 'municipality_id'),
        ('precinct', 'precinct_id'),
        ('media_market', 'media_market_id'),
    ]) }}
{%- endmacro %}

{# The lines that are whole numbers at the atom and sums everywhere else. #}
{% macro goals_additive_lines() -%}
    {{ return([
        'registered', 'registered_inactive', 'expected_turnout', 'win_number', 'vote_goal', 'base_vote',
        'expected_support',
        'gotv_pool', 'gotv_expected_yield',
        'persuasion_pool', 'persuasion_women', 'persuasion_men', 'persuasion_unknown_sex', 'crossover_pool',
        'persuasion_expected_yield', 'registration_pool', 'registration_expected_yield',
        'goal_from_gotv', 'goal_from_persuasion', 'goal_from_registration', 'uncovered_deficit',
        'contacts', 'attempts', 'volunteer_hours', 'volunteer_shifts', 'staff', 'cost_cents',
    ]) }}
{%- endmacro %}

{# The pools a deficit can be covered from; where two cost the same, the earlier one is worked first. #}
{% macro goals_purposes() -%}
    {{ return(['gotv', 'persuasion', 'registration']) }}
{%- endmacro %}

{# The named numbers of winnumber.toml that decide who is in which pool. #}
{% macro goals_thresholds() -%}
    {{ return([
        'reliable_turnout_min', 'gotv_support_min', 'gotv_turnout_min', 'gotv_turnout_max',
        'persuasion_support_min', 'persuasion_support_max', 'persuasion_turnout_min', 'crossover_support_min',
    ]) }}
{%- endmacro %}

{# Whether a district id stands for people whose district is withheld or unknown. No contest is fought there. #}
{% macro goals_is_withheld(expression) -%}
    ({{ expression }} like '%-withheld' or {{ expression }} like '%-unknown')
{%- endmacro %}
