"""Two published ledgers come out exactly, through the SQL of the very models that make the goals."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import goals_world
import pytest
from goals_ledger import Ledger

STEPS = ("int_goals__contest_targets", "int_goals__contest_shifts", "int_goals__contest_goals",
         "int_goals__contest_pools", "int_goals__contest_capacity", "int_goals__contest_splits")  # fmt: skip


@pytest.fixture
def empty(ledger: Ledger) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built ledger without its contests and atoms: a test puts in its own and runs the models' SQL."""
    with duckdb.connect(str(ledger.database)) as con:
        con.execute("begin")
        for table in ("int_contests__contests", "int_goals__contest_turnout", "int_goals__split_measures",
                      "int_goals__split_registration", "int_goals__pool_rates", *STEPS):  # fmt: skip
            con.execute(f"delete from intermediate.{table}")
        yield con
        con.execute("rollback")


def fill(con: duckdb.DuckDBPyConnection, table: str, **values: object) -> None:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    con.execute(f"insert into intermediate.{table} ({names}) values ({marks})", list(values.values()))


def atom(con: duckdb.DuckDBPyConnection, contest: str, split: str, turnout: int, base: int, **masses: object) -> None:
    measures = {"gotv_mass": 0, "persuasion_mass": 0, "registered": turnout, "registered_inactive": 0,
                "turnout_mass": turnout, "support_mass": base, "base_mass": base, "active_turnout_mass": 0,
                "active_support_mass": 0, "gotv_pool": 0, "persuasion_pool": 0, "persuasion_women": 0,
                "persuasion_men": 0, "persuasion_unknown_sex": 0, "crossover_pool": 0, "state": "WV",
                "model_version": "published"} | masses  # fmt: skip
    fill(con, "int_goals__split_measures", split_id=split, **measures)
    fill(con, "int_goals__split_registration", split_id=split, registration_pool=0, registration_mass=0)
    fill(con, "int_goals__contest_turnout", contest_id=contest, split_id=split, expected_turnout=turnout,
         expected_support=base, base_vote=base, support_share=Decimal("0.5"))  # fmt: skip


def contest(con: duckdb.DuckDBPyConnection, name: str) -> None:
    fill(con, "int_contests__contests", contest_id=name, contest_name=name, election_date="2014-11-04", state="WV",
         office_code="us_senate", geography_type="state", geography_id="WV", party_code="D", seats=1, candidates=2,
         target_share=Decimal("0.52"), roll_off=1)  # fmt: skip


def rates(con: duckdb.DuckDBPyConnection, profile: str) -> None:
    with (goals_world.DBT / "seeds" / "contact_rates.csv").open(encoding="utf-8") as file:
        chosen = [row for row in csv.DictReader(file) if row["rate_profile"] == profile]
    assert len(chosen) == 3
    for row in chosen:
        price = Decimal(row["cost_per_attempt_usd"]) / (
            Decimal(row["contact_rate"]) * Decimal(row["net_votes_per_contact"])
        )
        kept = {name: row[name] for name in ("purpose", "channel", "contact_rate", "attempts_per_hour",
                "net_votes_per_contact", "cost_per_attempt_usd", "effect_share")}  # fmt: skip
        fill(con, "int_goals__pool_rates", **kept, cost_per_net_vote_usd=price)


def run(con: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    for step in STEPS:
        con.execute(f"insert into intermediate.{step} by name {ledger.compiled(step)}")


def test_the_ledger_of_west_virginia_2014(ledger: Ledger, empty):
    empty.execute("update config.campaign set goal_rounding = 'nearest'")
    contest(empty, "wv")
    atom(empty, "wv", "wv", 539_191, 227_254, gotv_mass=107_760)
    rates(empty, "published_2014")
    run(empty, ledger)
    targets = empty.execute("select vote_goal, base_vote, vote_deficit from intermediate.int_goals__contest_targets")
    assert targets.fetchall() == [(280_379, 227_254, 53_125)]
    line = empty.execute(
        "select vote_goal, goal_from_gotv, uncovered_deficit, volunteer_hours, cost_cents "
        "from intermediate.int_goals__contest_splits"
    )
    assert line.fetchall() == [(280_379, 53_125, 0, 123_958, 2_496_875_00)]


def test_six_precincts_add_up_to_875_and_909(ledger: Ledger, empty):
    turnout = {"p1": 237, "p2": 246, "p3": 237, "p4": 258, "p5": 289, "p6": 481}
    contest(empty, "dfa")
    for precinct, expected in turnout.items():
        atom(empty, "dfa", precinct, expected, 0)
    rates(empty, "published_2014")
    run(empty, ledger)
    rows = empty.execute(
        "select split_id, win_number, vote_goal from intermediate.int_goals__contest_goals order by split_id"
    ).fetchall()
    assert sum(win for _, win, _ in rows) == 875
    assert sum(goal for _, _, goal in rows) == 909
    # Each precinct is within one vote of its own share, which rounding up one by one (882 and 913) is too.
    for precinct, win, goal in rows:
        assert abs(win - turnout[precinct] * 875 / 1748) < 1
        assert abs(goal - turnout[precinct] * 909 / 1748) < 1


def test_the_default_door_rate_is_the_published_price_of_a_vote():
    with (goals_world.DBT / "seeds" / "contact_rates.csv").open(encoding="utf-8") as file:
        (door,) = [r for r in csv.DictReader(file)
                   if (r["rate_profile"], r["purpose"], r["channel"]) == ("default", "gotv", "door")]  # fmt: skip
    votes_per_attempt = float(door["contact_rate"]) * float(door["net_votes_per_contact"])
    assert float(door["cost_per_attempt_usd"]) / votes_per_attempt == pytest.approx(47.00, abs=0.001)
    assert 1 / (votes_per_attempt * float(door["attempts_per_hour"])) == pytest.approx(7 / 3, abs=0.0001)
