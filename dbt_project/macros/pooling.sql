{# Partial pooling of rates: the few formulas that int_message__estimates is made of. Sums are taken over decimals,
   so that the order in which an engine adds changes nothing. #}

{# The fewest people that a published cell may hold. #}
{% macro message_least_people() -%}
    11
{%- endmacro %}

{# What a wording must meet to be called the winner of a segment: the probability of being best, and the people of
   the segment who were sent it (and each of the others). Nine in ten is the campaign's patience for a wrong call;
   below some fifty people a rate of one in ten is known to within eight points at best. #}
{% macro message_least_certainty() -%}
    0.9
{%- endmacro %}

{% macro message_least_sent() -%}
    50
{%- endmacro %}

{# A rate on the arcsine scale: 2 * asin(sqrt(p)), with Anscombe's correction. Its error is 1 / (sent + 1/2). #}
{% macro rate_score(responses, sent) -%}
    2 * asin(sqrt(({{ responses }} + 0.375e0) / ({{ sent }} + 0.75e0)))
{%- endmacro %}

{# And back: a rate between 0 and 1. #}
{% macro score_rate(score) -%}
    cast(power(sin(greatest(0.0e0, least(3.141592653589793e0, {{ score }})) / 2), 2) as decimal(9, 6))
{%- endmacro %}

{# A term of a sum: exact to ten places. #}
{% macro term(expression) -%}
    cast({{ expression }} as decimal(38, 10))
{%- endmacro %}

{# DerSimonian and Laird's moment estimate of the variance between groups. q: weighted squared deviations, k: groups,
   weights and squared_weights: their sums. Never below 0; 0 for a single group. #}
{% macro variance_between(q, k, weights, squared_weights) -%}
    case
        when {{ k }} < 2 then 0.0e0
        else greatest(
            0.0e0,
            (cast({{ q }} as double) - ({{ k }} - 1))
            / nullif(cast({{ weights }} as double) - cast({{ squared_weights }} as double) / cast({{ weights }} as double), 0)
        )
    end
{%- endmacro %}

{# The same for the interplay of two classifications, of which the main effects were taken out before. Never below
   half its own standard error: to take it for nothing because little was seen would make every interval too narrow. #}
{% macro interplay_variance(q, weights, segments, messages) -%}
    {%- set df = '((' ~ segments ~ ' - 1) * (' ~ messages ~ ' - 1))' -%}
    case
        when {{ df }} = 0 then 0.0e0
        else greatest(cast({{ q }} as double) - {{ df }}, 0.5e0 * sqrt(2.0e0 * {{ df }}))
            / (cast({{ weights }} as double) * {{ df }} / ({{ segments }} * {{ messages }}))
    end
{%- endmacro %}

{# The part of a deviation that is kept: tau^2 / (tau^2 + se^2), 0 where both are 0. #}
{% macro kept_share(tau2, se2) -%}
    coalesce({{ tau2 }} / nullif({{ tau2 }} + {{ se2 }}, 0), 0.0e0)
{%- endmacro %}

{# Probability that a standard normal variable is below the value; Page's approximation (1977), off by 0.00018 at
   most. Beyond eight standard deviations it is 0 or 1. #}
{% macro normal_below(value) -%}
    1.0e0 / (1.0e0 + exp(-(1.5976e0 * greatest(-8.0e0, least(8.0e0, {{ value }}))
        + 0.070565992e0 * power(greatest(-8.0e0, least(8.0e0, {{ value }})), 3))))
{%- endmacro %}

{# Rows (z, weight): a standard normal variable on 81 points from -4 to 4, the weights adding up to nearly 1. #}
{% macro normal_grid() -%}
    select
        (place - 40) / 10.0e0 as z,
        0.0398942280401433e0 * exp(-0.5e0 * power((place - 40) / 10.0e0, 2)) as weight
    from (values {% for place in range(81) %}({{ place }}){% if not loop.last %}, {% endif %}{% endfor %}) as places (place)
{%- endmacro %}
