-- The atoms of the ledger: one row per contest and precinct split, every line a whole number.
{%- set work = ['contacts', 'attempts', 'volunteer_hours', 'cost_cents'] %}
with atoms as (
    select
        turnout.contest_id,
        turnout.split_id,
        measures.registered,
        measures.registered_inactive,
        registration.eligible,
        turnout.expected_turnout,
        goals.win_number,
        goals.vote_goal,
        turnout.base_vote,
        turnout.expected_support,
        goals.vote_goal - turnout.base_vote as vote_deficit,
        measures.gotv_pool,
        measures.persuasion_pool,
        measures.persuasion_women,
        measures.persuasion_men,
        measures.persuasion_unknown_sex,
        measures.crossover_pool,
        registration.registration_pool,
        measures.gotv_mass,
        measures.persuasion_mass,
        registration.registration_mass,
        measures.model_version
    from {{ ref('int_goals__contest_turnout') }} as turnout
    inner join {{ ref('int_goals__contest_goals') }} as goals
        on turnout.contest_id = goals.contest_id and turnout.split_id = goals.split_id
    inner join {{ ref('int_goals__split_measures') }} as measures on turnout.split_id = measures.split_id
    inner join {{ ref('int_goals__split_registration') }} as registration on turnout.split_id = registration.split_id
),

wholes as (
    select
        contest_id,
        {%- for purpose in goals_purposes() %}
        cast(sum({{ purpose }}_mass) as double) as {{ purpose }}_mass,
        {%- endfor %}
        cast(sum(greatest(vote_deficit, 0)) as double) as missing
    from atoms
    group by contest_id
),

-- Pools are worked where their people are, which is not where the deficit arises.
shares as (
    select
        atoms.contest_id,
        atoms.split_id,
        {%- for purpose in goals_purposes() %}
        coalesce(cast(atoms.{{ purpose }}_mass as double) / nullif(wholes.{{ purpose }}_mass, 0), 0)
            as {{ purpose }}_part,
        capacity.{{ purpose }}_expected_yield,
        capacity.goal_from_{{ purpose }},
        {%- endfor %}
        coalesce(greatest(atoms.vote_deficit, 0) / nullif(wholes.missing, 0), 0) as missing_part,
        capacity.uncovered_deficit
    from atoms
    inner join wholes on atoms.contest_id = wholes.contest_id
    inner join {{ ref('int_goals__contest_capacity') }} as capacity on atoms.contest_id = capacity.contest_id
),

{%- set pool_lines = [] %}
{%- for purpose in goals_purposes() %}
{%- for name in [purpose ~ '_expected_yield', 'goal_from_' ~ purpose] %}
{%- do pool_lines.append({'name': name, 'quota': name ~ ' * ' ~ purpose ~ '_part', 'total': name}) %}
{%- endfor %}
{%- endfor %}
{%- do pool_lines.append({
    'name': 'uncovered_deficit', 'quota': 'uncovered_deficit * missing_part', 'total': 'uncovered_deficit',
}) %}

pools as (
    {{ hand_down('shares', ['contest_id'], 'split_id', pool_lines) }}
),

-- Work follows the votes it is to win: each pool's contacts, hours and cost in proportion to its goal.
quotas as (
    select
        pools.contest_id,
        pools.split_id,
        {%- for line in work %}
        {{ as_quota('0') }}
        {%- for purpose in goals_purposes() %}
        + coalesce({{ as_quota('cast(capacity.' ~ purpose ~ '_' ~ line ~ ' as double) * pools.goal_from_' ~ purpose
            ~ ' / nullif(capacity.goal_from_' ~ purpose ~ ', 0)') }}, 0)
        {%- endfor %} as {{ line }}_quota,
        capacity.{{ line }},
        {%- endfor %}
        capacity.volunteer_shifts,
        capacity.staff
    from pools
    inner join {{ ref('int_goals__contest_capacity') }} as capacity on pools.contest_id = capacity.contest_id
),

hours as (
    select
        *,
        coalesce(cast(volunteer_hours_quota as double) / nullif(volunteer_hours, 0), 0) as hours_part
    from quotas
),

{%- set work_lines = [] %}
{%- for line in work %}
{%- do work_lines.append({'name': line, 'quota': line ~ '_quota', 'total': line}) %}
{%- endfor %}
{%- for line in ['volunteer_shifts', 'staff'] %}
{%- do work_lines.append({'name': line, 'quota': line ~ ' * hours_part', 'total': line}) %}
{%- endfor %}

{#- Which CTE each line comes from; all others are measures of the split itself. #}
{%- set origins = {} %}
{%- for line in pool_lines %}{% do origins.update({line.name: 'pools'}) %}{% endfor %}
{%- for line in work_lines %}{% do origins.update({line.name: 'capacity'}) %}{% endfor %}

capacity as (
    {{ hand_down('hours', ['contest_id'], 'split_id', work_lines) }}
)

select
    atoms.contest_id,
    atoms.split_id,
    atoms.eligible,
    {%- for line in goals_additive_lines() %}
    {{ origins.get(line, 'atoms') }}.{{ line }},
    {%- endfor %}
    atoms.vote_deficit,
    atoms.model_version
from atoms
inner join pools on atoms.contest_id = pools.contest_id and atoms.split_id = pools.split_id
inner join capacity on atoms.contest_id = capacity.contest_id and atoms.split_id = capacity.split_id
