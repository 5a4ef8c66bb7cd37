-- Over every kind of area, each line adds up to the contest's own line exactly.
{%- set lines = goals_additive_lines() | reject('equalto', 'cost_cents') | list + ['cost_usd', 'vote_deficit'] %}
with totals as (
    select
        contest_id,
        geography_type,
        {%- for line in lines %}
        sum({{ line }}) as {{ line }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('district_vote_goals') }}
    group by contest_id, geography_type
)

select
    parts.contest_id,
    parts.geography_type
from totals as parts
inner join totals as wholes
    on parts.contest_id = wholes.contest_id and wholes.geography_type = 'contest'
where
    1 = 0
    {%- for line in lines %}
    or parts.{{ line }} <> wholes.{{ line }}
    {%- endfor %}
