{# Feeds that say the same thing again. An account's exports overlap, and a later one may say something
   else about a day or a thing than an earlier one did: late conversions, refunds, corrected spending.
   These macros pick, of all that was delivered, what is true now. Whether rows came in this order or that,
   or some of them twice, makes no difference: only what each delivery says and the day it stands for
   counts, never when it was loaded.

   Both are written as a table: `from {{ newest_by_key(source('accepted', 'x'), ['x_id']) }} as newest`.
   The relation carries what every accepted table carries: delivery_id, snapshot_date, source_file and
   line_number; all its columns are handed on, and no other. #}

{# One row per key: the one of the newest delivery, and within it the last line.

   relation   an accepted table, or a CTE that keeps its columns of origin
   keys       list of columns; null is a key like any other, so the contract should require them

   A row that is missing from a later export stays. Take this where exports list what is new or
   changed, and the window where they list everything of some days. #}
{% macro newest_by_key(relation, keys) -%}
    {{ adapter.dispatch('newest_by_key', 'winnumber')(relation, keys) }}
{%- endmacro %}

{% macro default__newest_by_key(relation, keys) -%}
(
    select *
    from {{ relation }}
    qualify
        row_number() over (
            partition by {{ keys | join(', ') }}
            order by snapshot_date desc, delivery_id desc, line_number desc, source_file desc
        ) = 1
)
{%- endmacro %}

{# For each scope and day all rows of the newest delivery whose window covers that day, and none of
   any other: a late change replaces, and a row that a later export no longer holds is gone.

   relation   an accepted table, or a CTE that keeps its columns of origin
   day        column or expression: the day a row is about, comparable with itself; a row without one
              is in no window and is left out, so the contract must require it
   scope      list of columns within which an export is complete, such as the account. A delivery's
              window is, for each scope, the first to the last day it holds rows for; it says nothing
              about a scope that it does not mention, or about days outside. So an export whose first
              or last day lost all its rows leaves that day as it was told before. #}
{% macro newest_by_window(relation, day, scope) -%}
    {{ adapter.dispatch('newest_by_window', 'winnumber')(relation, day, scope) }}
{%- endmacro %}

{% macro default__newest_by_window(relation, day, scope) -%}
{%- set keys = scope | join(', ') -%}
(
    select nbw_row.*
    from {{ relation }} as nbw_row
    inner join (
        select
            {% for key in scope %}nbw_day.{{ key }}, {% endfor %}nbw_day.nbw_day,
            arg_max(nbw_window.delivery_id, (nbw_window.snapshot_date, nbw_window.delivery_id)) as nbw_delivery_id
        from (
            select distinct {{ keys }}, {{ day }} as nbw_day
            from {{ relation }}
        ) as nbw_day
        inner join (
            select
                {{ keys }},
                delivery_id,
                snapshot_date,
                min({{ day }}) as nbw_first,
                max({{ day }}) as nbw_last
            from {{ relation }}
            group by {{ keys }}, delivery_id, snapshot_date
        ) as nbw_window
            on {% for key in scope %}nbw_day.{{ key }} is not distinct from nbw_window.{{ key }} and {% endfor %}
            nbw_day.nbw_day between nbw_window.nbw_first and nbw_window.nbw_last
        group by {% for key in scope %}nbw_day.{{ key }}, {% endfor %}nbw_day.nbw_day
    ) as nbw_owner
        on {% for key in scope %}nbw_row.{{ key }} is not distinct from nbw_owner.{{ key }} and {% endfor %}
        nbw_row.{{ day }} = nbw_owner.nbw_day and nbw_row.delivery_id = nbw_owner.nbw_delivery_id
)
{%- endmacro %}
