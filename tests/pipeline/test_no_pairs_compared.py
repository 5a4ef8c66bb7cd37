"""No model compares every row of one long table with every row of another: its time would grow as the square of people.

Read from DuckDB's own plans of the compiled SQL. A join on `a.x in (b.y, b.z)`, or an outer join with a condition on
one side only, becomes such a comparison without a word: at a million voters two of them took 150 s each and more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

PAIRS = ("CROSS_PRODUCT", "BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN")
LONG = 100  # estimated rows of the shorter side; settings, rules and channels are a dozen, people thousands
SHORT_ALL_THE_SAME = {
    "int_donors__headroom": "donors by the few elections that the campaign's own committees raise money for",
    "universes": "universes by contests, a line each",
}


def compared(node: dict[str, Any]) -> Iterator[int]:
    """Of every comparison of all pairs in a plan, the estimated rows of the shorter side."""
    if node["name"].strip() in PAIRS:
        yield min(rows(child) for child in node["children"])
    for child in node.get("children", []):
        yield from compared(child)


def rows(node: dict[str, Any]) -> int:
    said = node.get("extra_info", {}).get("Estimated Cardinality")
    return int(said) if said else max((rows(child) for child in node.get("children", [])), default=0)


def plan(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    return list(json.loads(con.execute(f"explain (format json) {sql}").fetchall()[0][1]))


@pytest.fixture(scope="module")
def longest(refreshed_home: Path) -> dict[str, int]:
    """Model or data test -> the longest shorter side of its comparisons of all pairs."""
    built = (refreshed_home / "build" / "active").resolve()
    found: dict[str, int] = {}
    with duckdb.connect(str(built / "warehouse.duckdb"), read_only=True) as con:
        for path in sorted(built.glob("dbt_*/compiled/**/*.sql")):
            if path.parent.suffix == ".yml":
                continue  # generic tests: one table each
            sides = [side for part in plan(con, path.read_text(encoding="utf-8")) for side in compared(part)]
            found[path.stem] = max([*sides, found.get(path.stem, 0)])
    return found


def test_no_model_compares_all_pairs_of_two_long_tables(longest: dict[str, int]) -> None:
    assert len(longest) > 150
    assert {name: side for name, side in longest.items() if side > LONG and name not in SHORT_ALL_THE_SAME} == {}


def test_such_a_comparison_is_seen() -> None:
    with duckdb.connect() as con:
        con.execute("create table a as select i::varchar as x from range(5000) t(i)")
        con.execute("create table b as select i::varchar as y, i::varchar as z from range(5000) t(i)")
        hidden = "select count(*) from a inner join b on a.x in (b.y, b.z)"
        assert max(side for part in plan(con, hidden) for side in compared(part)) > LONG
        assert not [side for part in plan(con, "from a inner join b on a.x = b.y") for side in compared(part)]
