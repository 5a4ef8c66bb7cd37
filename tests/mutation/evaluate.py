"""Ask a check or a data test of a world: does it find fault, or not, or can it not be answered?

Belongs here: the gate's own counting queries, the same arithmetic for the kinds that Great Expectations evaluates
itself, and the gate's judgement of the counts. A test holds this against Great Expectations. Does not belong here:
corruptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

import duckdb

from orchestration.gates.checks import Check
from orchestration.gates.counting import counting_query, is_counted
from orchestration.sqltext import ident, literal, qualified

from .world import DataTest


class UnknownKind(AssertionError):
    """A kind of check that nothing here knows how to answer or to break."""


class Outcome(StrEnum):
    """What became of a check: only SOUND lets a release pass."""

    SOUND = "sound"
    FAULT = "fault"
    UNANSWERED = "unanswered"


def relation(check: Check) -> str:
    """The checked table as the world's session names it."""
    return qualified(check.table)


def ask(con: duckdb.DuckDBPyConnection, check: Check) -> Outcome:
    """Evaluate and judge a check as the gate does. Raises UnknownKind for a kind it does not know."""
    try:
        rows = _number(con, f"select count(*) from {relation(check)}")
        evaluated, unexpected = counts(con, check, rows)
    except (duckdb.Error, ValueError):  # a ValueError is a parameter that is no number or day
        return Outcome.UNANSWERED
    if rows == 0 and not check.params.get("allow_empty"):
        return Outcome.FAULT
    if rows > 0 and evaluated == 0 and not check.params.get("allow_all_null"):
        return Outcome.FAULT
    return Outcome.FAULT if unexpected else Outcome.SOUND


def counts(con: duckdb.DuckDBPyConnection, check: Check, rows: int) -> tuple[int, int]:
    """(evaluated, unexpected) of one check."""
    if is_counted(check.kind):
        query = counting_query(check).format(batch=relation(check)).replace("\\:", ":")
        cursor = con.execute(query)
        named = dict(zip([d[0] for d in cursor.description], cursor.fetchone() or (), strict=True))
        return int(named["evaluated"]), int(named["unexpected"])
    if check.kind not in _NATIVE:
        raise UnknownKind(
            f"check {check.check_id}: nothing in tests/mutation/evaluate.py answers kind {check.kind!r}. A check whose "
            "answer is handed in needs a family of its own: see ANSWERED in tests/mutation/account.py"
        )
    return _NATIVE[check.kind](con, check, rows)


def ask_test(con: duckdb.DuckDBPyConnection, test: DataTest) -> Outcome:
    """Whether a dbt data test returns a row."""
    try:
        return Outcome.FAULT if _number(con, f"select count(*) from ({test.sql}\n) as found") else Outcome.SOUND
    except duckdb.Error:
        return Outcome.UNANSWERED


def _number(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _row_count(con: duckdb.DuckDBPyConnection, check: Check, rows: int) -> tuple[int, int]:
    low, high = check.params.get("min"), check.params.get("max")
    return rows, int((low is not None and rows < int(str(low))) or (high is not None and rows > int(str(high))))


def _not_null(con: duckdb.DuckDBPyConnection, check: Check, rows: int) -> tuple[int, int]:
    nulls = _number(con, f"select count(*) from {relation(check)} where {ident(check.text('column'))} is null")
    allowed = float(str(check.params.get("max_share", 0))) * rows
    return rows - nulls, nulls if nulls > allowed else 0


def _where(con: duckdb.DuckDBPyConnection, check: Check, bad: str) -> tuple[int, int]:
    column = ident(check.text("column"))
    filled = _number(con, f"select count({column}) from {relation(check)}")
    return filled, _number(con, f"select count(*) from {relation(check)} where {bad}")


def _in_set(con: duckdb.DuckDBPyConnection, check: Check, rows: int) -> tuple[int, int]:
    values = ", ".join(literal(str(value)) for value in check.items("values"))
    return _where(con, check, f"{ident(check.text('column'))}::varchar not in ({values})")


def _between(con: duckdb.DuckDBPyConnection, check: Check, rows: int) -> tuple[int, int]:
    column = ident(check.text("column"))
    low, high = check.params.get("min"), check.params.get("max")
    tests = [f"{column} < {bound(low)}"] if low is not None else []
    tests += [f"{column} > {bound(high)}"] if high is not None else []
    return _where(con, check, " or ".join(tests))


def bound(value: object) -> str:
    """A bound as SQL: a number, or else a day or moment."""
    try:
        return repr(float(str(value)))
    except ValueError:
        return f"timestamp {literal(str(value))}"


def _column_set(con: duckdb.DuckDBPyConnection, check: Check, rows: int) -> tuple[int, int]:
    found = {row[0] for row in con.execute(f"describe {relation(check)}").fetchall()}
    return len(found), len(found ^ {str(column) for column in check.items("columns")})


_NATIVE: Mapping[str, Callable[[duckdb.DuckDBPyConnection, Check, int], tuple[int, int]]] = {
    "row_count_between": _row_count,
    "not_null": _not_null,
    "in_set": _in_set,
    "between": _between,
    "column_set": _column_set,
}
