{# How a total becomes integers at the parts. Everything the ledger hands down goes through the
   macros of this file; nothing else in the project rounds a goal.

   Numbers: quotas are decimal(24,12), so a sum does not depend on the order in which an engine
   adds; logistic curves are computed in doubles, term by term, and each term is rounded to that
   decimal before it is added. Ties are broken by the unit's id, compared as text, byte by byte. #}

{# A share of people or votes as the type in which quotas are kept. #}
{% macro as_quota(expression) -%}
    cast({{ expression }} as decimal(24, 12))
{%- endmacro %}

{# The nearest whole number, halves up. Not `round()`: engines differ on halves. #}
{% macro round_half_up(expression) -%}
    cast(floor({{ expression }} + 0.5) as bigint)
{%- endmacro %}

{# Whole numbers that add up to their total exactly (largest remainder, also called Hamilton's rule).

   relation   a CTE or table, one row per part
   partition  list of columns; within one partition the parts share `total`
   unit       column that names the part; it breaks ties
   quota      expression: what the part would get without rounding (never below 0); the quotas of a
              partition add up to its total, give or take the total's own rounding
   total      expression: the whole number to reach, the same on every row of a partition
   cap        expression: the most a part may get (whole); the caps of a partition reach its total and
              no part's cap is below its quota rounded down. Without it there is no limit.

   Each part gets its quota rounded down; the places still missing go, one each, to the parts with
   the largest remainders (with a cap: to those of them that have room). Where that is not enough
   - the caps leave too few parts with room, or there are no quotas to speak of - the rest goes on
   in the same order: to the room that is left, or round by round. So the sum is the total always,
   and no part exceeds its cap.

   Returns a select with the partition's columns, the unit and `allocated` (bigint). #}
{% macro largest_remainder(relation, partition, unit, quota, total, cap=none) -%}
    {% if cap is none -%}
    {{ _uncapped_remainder(relation, partition | join(', '), unit, quota, total) }}
    {%- else -%}
    {{ _capped_remainder(relation, partition | join(', '), unit, quota, total, cap) }}
    {%- endif %}
{%- endmacro %}

{% macro _uncapped_remainder(relation, keys, unit, quota, total) -%}
    select
        {{ keys }},
        {{ unit }},
        cast(
            lr_whole + (lr_missing - lr_missing % lr_parts) / lr_parts
            + case when lr_place <= lr_missing % lr_parts then 1 else 0 end as bigint
        ) as allocated
    from (
        select
            {{ keys }},
            {{ unit }},
            cast(floor(lr_quota) as bigint) as lr_whole,
            cast(lr_total - sum(floor(lr_quota)) over (partition by {{ keys }}) as bigint) as lr_missing,
            count(*) over (partition by {{ keys }}) as lr_parts,
            row_number() over (
                partition by {{ keys }}
                order by lr_quota - floor(lr_quota) desc nulls last, {{ unit }} asc nulls last
            ) as lr_place
        from (
            select
                {{ keys }},
                {{ unit }},
                {{ as_quota(quota) }} as lr_quota,
                cast({{ total }} as bigint) as lr_total
            from {{ relation }}
        ) as lr_quotas
    ) as lr_ranked
{%- endmacro %}

{% macro _capped_remainder(relation, keys, unit, quota, total, cap) -%}
    select
        {{ keys }},
        {{ unit }},
        cast(
            lr_whole + lr_extra
            + greatest(0, least(lr_room - lr_extra, lr_missing - lr_extra_in_all - lr_room_before)) as bigint
        ) as allocated
    from (
        select
            *,
            sum(lr_extra) over (partition by {{ keys }}) as lr_extra_in_all,
            coalesce(
                sum(lr_room - lr_extra) over (
                    partition by {{ keys }} order by lr_place asc nulls last
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ) as lr_room_before
        from (
            select
                *,
                case when lr_room > 0 and lr_place <= lr_missing then 1 else 0 end as lr_extra
            from (
                select
                    *,
                    lr_total - sum(lr_whole) over (partition by {{ keys }}) as lr_missing,
                    row_number() over (
                        partition by {{ keys }}
                        order by
                            case when lr_room > 0 then 0 else 1 end asc nulls last,
                            lr_remainder desc nulls last,
                            {{ unit }} asc nulls last
                    ) as lr_place
                from (
                    select
                        {{ keys }},
                        {{ unit }},
                        lr_total,
                        cast(floor(lr_quota) as bigint) as lr_whole,
                        lr_quota - floor(lr_quota) as lr_remainder,
                        lr_cap - cast(floor(lr_quota) as bigint) as lr_room
                    from (
                        select
                            {{ keys }},
                            {{ unit }},
                            {{ as_quota(quota) }} as lr_quota,
                            cast({{ total }} as bigint) as lr_total,
                            cast({{ cap }} as bigint) as lr_cap
                        from {{ relation }}
                    ) as lr_quotas
                ) as lr_parts
            ) as lr_ranked
        ) as lr_served
    ) as lr_topped
{%- endmacro %}

{# The one shift on the logit scale that makes parts with different shares reach a common total:
   `shift` such that the sum over units of weight x logistic(logit(share) + shift) is the goal.
   Rosenman, McCartan and Olivella (2023) describe it for calibration; here it hands a goal down.

   relation   a CTE or table, one row per unit
   partition  list of columns; one shift is found for each partition
   weight     expression: whole number of votes of the unit; units without votes play no part
   share      expression: the unit's own share, strictly between 0 and 1
   goal       expression: the total to reach, the same on every row of a partition

   The answer lies between logit(goal/total) - max(logit(share)) and the same with min, because at
   the one end every unit is at or below goal/total, at the other at or above it. With shares in
   [0.001, 0.999] that is a bracket of at most 13.82. Two passes over a grid of 8 cut it 64 times, so the
   middle is at most e0 = 0.108 away. Then Newton: for a sum of logistic curves |f''| <= f', so an
   error e becomes at most (e^2 / 2) exp(e): 0.0065, 2.2e-5, 2.4e-10, 3e-20. Four steps reach the
   last digit of a double for every partition at once, whatever the shares: no loop that may or may
   not end. The passes are unrolled here, one CTE each.

   Writes a chain of CTEs, to be followed by a comma or by the final select; the last one is
   `<name>` with the partition's columns and `shift` decimal(20,15); it has no row for a partition
   whose goal is 0, or all there is, where no finite shift exists. #}
{% macro logit_shift_ctes(name, relation, partition, weight, share, goal, grid=8, grid_passes=2, newton_passes=4) -%}
{%- set keys = partition | join(', ') -%}
{%- set on = [] -%}
{%- for key in partition %}{% do on.append('u.' ~ key ~ ' = x.' ~ key) %}{% endfor -%}
{%- set reached = as_quota('u.weight / (1 + exp(-(u.lean + x.point)))') -%}
{%- set slope = as_quota('u.weight / (1 + exp(-(u.lean + x.point))) / (1 + exp(u.lean + x.point))') -%}
{{ name }}_units as (
    select
        {{ keys }},
        cast({{ weight }} as double) as weight,
        ln(cast({{ share }} as double) / (1 - cast({{ share }} as double))) as lean,
        cast({{ goal }} as bigint) as goal
    from {{ relation }}
    where {{ weight }} > 0
),

{{ name }}_wholes as (
    select
        {{ keys }},
        max(goal) as goal,
        cast(sum(cast(weight as bigint)) as bigint) as total,
        min(lean) as lean_min,
        max(lean) as lean_max
    from {{ name }}_units
    group by {{ keys }}
),

{{ name }}_bracket_0 as (
    select
        {{ keys }},
        goal,
        ln(cast(goal as double) / (total - goal)) - lean_max as low,
        ln(cast(goal as double) / (total - goal)) - lean_min as high
    from {{ name }}_wholes
    where goal > 0 and goal < total
),

{{ name }}_steps as (
{%- for step in range(1, grid) %}
    select {{ step }} as step{% if not loop.last %} union all{% endif %}
{%- endfor %}
),
{% for pass in range(1, grid_passes + 1) %}
{{ name }}_grid_{{ pass }} as (
    select
        {% for key in partition %}b.{{ key }}, {% endfor %}
        b.goal,
        b.low,
        b.high,
        b.low + (b.high - b.low) * s.step / {{ grid }}.0 as point
    from {{ name }}_bracket_{{ pass - 1 }} as b
    cross join {{ name }}_steps as s
),

{{ name }}_reached_{{ pass }} as (
    select
        {% for key in partition %}x.{{ key }}, {% endfor %}
        x.goal,
        x.low,
        x.high,
        x.point,
        sum({{ reached }}) as reached
    from {{ name }}_grid_{{ pass }} as x
    inner join {{ name }}_units as u on {{ on | join(' and ') }}
    group by {% for key in partition %}x.{{ key }}, {% endfor %}x.goal, x.low, x.high, x.point
),

{{ name }}_bracket_{{ pass }} as (
    select
        {{ keys }},
        goal,
        max(case when reached <= goal then point else low end) as low,
        min(case when reached >= goal then point else high end) as high
    from {{ name }}_reached_{{ pass }}
    group by {{ keys }}, goal
),
{% endfor %}
{{ name }}_point_0 as (
    select
        {{ keys }},
        goal,
        low,
        high,
        (low + high) / 2 as point
    from {{ name }}_bracket_{{ grid_passes }}
),
{% for pass in range(1, newton_passes + 1) %}
{{ name }}_tangent_{{ pass }} as (
    select
        {% for key in partition %}x.{{ key }}, {% endfor %}
        x.goal,
        x.low,
        x.high,
        x.point,
        cast(sum({{ reached }}) - x.goal as double) as excess,
        cast(sum({{ slope }}) as double) as slope
    from {{ name }}_point_{{ pass - 1 }} as x
    inner join {{ name }}_units as u on {{ on | join(' and ') }}
    group by {% for key in partition %}x.{{ key }}, {% endfor %}x.goal, x.low, x.high, x.point
),

{{ name }}_point_{{ pass }} as (
    select
        {{ keys }},
        goal,
        low,
        high,
        greatest(low, least(high, point - coalesce(excess / nullif(slope, 0), 0))) as point
    from {{ name }}_tangent_{{ pass }}
),
{% endfor %}
{{ name }} as (
    select
        {{ keys }},
        cast(point as decimal(20, 15)) as shift
    from {{ name }}_point_{{ newton_passes }}
)
{%- endmacro %}

{# What a unit contributes under a shift: weight x logistic(logit(share) + shift), as a quota. Where no
   finite shift exists (null), all or nothing, as the goal says. #}
{% macro shifted_quota(weight, share, shift, goal) -%}
    {{ as_quota(
        "case when " ~ shift ~ " is null or " ~ weight ~ " = 0 then case when " ~ goal ~ " = 0 then 0 else " ~ weight ~ " end"
        ~ " else " ~ weight ~ " / (1 + exp(-(ln(cast(" ~ share ~ " as double) / (1 - cast(" ~ share ~ " as double)))"
        ~ " + cast(" ~ shift ~ " as double)))) end"
    ) }}
{%- endmacro %}

{# Several totals handed down at once: every line by `largest_remainder`, side by side again in the end.
   `lines` is a list of {name, quota, total}, the latter two expressions over `relation` as described there.
   Returns a select with the partition's columns, the unit and one bigint column per line. #}
{% macro hand_down(relation, partition, unit, lines) -%}
{%- set keys = partition | join(', ') -%}
    select
        {{ keys }},
        {{ unit }},
        {%- for line in lines %}
        max(case when line = '{{ line.name }}' then allocated end) as {{ line.name }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from (
        {{ largest_remainder(
            '(' ~ _stacked_lines(relation, keys, unit, lines) ~ ') as stacked',
            partition + ['line'], unit, 'line_quota', 'line_total') }}
    ) as handed_down
    group by {{ keys }}, {{ unit }}
{%- endmacro %}

{% macro _stacked_lines(relation, keys, unit, lines) -%}
    {%- for line in lines %}
        select
            {{ keys }},
            {{ unit }},
            cast('{{ line.name }}' as varchar) as line,
            {{ as_quota(line.quota) }} as line_quota,
            cast({{ line.total }} as bigint) as line_total
        from {{ relation }}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
