{# Student's t in closed form, for bands and win probabilities. Doubles are computed row by row and never summed, so
   that two runs agree. #}

{# The value of Student's t below which it lies with the probability of the normal quantile `z` (Wallace 1959, inverted;
   off by less than 1 % from 3 degrees of freedom on for 80 % bands, tested against the exact quantile). #}
{% macro t_quantile(z, df) -%}
    sqrt({{ df }} * (exp(power({{ z }} * (8 * {{ df }} + 3) / (8 * {{ df }} + 1), 2) / {{ df }}) - 1))
{%- endmacro %}

{# The probability that Student's t lies below `t` (Wallace 1959, within 0.005 from 3 degrees of freedom on). #}
{% macro t_probability(t, df) -%}
    {{ normal_probability(
        'sign(' ~ t ~ ') * (8 * ' ~ df ~ ' + 1) / (8 * ' ~ df ~ ' + 3) * sqrt(' ~ df ~ ' * ln(1 + power(' ~ t ~ ', 2) / '
        ~ df ~ '))'
    ) }}
{%- endmacro %}

{# The normal distribution function (Abramowitz and Stegun 26.2.17, within 7.5e-8). #}
{% macro normal_probability(z) -%}
    case
        when {{ z }} >= 0 then 1 - {{ normal_tail(z) }}
        else {{ normal_tail('-(' ~ z ~ ')') }}
    end
{%- endmacro %}

{% macro normal_tail(z) -%}
    {%- set k = '(1 / (1 + 0.2316419 * (' ~ z ~ ')))' -%}
    (
        0.3989422804014327 * exp(-0.5 * power({{ z }}, 2)) * {{ k }} * (
            0.319381530 + {{ k }} * (
                -0.356563782 + {{ k }} * (1.781477937 + {{ k }} * (-1.821255978 + {{ k }} * 1.330274429))
            )
        )
    )
{%- endmacro %}

{# The normal quantile that leaves a tenth on each side: every band of the ledger is an 80 % band. #}
{% macro band_z() -%}
    1.2815515655446004
{%- endmacro %}

{# Variance of a measure's error in an area, and the sum of its squared parts over their degrees of freedom (Welch and
   Satterthwaite). `own` is chance alone, of known size. Shares of county and precinct are the sums of squared parts of
   the area's turnout: an area of many counties averages their errors out, nation and state never. #}
{% macro error_variance(measure, own) -%}
    power({{ measure }}_national_sd, 2) + power({{ measure }}_state_sd, 2) + power({{ measure }}_contest_sd, 2)
    + power({{ measure }}_county_sd, 2) * county_concentration
    + power({{ measure }}_precinct_sd, 2) * precinct_concentration + {{ own }}
{%- endmacro %}

{% macro error_variance_over_df(measure) -%}
    power({{ measure }}_national_sd, 4) / {{ measure }}_national_df
    + power({{ measure }}_state_sd, 4) / {{ measure }}_state_df
    + power({{ measure }}_contest_sd, 4) / {{ measure }}_contest_df
    + power(power({{ measure }}_county_sd, 2) * county_concentration, 2) / {{ measure }}_county_df
    + power(power({{ measure }}_precinct_sd, 2) * precinct_concentration, 2) / {{ measure }}_precinct_df
{%- endmacro %}

{# A share kept off 0 and 1, where log odds end. #}
{% macro within_bounds(share) -%}
    greatest(0.001, least(0.999, {{ share }}))
{%- endmacro %}
