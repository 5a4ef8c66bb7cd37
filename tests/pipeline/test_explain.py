"""Every number of the ledger can be traced, and a number that was tampered with does not hold."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest
from pipeline_homes import winnumber

from orchestration.explain import AREA_COLUMNS, NoSuchRow, explain

CONTEST = "2026-11-03:NC:us_senate"


@pytest.fixture(scope="module")
def release(refreshed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the current release."""
    copy = tmp_path_factory.mktemp("release") / "r"
    return Path(shutil.copytree((refreshed_home / "current").resolve(), copy, copy_function=shutil.copyfile))


def test_one_area_of_every_kind_in_every_contest_holds(release):
    with duckdb.connect(str(release / "warehouse.duckdb"), read_only=True) as con:
        rows = con.execute(
            """select contest_id, geography_type, arg_max(geography_id, expected_turnout) from district_vote_goals
            where district_id is null or hash(contest_id) % 9 = 0 group by 1, 2 order by 1, 2"""
        ).fetchall()
    assert {kind for _, kind, _ in rows} == set(AREA_COLUMNS)
    for contest, kind, area in rows:
        lines = explain(release, contest, None if kind == "contest" else area, None if kind == "contest" else kind)
        assert [(contest, kind, line.line) for line in lines if line.holds is False] == []
        traced = {line.line: line for line in lines}
        assert traced["expected_turnout"].holds is True, "the scores were read and add up"
        assert traced["expected_turnout"].model.startswith("turnout-")
        assert traced["expected_turnout"].low <= traced["expected_turnout"].value <= traced["expected_turnout"].high


def test_the_chain_names_every_line_of_the_ledger_in_its_order(release):
    names = [line.line for line in explain(release, CONTEST)]
    wanted = ["registered", "eligible", "expected_turnout", "win_number", "vote_goal", "base_vote", "vote_deficit",
              "gotv_pool", "goal_from_gotv", "goal_from_registration", "uncovered_deficit", "contacts", "cost_usd",
              "win_probability", "release"]  # fmt: skip
    assert [name for name in names if name in wanted] == wanted


def test_every_step_says_its_rule_and_inputs_and_what_rests_on_scores_names_the_models(release):
    for line in explain(release, CONTEST):
        assert line.rule, line.line
        assert line.inputs, line.line
        if line.line.startswith(("expected_", "base_")) or line.line.endswith(("_pool", "_yield")):
            assert re.match(r"(turnout|support)-[0-9a-f]{8}", line.model), line.line


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("expected_turnout = expected_turnout + 3", "expected_turnout"),
        ("win_number = win_number + 2", "win_number"),
        ("vote_goal = vote_goal + 40, vote_deficit = vote_deficit + 40", "vote_goal"),
        ("vote_deficit = vote_deficit - 1", "vote_deficit"),
        ("uncovered_deficit = uncovered_deficit + 1", "uncovered_deficit"),
        ("registration_gap = registration_gap + 1", "registration_gap"),
    ],
)
def test_a_number_that_was_changed_does_not_hold(release, tmp_path, change, line):
    spoiled = Path(shutil.copytree(release, tmp_path / "r"))
    with duckdb.connect(str(spoiled / "warehouse.duckdb")) as con:
        con.execute(f"update district_vote_goals set {change} where contest_id = '{CONTEST}' "
                    "and geography_type = 'contest'")  # fmt: skip
    assert line in [found.line for found in explain(spoiled, CONTEST) if found.holds is False]


def test_without_the_file_of_people_the_rest_is_still_traced(release, tmp_path):
    general = Path(shutil.copytree(release, tmp_path / "r"))
    (general / "people.duckdb").unlink()
    traced = {line.line: line.holds for line in explain(general, CONTEST)}
    assert traced["expected_turnout"] is None
    assert traced["win_number"] is True


def test_an_unknown_contest_or_area_is_answered_with_what_there_is(release):
    with pytest.raises(NoSuchRow, match="contests are called like 2026-11-03:"):
        explain(release, "2026:XX")
    with pytest.raises(NoSuchRow, match="has no area 99999"):
        explain(release, CONTEST, "99999")


def test_the_command_prints_the_chain_and_says_when_there_is_none(refreshed_home, tmp_path):
    chain = winnumber(refreshed_home, "explain", "--contest", CONTEST, "--geography", "37119", "--json").json()["chain"]
    assert {step["line"] for step in chain} >= {"registered", "vote_goal", "win_probability"}
    assert "contests are called like" in winnumber(refreshed_home, "explain", "--contest", "no", expect=64).err
    assert "nothing has been published" in winnumber(tmp_path, "explain", "--contest", "no", expect=64).err
