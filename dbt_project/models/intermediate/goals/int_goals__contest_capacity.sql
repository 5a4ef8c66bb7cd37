-- One row per contest: the pools side by side, what none of them covers, and the work they mean.
{%- set work = ['contacts', 'attempts', 'volunteer_hours', 'cost_cents'] %}
with pools as (
    select
        contest_id,
        {%- for purpose in goals_purposes() %}
        cast(sum(case when purpose = '{{ purpose }}' then expected_yield else 0 end) as bigint)
            as {{ purpose }}_expected_yield,
        cast(sum(case when purpose = '{{ purpose }}' then goal else 0 end) as bigint) as goal_from_{{ purpose }},
        {%- for line in work %}
        cast(sum(case when purpose = '{{ purpose }}' then {{ line }} else 0 end) as bigint) as {{ purpose }}_{{ line }},
        {%- endfor %}
        {%- endfor %}
        {%- for line in work %}
        cast(sum({{ line }}) as bigint) as {{ line }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('int_goals__contest_pools') }}
    group by contest_id
)

select
    pools.contest_id,
    {%- for purpose in goals_purposes() %}
    pools.{{ purpose }}_expected_yield,
    pools.goal_from_{{ purpose }},
    {%- for line in work %}
    pools.{{ purpose }}_{{ line }},
    {%- endfor %}
    {%- endfor %}
    greatest(targets.vote_deficit, 0)
    - pools.goal_from_gotv - pools.goal_from_persuasion - pools.goal_from_registration as uncovered_deficit,
    {%- for line in work %}
    pools.{{ line }},
    {%- endfor %}
    cast(ceil(cast(pools.volunteer_hours as double) / campaign.hours_per_shift) as bigint) as volunteer_shifts,
    -- Full-time people for the whole field programme who could do the same hours.
    cast(
        ceil(cast(pools.volunteer_hours as double) / (campaign.hours_per_staff_week * campaign.field_weeks)) as bigint
    ) as staff
from pools
inner join {{ ref('int_goals__contest_targets') }} as targets on pools.contest_id = targets.contest_id
cross join {{ source('config', 'campaign') }} as campaign
