"""Each rule written in a published contract of the ledger refuses a corruption of its own; one without fails here.

The other teams' tables are not in this small world: see tests/pipeline/test_team_rules_bite.py.
"""

from __future__ import annotations

import goals_world
import pytest
from support.published_rules import is_standard, offending, published_rules, standard_corruption

TABLES = {model.stem for folder in goals_world.MARTS for model in (goals_world.DBT / folder).glob("*.sql")}
RULES = {name: rule for name, rule in published_rules().items() if name.split(".")[0] in TABLES}
GOALS = "district_vote_goals"
CORRUPTIONS = {
    "geography_type_is_known": f"update {GOALS} set geography_type = 'ward' where geography_type = 'precinct'",
    "deficit_is_goal_less_base": f"update {GOALS} set vote_deficit = vote_deficit + 90",
    "goal_lies_between_win_and_turnout": f"update {GOALS} set win_number = vote_goal + 1",
    "pools_cover_the_contest_deficit": f"update {GOALS} set goal_from_gotv = goal_from_gotv + 1",
    "nothing_is_negative": f"update {GOALS} set staff = -1",
    "district_vote_goals.interval_holds_the_estimate": f"update {GOALS} set base_vote_low = base_vote + 1",
    "state_path_to_win.interval_holds_the_estimate": "update state_path_to_win set expected_share_high = 0.1",
    "win_probability_is_a_share": f"update {GOALS} set win_probability = 1.2",
    "shares_and_probabilities_are_shares": "update state_path_to_win set win_probability = 1.2",
    "goal_is_at_least_the_win_number": "update state_path_to_win set vote_goal = win_number - 1",
    "electors_are_counted_down": "update state_path_to_win set cumulative_votes = electoral_votes - 1",
    "errors_are_not_negative": "update backtest_results set rmse = mae / 2",
    "the_model_states_its_coverage": "update backtest_results set coverage80 = null",
    "units_were_scored": "update backtest_results set units = 0",
    "parts_add_up_to_the_contest": f"update {GOALS} set vote_goal = vote_goal + 1 where geography_type = 'county'",
    "votes_are_not_negative": "update certified_results set votes = -1",
    "change_type_is_known": "update registration_changes set change_type = 'vanished'",
    "p_turnout_is_a_probability": "update voter_scores set p_turnout = 1.1",
    "persuadability_is_a_rank_score": "update voter_scores set persuadability = 1.01",
    "basis_is_known": "update score_calibration set basis = 'shrunk'",
    "p_support_is_a_probability": "update voter_scores set p_support = -0.1",
}


def corruption(name: str) -> str:
    return standard_corruption(name) if is_standard(name) else CORRUPTIONS.get(name) or CORRUPTIONS[name.split(".")[1]]


def test_no_corruption_is_left_over():
    used = {name if name in CORRUPTIONS else name.split(".")[1] for name in RULES if not is_standard(name)}
    assert used == set(CORRUPTIONS)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_corruption_breaks_the_rule(name, warehouse):
    warehouse.execute("set schema = 'marts'")
    before = offending(warehouse, name, RULES[name])
    warehouse.execute(corruption(name))
    assert before == 0
    assert offending(warehouse, name, RULES[name]) > 0
