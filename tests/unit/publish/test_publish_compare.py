"""A comparison counts what changed, by key where there is one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.publish.candidate import ReleaseInfo, TableSpec
from orchestration.publish.compare import TotalDiff, diff
from orchestration.publish.seal import seal


def folder(path: Path, query: str, key: tuple[str, ...] = ("district_id",), name: str = "goals") -> Path:
    path.mkdir()
    with duckdb.connect(str(path / "build.duckdb")) as connection:
        connection.execute(f"create schema marts; create table marts.t as {query}")
    tables = {"warehouse.duckdb": [TableSpec("marts.t", name, ("district_id",), key)]}
    when = datetime(2026, 9, 2, tzinfo=UTC)
    return seal(
        path / "build.duckdb", tables, path / path.name, ReleaseInfo(path.name, "run", when, date(2026, 9, 1), "c")
    ).path


BEFORE = (
    "select range::varchar as district_id, range::integer as votes, "
    "(range / 2.0)::decimal(9, 2) as cost_usd from range(10)"
)
AFTER = (
    "select (range + 1)::varchar as district_id, case when range = 4 then 100 else range + 1 end::integer as votes, "
    "((range + 1) / 2.0)::decimal(9, 2) as cost_usd from range(11)"
)


def test_rows_are_matched_by_key(tmp_path: Path) -> None:
    found = diff(folder(tmp_path / "a", BEFORE), folder(tmp_path / "b", AFTER))
    table = found.tables[0]
    assert (table.rows_before, table.rows_after) == (10, 11)
    assert (table.added, table.removed, table.changed) == (2, 1, 1)
    assert table.key == ("district_id",)
    assert table.totals == (
        TotalDiff("votes", 45, 161),
        TotalDiff("cost_usd", Decimal("22.50"), Decimal("33.00")),
    )
    assert (found.before, found.after, found.differs) == ("a", "b", True)


def test_the_same_content_does_not_differ(tmp_path: Path) -> None:
    assert not diff(folder(tmp_path / "a", BEFORE), folder(tmp_path / "b", BEFORE + " order by random()")).differs


def test_without_a_usable_key_a_changed_row_is_one_removed_and_one_added(tmp_path: Path) -> None:
    twice = f"select 'x' as k, * from ({BEFORE})"
    before = folder(tmp_path / "a", twice, ("k",))
    after = folder(tmp_path / "b", twice.replace("range::integer as votes", "(range + 7)::integer as votes"), ("k",))
    table = diff(before, after).tables[0]
    assert (table.added, table.removed, table.changed, table.key) == (10, 10, 0, ())


def test_columns_that_came_went_or_changed_type_are_named(tmp_path: Path) -> None:
    before = folder(tmp_path / "a", "select '1' as district_id, 1::integer as votes, 2 as gone, 3 as kept")
    after = folder(tmp_path / "b", "select '1' as district_id, 1::bigint as votes, 3 as kept, 4 as new")
    table = diff(before, after).tables[0]
    assert (table.columns_added, table.columns_removed, table.columns_retyped) == (("new",), ("gone",), ("votes",))
    assert (table.added, table.removed, table.changed) == (0, 0, 0)
    assert table.differs


def test_tables_that_came_or_went_are_named(tmp_path: Path) -> None:
    found = diff(folder(tmp_path / "a", BEFORE), folder(tmp_path / "b", BEFORE, name="targets"))
    assert found.tables == ()
    assert (found.tables_added, found.tables_removed) == (
        ("warehouse.duckdb: targets",),
        ("warehouse.duckdb: goals",),
    )


def test_a_null_that_became_a_value_is_a_change(tmp_path: Path) -> None:
    before = folder(tmp_path / "a", "select '1' as district_id, null::integer as votes")
    after = folder(tmp_path / "b", "select '1' as district_id, 0::integer as votes")
    table = diff(before, after).tables[0]
    assert (table.added, table.removed, table.changed) == (0, 0, 1)
    assert table.totals == (TotalDiff("votes", None, 0),)


def test_a_folder_that_is_no_release_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        diff(tmp_path, tmp_path)
