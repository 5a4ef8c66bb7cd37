"""Each rule written in a published contract refuses a corruption of its own; one without a corruption fails here."""

from __future__ import annotations

import re

import duckdb
import pytest

from orchestration.contracts.load import ROOT, load_contract
from orchestration.contracts.model import QualityRule
from orchestration.gates.checks import Check
from orchestration.gates.counting import counting_query, is_counted

RULES = {
    f"{path.name.removesuffix('.odcs.yaml')}.{rule.name}": rule
    for path in sorted((ROOT / "published").glob("*.odcs.yaml"))
    for rule in load_contract(path).tables[0].quality
}
GOALS = "district_vote_goals"
CORRUPTIONS = {
    "geography_type_is_known": f"update {GOALS} set geography_type = 'ward' where geography_type = 'precinct'",
    "deficit_is_goal_less_base": f"update {GOALS} set vote_deficit = vote_deficit + 90",
    "goal_lies_between_win_and_turnout": f"update {GOALS} set win_number = vote_goal + 1",
    "pools_cover_the_contest_deficit": f"update {GOALS} set goal_from_gotv = goal_from_gotv + 1",
    "nothing_is_negative": f"update {GOALS} set staff = -1",
    "interval_holds_the_estimate": f"update {GOALS} set expected_turnout_low = expected_turnout + 1",
    "win_probability_is_a_share": f"update {GOALS} set win_probability = 1.2",
    "parts_add_up_to_the_contest": f"update {GOALS} set vote_goal = vote_goal + 1 where geography_type = 'county'",
    "votes_are_not_negative": "update certified_results set votes = -1",
    "change_type_is_known": "update registration_changes set change_type = 'vanished'",
    "p_turnout_is_a_probability": "update voter_scores set p_turnout = 1.1",
    "p_support_is_a_probability": "update voter_scores set p_support = -0.1",
}


def offending(con: duckdb.DuckDBPyConnection, name: str, rule: QualityRule) -> int:
    """How many rows break the rule, by the gate's own query where it has one."""
    table = name.split(".")[0]
    if is_counted(rule.kind):
        query = counting_query(Check(check_id=name, table=f"main.{table}", kind=rule.kind, params=dict(rule.params)))
        return int(con.execute(query.format(batch=table).replace("\\:", ":")).fetchone()[1])
    column = rule.params.get("column")
    condition = {
        "row_count_between": "false",
        "in_set": f"{column} not in (select unnest(?))",
        "between": f"{column} < ? or {column} > ?",
    }[rule.kind]
    values: list[object] = {"in_set": [rule.params.get("values")], "row_count_between": [],
                            "between": [rule.params.get("min"), rule.params.get("max")]}[rule.kind]  # fmt: skip
    rows, bad = con.execute(f"select count(*), count(*) filter (where {condition}) from {table}", values).fetchone()
    return int(bad) if rows else 1


def corruption(name: str) -> str:
    table, rule = name.split(".")
    if rule == f"{table}_has_rows":
        return f"delete from {table}"
    if rule == f"{table}_key_is_unique":
        return f"insert into {table} from {table} limit 1"
    return CORRUPTIONS[rule]


def test_no_corruption_is_left_over():
    own = {rule.split(".")[1] for rule in RULES if not re.search(r"_(has_rows|key_is_unique)$", rule)}
    assert own == set(CORRUPTIONS)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_corruption_breaks_the_rule(name, warehouse):
    warehouse.execute("set schema = 'marts'")
    before = offending(warehouse, name, RULES[name])
    warehouse.execute(corruption(name))
    assert before == 0
    assert offending(warehouse, name, RULES[name]) > 0
