"""What was received and what the build holds are compared as totals, and a file lost in between shows."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest
from ingest_support import DAY1, DAY2, contract, drop, people, take, text

from orchestration.ingest.reconcile import Totals, names, reconcile
from orchestration.ingest.run import open_accepted

CALM = contract(asOf=None, maxFallShare=None, maxColumnChangeShare=None)
CONTRACTS = {CALM.id: CALM}
LINES, ROWS = names(CONTRACTS)


def totals(home: Path, spoil: str = "") -> list[Totals]:
    with duckdb.connect() as con:
        open_accepted(con, home, CONTRACTS)
        if spoil:
            con.execute(f"create table kept as select * from accepted.tiny_voters; drop view accepted.tiny_voters;"
                        f"create table accepted.tiny_voters as select * from kept where {spoil}")  # fmt: skip
        return list(reconcile(con, home, CONTRACTS))


def test_what_was_received_is_in_the_build_whoever_came_or_left_since(tmp_path: Path) -> None:
    for day, count in ((DAY1, 30), (DAY2, 28)):
        drop(tmp_path, day, text(people(count)))
        take(tmp_path, CALM)
    assert totals(tmp_path) == [Totals(LINES, 28, 28), Totals(ROWS, 28, 28)]


def test_quarantined_lines_are_received_and_not_built(tmp_path: Path) -> None:
    rows = [*people(400), ["not a number", "Ash", "A", "01", "12345", "2020-01-01", "XX"]]
    drop(tmp_path, DAY1, text(rows))
    assert [o.status for o in take(tmp_path, CALM)] == ["accepted"]
    assert totals(tmp_path) == [Totals(LINES, 401, 401), Totals(ROWS, 400, 400)]


@pytest.mark.parametrize(("column", "received", "told"), [("rows_quarantined", 401, 400), ("lines_received", 0, 401)])
def test_lines_of_which_the_ledger_lost_track_show(tmp_path: Path, column: str, received: int, told: int) -> None:
    drop(tmp_path, DAY1, text([*people(400), ["not a number", "Ash", "A", "01", "12345", "2020-01-01", "XX"]]))
    take(tmp_path, CALM)
    with sqlite3.connect(tmp_path / "ledger.sqlite") as ledger:
        ledger.execute(f"update deliveries set {column} = 0")
    assert totals(tmp_path)[0] == Totals(LINES, received, told)


def test_a_source_that_never_delivered_has_totals_too(tmp_path: Path) -> None:
    take(tmp_path, CALM)
    assert totals(tmp_path) == [Totals(LINES, 0, 0), Totals(ROWS, 0, 0)]


@pytest.mark.parametrize(("spoil", "found"), [("voter_id <> '1003'", 29), ("false", 0)])
def test_rows_that_are_missing_from_the_build_show(tmp_path: Path, spoil: str, found: int) -> None:
    drop(tmp_path, DAY1, text(people(30)))
    take(tmp_path, CALM)
    assert totals(tmp_path, spoil)[1] == Totals(ROWS, 30, found)
