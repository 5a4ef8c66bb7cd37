{# A voter's past as one small number: each election that matters has a bit. #}

{# The bit of an election in a role: the training election and the coming one each look back at
   four generals and the primaries of two even years; two more bits say who voted in the training
   election and in the election that support is calibrated to. #}
{% macro pattern_bit(role, kind, position) -%}
    {%- set bits = {
        'training general': [1, 2, 4, 8],
        'coming general': [16, 32, 64, 128],
        'training primary': [256, 512],
        'coming primary': [1024, 2048],
        'training target': [4096],
        'support target': [8192],
    } -%}
    {{ bits[role ~ ' ' ~ kind][position - 1] }}
{%- endmacro %}

{# Whether the bit is set. #}
{% macro has_bit(mask, role, kind, position) -%}
    ({{ mask }} & {{ pattern_bit(role, kind, position) }}) <> 0
{%- endmacro %}

{# All the votes of a mask joined over the rows of a group. #}
{% macro combine_bits(mask) -%}
    {{ adapter.dispatch('combine_bits', 'winnumber')(mask) }}
{%- endmacro %}

{% macro default__combine_bits(mask) -%}
    bit_or({{ mask }})
{%- endmacro %}

{# One letter for one general: 1 voted, 0 was registered and stayed home, x was not registered yet
   (registered later, and no vote then or before), '.' not known in this state for both roles.
   A registration date after a vote is a re-registration, so a vote counts as proof. #}
{% macro pattern_letter(role, position) -%}
    case
        when not coalesce(dates.{{ role }}_general_{{ position }}_is_known, false) then '.'
        when {{ has_bit('voters.votes', role, 'general', position) }} then '1'
        when voters.registration_date > dates.{{ role }}_general_{{ position }}
        {%- for older in range(position + 1, 5) %}
            and not {{ has_bit('voters.votes', role, 'general', older) }}
        {%- endfor %} then 'x'
        else '0'
    end
{%- endmacro %}

{# One letter for the primaries of one even year: 1 voted, 0 did not, '.' not known. #}
{% macro primary_letter(role, position) -%}
    case
        when not coalesce(dates.{{ role }}_primary_{{ position }}_is_known, false) then '.'
        when {{ has_bit('voters.votes', role, 'primary', position) }} then '1'
        else '0'
    end
{%- endmacro %}

{# The letters side by side, newest election first. #}
{% macro pattern(role) -%}
    {{ pattern_letter(role, 1) }} || {{ pattern_letter(role, 2) }}
    || {{ pattern_letter(role, 3) }} || {{ pattern_letter(role, 4) }}
{%- endmacro %}

{% macro primary_pattern(role) -%}
    {{ primary_letter(role, 1) }} || {{ primary_letter(role, 2) }}
{%- endmacro %}

{# Of the rows of int_votes__pattern_elections, the one at this position: its day and whether it is known. #}
{% macro pattern_dates(role, kind, position) -%}
    {%- set here = "role = '" ~ role ~ "' and kind = '" ~ kind ~ "' and position = " ~ position -%}
    max(case when {{ here }} then election_date end) as {{ role }}_{{ kind }}_{{ position }},
    max(case when {{ here }} and is_known then 1 else 0 end) = 1 as {{ role }}_{{ kind }}_{{ position }}_is_known
{%- endmacro %}
