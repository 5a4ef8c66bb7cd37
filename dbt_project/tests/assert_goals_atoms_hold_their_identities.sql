-- The arithmetic of the ledger where it begins: what does not hold at an atom may cancel out in every sum of them.
select
    contest_id,
    split_id
from {{ ref('int_goals__contest_splits') }}
where
    vote_deficit <> vote_goal - base_vote
    or win_number > vote_goal
    or vote_goal > expected_turnout
    or base_vote > expected_support
    or expected_support > expected_turnout
    or persuasion_pool <> persuasion_women + persuasion_men + persuasion_unknown_sex
    {%- for line in goals_additive_lines() %}
    or {{ line }} < 0
    {%- endfor %}
