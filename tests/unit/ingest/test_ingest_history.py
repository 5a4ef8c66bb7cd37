"""Voters' versions: what changed between accepted snapshots, and when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_support import DAY1, DAY2, DAY3, contract, drop, people, take, text

from orchestration.contracts.model import Contract
from orchestration.ingest.run import accepted_views, deliveries_in_use, open_accepted

CALM = contract(asOf=None, maxFallShare=None, maxColumnChangeShare=None)


def versions(home: Path, made: Contract = CALM) -> list[tuple[Any, ...]]:
    select = accepted_views(home, {"tiny_voters": made})["tiny_voters"]
    return duckdb.sql(
        "select voter_id, last_name, valid_from::varchar, valid_to::varchar, delivery_id[13:22], snapshot_date::varchar"
        f" from ({select}) order by all"
    ).fetchall()


def named(home: Path, day: str, people_of_day: dict[str, str]) -> None:
    rows = [[v, name, "A", "01", "12345", "2020-01-01", "XX"] for v, name in people_of_day.items()]
    drop(home, day, text(rows))


def test_moves_removals_and_new_voters_are_dated(tmp_path: Path) -> None:
    named(tmp_path, DAY1, {"1": "Ash", "2": "Birch", "3": "Cedar"})
    named(tmp_path, DAY2, {"1": "Ash", "2": "Beech", "4": "Elm"})
    named(tmp_path, DAY3, {"1": "Ash", "2": "Beech", "3": "Cedar", "4": "Elm"})
    assert [o.status for o in take(tmp_path, CALM)] == ["accepted"] * 3
    assert versions(tmp_path) == [
        ("1", "Ash", DAY1, None, DAY1, DAY1),
        ("2", "Beech", DAY2, None, DAY2, DAY2),
        ("2", "Birch", DAY1, DAY2, DAY1, DAY1),
        ("3", "Cedar", DAY1, DAY2, DAY1, DAY1),
        ("3", "Cedar", DAY3, None, DAY3, DAY3),
        ("4", "Elm", DAY2, None, DAY2, DAY2),
    ]


def test_days_taken_one_by_one_give_the_same_as_all_at_once(tmp_path: Path) -> None:
    days = {DAY1: {"1": "Ash", "2": "Birch"}, DAY2: {"1": "Ash"}, DAY3: {"1": "Oak", "2": "Birch"}}
    for day, rows in days.items():
        named(tmp_path / "one", day, rows)
        take(tmp_path / "one", CALM)
        named(tmp_path / "all", day, rows)
    take(tmp_path / "all", CALM)
    assert versions(tmp_path / "one") == versions(tmp_path / "all")


def test_a_late_delivery_takes_its_place_in_the_history(tmp_path: Path) -> None:
    days = {DAY1: {"1": "Ash", "2": "Birch"}, DAY2: {"1": "Ash"}, DAY3: {"1": "Oak", "2": "Birch"}}
    for day in (DAY1, DAY3, DAY2):
        named(tmp_path / "late", day, days[day])
        take(tmp_path / "late", CALM)
    for day in (DAY1, DAY2, DAY3):
        named(tmp_path / "right", day, days[day])
    take(tmp_path / "right", CALM)
    assert versions(tmp_path / "late") == versions(tmp_path / "right")


def test_a_corrected_delivery_replaces_the_earlier_one_of_its_day(tmp_path: Path) -> None:
    named(tmp_path, DAY1, {"1": "Ash", "2": "Birch"})
    named(tmp_path, DAY2, {"1": "Wrong", "2": "Birch"})
    take(tmp_path, CALM)
    named(tmp_path, DAY2, {"1": "Ash", "2": "Birch"})
    statuses = {o.snapshot_date.isoformat(): o.status for o in take(tmp_path, CALM) if o.snapshot_date}
    # The corrected file equals the first day's: the bytes were sent before, for another day.
    assert statuses[DAY2] == "superseded"
    named(tmp_path, DAY2, {"1": "Ash", "2": "Birch", "3": "Elm"})
    take(tmp_path, CALM)
    assert [v[:4] for v in versions(tmp_path)] == [
        ("1", "Ash", DAY1, None),
        ("2", "Birch", DAY1, None),
        ("3", "Elm", DAY2, None),
    ]
    (used,) = deliveries_in_use(tmp_path, {"tiny_voters": CALM})
    assert len(used["history"]) == 2


def test_an_unchanged_day_costs_no_computing(tmp_path: Path) -> None:
    named(tmp_path, DAY1, {"1": "Ash"})
    named(tmp_path, DAY2, {"1": "Oak"})
    take(tmp_path, CALM)
    folders = sorted((tmp_path / "archive" / "history").rglob("*.parquet"))
    stamps = [p.stat().st_mtime_ns for p in folders]
    take(tmp_path, CALM)
    assert sorted((tmp_path / "archive" / "history").rglob("*.parquet")) == folders
    assert [p.stat().st_mtime_ns for p in folders] == stamps


def test_a_volatile_column_opens_no_version(tmp_path: Path) -> None:
    still = contract(
        asOf=None, maxFallShare=None, maxColumnChangeShare=None,
        columns=[{"name": "zip", "customProperties": [{"property": "volatile", "value": True}]}],
    )  # fmt: skip
    drop(tmp_path, DAY1, text([["1", "Ash", "A", "01", "11111", "2020-01-01", "XX"]]))
    drop(tmp_path, DAY2, text([["1", "Ash", "A", "01", "22222", "2020-01-01", "XX"]]))
    take(tmp_path, still)
    assert len(versions(tmp_path, still)) == 1


def test_a_day_writes_only_what_changed(tmp_path: Path) -> None:
    rows = people(500)
    drop(tmp_path, DAY1, text(rows))
    rows[3][1] = "Moved"
    rows[-1][5] = DAY2
    drop(tmp_path, DAY2, text(rows[1:]))
    take(tmp_path)
    (folder,) = (tmp_path / "archive" / "history" / "tiny_voters").glob(f"{DAY2}-*")
    opened = duckdb.sql(f"select count(*) from read_parquet('{folder}/opened.parquet')").fetchone()
    closed = duckdb.sql(f"select count(*) from read_parquet('{folder}/closed.parquet')").fetchone()
    assert (opened, closed) == ((2,), (3,))


def test_without_any_delivery_every_table_is_there_and_empty(tmp_path: Path) -> None:
    from orchestration.contracts.load import load_contracts

    with duckdb.connect() as con:
        open_accepted(con, tmp_path, load_contracts())
        tables = con.execute("select table_name from information_schema.tables where table_schema = 'accepted'")
        for (name,) in tables.fetchall():
            assert con.execute(f'select count(*) from accepted."{name}"').fetchone() == (0,)


STATES = st.lists(
    st.dictionaries(st.sampled_from("123456"), st.sampled_from(["Ash", "Oak"]), min_size=1), min_size=1, max_size=4
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(states=STATES)
def test_the_versions_valid_on_a_day_are_exactly_that_days_snapshot(
    tmp_path_factory: Any, states: list[dict[str, str]]
) -> None:
    home = tmp_path_factory.mktemp("history")
    accepted: dict[str, dict[str, str]] = {}
    for i, state in enumerate(states):
        named(home, f"2026-09-{i + 1:02d}", state)
    for outcome in take(home, CALM):
        if outcome.status == "accepted" and outcome.snapshot_date is not None:
            accepted[outcome.snapshot_date.isoformat()] = states[outcome.snapshot_date.day - 1]
    found = versions(home)
    for day, state in accepted.items():
        valid = {v[0]: v[1] for v in found if v[2] <= day and (v[3] is None or v[3] > day)}
        assert valid == state
    spans = [(v[0], v[2]) for v in found]
    assert len(spans) == len(set(spans))
