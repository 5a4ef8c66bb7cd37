"""One query that says of every slice what was observed, what was expected, and how far from it is too far.

Belongs here: the query and its inputs. Does not belong here: counting (``profile``), which releases are history
(``history``), what becomes of a warning (``standing``).

A count is held against the last release (or the last one before an open warning on its slice) and against the oldest
profile that is kept: a leak that is too slow for the first is not for the second. The band around the expected count
is a floor in rows, a share with an addition per day, and a number of spreads. The spread is what people's own
movements explain (a Poisson count: grows with the root of voters and days) and the slice's own sway. Both come from
history once enough steps are known, as medians, which one bad release cannot move; both are capped, and the trend may
not exceed the published daily share. Against the oldest profile neither trend nor sway counts: a leak half learned made
its own band wide enough for it once it had lasted as long as the calm before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from orchestration.drift.judge_sql import DELIVERIES, JUDGED, QUERY, RELEASES, STATED
from orchestration.drift.measures import PACES, WATCHED
from orchestration.drift.profile import COLUMNS

__all__ = ["DELIVERIES", "INPUTS", "JUDGED", "RELEASES", "STATED", "insert", "judge", "prepare"]

if TYPE_CHECKING:
    import duckdb

_AT_ONCE = 200  # rows of one insert

_KEY: Mapping[str, str] = {"measure": "varchar", "slice_kind": "varchar", "slice_value": "varchar"}
INPUTS: Mapping[str, Mapping[str, str]] = {
    # profiles and deliveries before, oldest first: ordinal counts them within a series
    "drift_past": {**COLUMNS, "series": "varchar", "ordinal": "integer"},
    # slices whose band starts anew at an ordinal, since a person acknowledged what changed there
    "drift_rebased": {**_KEY, "ordinal": "integer"},
    # slices with an open warning, and the release before it
    "drift_pinned": {**_KEY, "ordinal": "integer"},
    # acknowledgements in force, and the count that was looked at
    "drift_acknowledged": {**_KEY, "observed": "bigint"},
    # names of counties by their code in a slice ('NC:37001')
    "drift_places": {"code": "varchar", "name": "varchar"},
}


def prepare(con: duckdb.DuckDBPyConnection, **rows: Sequence[Sequence[object]]) -> None:
    """Make the inputs that are not there yet, as temporary tables; ``rows`` by table name."""
    for table, columns in INPUTS.items():
        con.execute(f"create temp table if not exists {table} ({', '.join(f'{c} {k}' for c, k in columns.items())})")
        insert(con, table, rows.get(table, ()))
    con.execute(
        "create or replace temp table drift_watched (measure varchar, slice_kind varchar, pace varchar, owner varchar,"
        " what varchar, todo varchar, fall_warn double, fall_error double, fall_daily_warn double,"
        " fall_daily_error double, rise_warn double, rise_error double, rise_daily_warn double,"
        " rise_daily_error double, floor_warn integer, floor_error integer,"
        " fall_floor_warn integer, fall_floor_error integer, learns boolean, grows boolean,"
        " sways boolean)"
    )
    insert(con, "drift_watched", list(_watched()))


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Add rows to a table, many per statement: one by one they cost more than the whole judgement."""
    for start in range(0, len(rows), _AT_ONCE):
        batch = rows[start : start + _AT_ONCE]
        line = f"({', '.join('?' * len(batch[0]))})"
        con.execute(f"insert into {table} values {', '.join([line] * len(batch))}", [v for row in batch for v in row])


def _watched() -> Iterable[list[object]]:
    for w in WATCHED:
        pace = PACES[w.pace]
        rise = pace.rise or (None, None)
        yield [
            w.measure, w.slice_kind, w.pace, w.owner, w.what, w.do, *pace.fall, *pace.fall_daily, *rise,
            *pace.rise_daily, *pace.floor, *(pace.fall_floor or pace.floor), pace.learns, pace.grows, pace.sways,
        ]  # fmt: skip


def judge(con: duckdb.DuckDBPyConnection) -> None:
    """Judge the profile in ``con`` by the prepared inputs, into the temporary table ``JUDGED``.

    One row per slice and what it was held against: observed, expected, low_warn, high_warn, low_error, high_error
    (rows, or days for sources; null: no bound), level (ok, warn, error, acknowledged), owner, todo, basis (history,
    prior or contract).
    """
    con.execute(QUERY)
