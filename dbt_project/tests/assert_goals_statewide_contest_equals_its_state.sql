-- A statewide contest's state row equals its contest row, line by line.
{%- set lines = goals_additive_lines() | reject('equalto', 'cost_cents') | list
    + ['cost_usd', 'vote_deficit', 'eligible', 'registration_gap'] %}
with statewide as (
    select *
    from {{ ref('district_vote_goals') }}
    where district_id is null
)

select contests.contest_id
from statewide as contests
left join statewide as states
    on
        contests.contest_id = states.contest_id
        and states.geography_type = 'state'
        and contests.state = states.geography_id
where
    contests.geography_type = 'contest'
    and (
        states.contest_id is null
        {%- for line in lines %}
        or coalesce(contests.{{ line }}, -1) <> coalesce(states.{{ line }}, -1)
        {%- endfor %}
    )
