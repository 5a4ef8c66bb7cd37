{# A voter's past as one number: each election that matters has a bit. #}

{# How many elections of each kind are looked back at: generals of even years, primaries by even year, and
   whatever was held statewide in November of odd years (Virginia's generals, municipal elections). #}
{% macro look_backs() -%}
    {{ return({'general': 8, 'primary': 4, 'odd': 4}) }}
{%- endmacro %}

{# Every (role, kind, position) that has a bit, and the number of that bit. The training election and the coming
   one look back in the same way; two more bits say who voted in the training election and in the election
   that support is calibrated to. #}
{% macro looked_at() -%}
    {%- set found = [] -%}
    {%- for kind, positions in look_backs().items() -%}
        {%- for role in ['training', 'coming'] -%}
            {%- for position in range(1, positions + 1) -%}
                {%- do found.append((role, kind, position)) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The bit of an election in a role. #}
{% macro pattern_bit(role, kind, position) -%}
    {%- set ordered = looked_at() + [('training', 'target', 1), ('support', 'target', 1)] -%}
    {{ 2 ** ordered.index((role, kind, position)) }}
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
   (registered later, and no vote before), '.' not known in this state for both roles.
   A registration date after a vote is a re-registration, so a vote counts as proof. #}
{% macro pattern_letter(role, kind, position) -%}
    {%- set here = role ~ '_' ~ kind ~ '_' ~ position -%}
    case
        when not coalesce(dates.{{ here }}_is_known, false) then '.'
        when {{ has_bit('voters.votes', role, kind, position) }} then '1'
        when voters.registration_date > dates.{{ here }}
            and coalesce(voters.first_vote_date > dates.{{ here }}, true) then 'x'
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
{% macro pattern(role, kind) -%}
    {%- for position in range(1, look_backs()[kind] + 1) -%}
        {{ primary_letter(role, position) if kind == 'primary' else pattern_letter(role, kind, position) }}
        {%- if not loop.last %}
    || {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{# Of the rows of int_votes__pattern_elections, the one at this position: its day and whether it is known. #}
{% macro pattern_dates(role, kind, position) -%}
    {%- set here = "role = '" ~ role ~ "' and kind = '" ~ kind ~ "' and position = " ~ position -%}
    max(case when {{ here }} then election_date end) as {{ role }}_{{ kind }}_{{ position }},
    max(case when {{ here }} and is_known then 1 else 0 end) = 1 as {{ role }}_{{ kind }}_{{ position }}_is_known
{%- endmacro %}

{# Since when a voter is known, seen from `day`: the registration on file or an earlier vote. #}
{% macro known_since(day) -%}
    case
        when voters.first_vote_date < {{ day }}
            and coalesce(voters.first_vote_date < voters.registration_date, true) then voters.first_vote_date
        else voters.registration_date
    end
{%- endmacro %}
