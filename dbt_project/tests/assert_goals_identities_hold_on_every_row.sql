-- The arithmetic of the ledger, on every row of it.
select
    contest_id,
    geography_type,
    geography_id
from {{ ref('district_vote_goals') }}
where
    vote_deficit <> vote_goal - base_vote
    or coalesce(registration_gap <> eligible - registered, false)
    or win_number > vote_goal
    or vote_goal > expected_turnout
    or base_vote > expected_support
    or expected_support > expected_turnout
    or expected_turnout > registered + registered_inactive
    or persuasion_pool <> persuasion_women + persuasion_men + persuasion_unknown_sex
    or crossover_pool > persuasion_pool
    or coalesce(expected_turnout_low > expected_turnout, false)
    or coalesce(expected_turnout > expected_turnout_high, false)
    {%- for line in goals_additive_lines() if line != 'cost_cents' %}
    or {{ line }} < 0
    {%- endfor %}
    or cost_usd < 0
