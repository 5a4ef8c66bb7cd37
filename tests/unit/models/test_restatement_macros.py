"""What is true now of overlapping exports: the macros that pick it, against plain Python."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project"
COLUMNS = "account varchar, campaign varchar, day date, clicks integer, delivery_id varchar, snapshot_date date, \
source_file varchar, line_number bigint"
Row = tuple[str | None, str, date, int, str, date, str, int]
D1, D2, D3, D4 = (date(2026, 9, number) for number in (1, 2, 3, 4))


def macro(name: str, *arguments: object) -> str:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(PROJECT / "macros"))  # noqa: S701

    class Adapter:
        def dispatch(self, name: str, _: str) -> object:
            return getattr(environment.get_template("restatement.sql").make_module(), f"default__{name}")

    environment.globals["adapter"] = Adapter()
    return str(getattr(environment.get_template("restatement.sql").make_module(), name)(*arguments))


def run(rows: Sequence[Row], name: str, *arguments: object) -> list[Row]:
    with duckdb.connect() as con:
        con.execute(f"create table delivered ({COLUMNS})")
        if rows:
            con.executemany("insert into delivered values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        return sorted(
            con.execute(f"select * from {macro(name, 'delivered', *arguments)} as newest").fetchall(), key=repr
        )


def export(made: date, rows: Sequence[tuple[str | None, str, date, int]], file: str = "ads.csv") -> list[Row]:
    """One delivery: (account, campaign, day, clicks) under a header, so the first row is line 2."""
    return [(*row, f"ads/{made}/x", made, file, number) for number, row in enumerate(rows, start=2)]


def window(rows: Sequence[Row]) -> list[Row]:
    return run(rows, "newest_by_window", "day", ["account"])


THREE = (
    export(D2, [("a", "x", D1, 1), ("a", "y", D1, 2), ("a", "x", D2, 3)]),
    export(D3, [("a", "x", D1, 1), ("a", "y", D1, 5), ("a", "x", D2, 4), ("a", "x", D3, 6)]),
    export(D4, [("a", "x", D2, 9), ("a", "y", D4, 7)]),
)


@pytest.mark.parametrize("order", itertools.permutations(range(3)))
def test_three_overlapping_exports_give_one_table_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    rows = [row for place in order for row in THREE[place]]
    assert [row[:4] for row in window(rows)] == [
        ("a", "x", D1, 1), ("a", "x", D2, 9), ("a", "y", D1, 5), ("a", "y", D4, 7),
    ]  # fmt: skip
    assert [row[:4] for row in run(rows, "newest_by_key", ["campaign"])] == [("a", "x", D2, 9), ("a", "y", D4, 7)]


def test_a_row_that_a_later_export_of_its_day_no_longer_holds_is_gone() -> None:
    rows = THREE[0] + export(D3, [("a", "x", D1, 1), ("a", "x", D2, 3)])
    assert [row[:4] for row in window(rows)] == [("a", "x", D1, 1), ("a", "x", D2, 3)]


def test_a_day_inside_a_later_window_that_lost_all_its_rows_is_empty() -> None:
    rows = THREE[0] + export(D4, [("a", "x", D1, 1), ("a", "x", D3, 1)])
    assert D2 not in {row[2] for row in window(rows)}


def test_a_day_that_no_later_export_covers_stays_as_it_was_told() -> None:
    rows = THREE[0] + export(D4, [("a", "x", D3, 8)])
    assert [row[:4] for row in window(rows)] == [
        ("a", "x", D1, 1), ("a", "x", D2, 3), ("a", "x", D3, 8), ("a", "y", D1, 2),
    ]  # fmt: skip


def test_an_export_says_nothing_about_an_account_that_it_does_not_hold() -> None:
    rows = THREE[0] + export(D4, [("b", "z", D1, 1), (None, "w", D2, 2), (None, "w", D1, 2)])
    assert {row[0] for row in window(rows)} == {"a", "b", None}
    assert len(window(rows)) == 6


def test_a_key_keeps_the_last_line_of_its_newest_delivery_and_stays_when_it_is_not_told_again() -> None:
    rows = export(D2, [("a", "x", D1, 1), ("a", "y", D1, 2)]) + export(D3, [("a", "x", D1, 3), ("a", "x", D2, 4)])
    assert [row[:4] for row in run(rows, "newest_by_key", ["campaign"])] == [("a", "x", D2, 4), ("a", "y", D1, 2)]


def test_nothing_delivered_is_nothing_and_columns_are_handed_on_as_they_are() -> None:
    assert window([]) == run([], "newest_by_key", ["campaign"]) == []
    with duckdb.connect() as con:
        con.execute(f"create table delivered ({COLUMNS})")
        for name, arguments in (("newest_by_window", ("day", ["account"])), ("newest_by_key", (["campaign"],))):
            described = con.execute(f"describe from {macro(name, 'delivered', *arguments)} as newest").fetchall()
            assert [column[0] for column in described] == [part.split()[0] for part in COLUMNS.split(", ")]


@st.composite
def exports(draw: st.DrawFn) -> list[list[Row]]:
    made = draw(st.lists(st.integers(1, 20), min_size=1, max_size=5, unique=True))
    rows = st.lists(
        st.tuples(st.sampled_from(["a", "b"]), st.sampled_from("xyz"), st.integers(1, 9), st.integers(0, 99)),
        max_size=8,
    )
    return [export(date(2026, 9, day), [(a, c, date(2026, 8, d), n) for a, c, d, n in draw(rows)]) for day in made]


def told(deliveries: Sequence[Sequence[Row]]) -> list[Row]:
    """The rule in plain words: walk from old to new; each export wipes its window, then writes its rows."""
    state: list[Row] = []
    for delivery in sorted((d for d in deliveries if d), key=lambda d: d[0][5]):
        for account in {row[0] for row in delivery}:
            mine = [row for row in delivery if row[0] == account]
            first, last = min(row[2] for row in mine), max(row[2] for row in mine)
            state = [row for row in state if row[0] != account or not first <= row[2] <= last] + mine
    return sorted(state, key=repr)


@settings(max_examples=80, deadline=None, database=None)
@given(exports(), st.randoms(use_true_random=False))
def test_the_window_is_what_loading_the_exports_one_after_the_other_leaves(deliveries, order) -> None:  # type: ignore[no-untyped-def]
    rows = [row for delivery in deliveries for row in delivery]
    order.shuffle(rows)
    assert window(rows) == told(deliveries)
    newest: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: (row[5], row[7])):
        newest[row[1]] = row
    assert run(rows, "newest_by_key", ["campaign"]) == sorted(newest.values(), key=repr)
