"""The counting queries behind the checks that Great Expectations has no working expectation for.

Belongs here: pure text, from a check to one query that returns a single row of counts
(`evaluated`, `unexpected`). Because nothing but counts is selected, no value from a person's record can
reach a result, a log or a report. Does not belong here: running them (see `gx`).

In the queries `{batch}` stands for the checked table; every other brace is doubled, and a colon that
SQLAlchemy would read as a bind parameter is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from orchestration.gates.checks import Check
from orchestration.sqltext import ident, literal, qualified

_BIND = re.compile(r"(?<![:\w\\]):(?=\w)")
_FROM_BATCH = "from (select * from {batch}) as t"


def counting_query(check: Check) -> str:
    """One-row query with BIGINT columns evaluated and unexpected. Raises KeyError for a native kind."""
    return _QUERIES[check.kind](check)


def is_counted(kind: str) -> bool:
    """Tell whether the kind is evaluated by a counting query rather than a built-in expectation."""
    return kind in _QUERIES


def _escape(sql: str) -> str:
    """Make the author's SQL safe for str.format and for SQLAlchemy's text()."""
    return _BIND.sub(r"\\:", sql.replace("{", "{{").replace("}", "}}"))


def _body(sql: str) -> str:
    # The newline ends a trailing comment, which would otherwise swallow our closing bracket.
    return _escape(sql.strip().rstrip(";")) + "\n"


def _not_null(columns: list[str], alias: str = "t") -> str:
    return " and ".join(f"{alias}.{_escape(ident(column))} is not null" for column in columns)


def _unique(check: Check) -> str:
    columns = [str(column) for column in check.items("columns")]
    keys = ", ".join(_escape(ident(column)) for column in columns)
    return (
        "select coalesce(sum(n) filter (where filled), 0)::bigint as evaluated, "
        "coalesce(sum(n - 1) filter (where n > 1), 0)::bigint as unexpected from ("
        f"select count(*) as n, ({_not_null(columns)}) as filled {_FROM_BATCH} group by {keys}) as g"
    )


def _matches(check: Check) -> str:
    column, regex = _escape(ident(check.text("column"))), _escape(literal(check.text("regex")))
    return (
        f"select count(t.{column}) as evaluated, "
        f"count(*) filter (where not regexp_matches(t.{column}, {regex})) as unexpected {_FROM_BATCH}"
    )


def _foreign_key(check: Check) -> str:
    columns = [str(column) for column in check.items("columns")]
    others = [str(column) for column in check.items("other_columns")]
    same = " and ".join(
        f"o.{_escape(ident(other))} = t.{_escape(ident(column))}" for column, other in zip(columns, others, strict=True)
    )
    other_table = _escape(qualified(check.text("other_table")))
    return (
        "select count(*) as evaluated, "
        f"count(*) filter (where not exists (select 1 from {other_table} as o where {same})) as unexpected "
        f"{_FROM_BATCH} where {_not_null(columns)}"
    )


def _expression(check: Check) -> str:
    return (
        "select count(*) as evaluated, "
        f"count(*) filter (where ({_body(check.text('sql'))}) is not true) as unexpected {_FROM_BATCH}"
    )


def _sql_zero(check: Check) -> str:
    return (
        f"select (select count(*) {_FROM_BATCH}) as evaluated, "
        f"(select count(*) from ({_body(check.text('sql'))}) as offending) as unexpected"
    )


def _share_between(check: Check) -> str:
    # `unexpected` is by how many rows the share is off, at least 1: a count, like everywhere else.
    low, high = check.params.get("min"), check.params.get("max")
    tests = []
    if low is not None:
        tests.append(f"when hits < {_number(low)} * n then greatest(1, ceil({_number(low)} * n - hits))")
    if high is not None:
        tests.append(f"when hits > {_number(high)} * n then greatest(1, ceil(hits - {_number(high)} * n))")
    return (
        f"select n as evaluated, hits, (case {' '.join(tests)} else 0 end)::bigint as unexpected from ("
        f"select count(*) as n, count(*) filter (where ({_body(check.text('condition'))})) as hits "
        f"{_FROM_BATCH}) as s"
    )


def _number(value: object) -> str:
    return f"{float(str(value))!r}::double"


_QUERIES: Mapping[str, Callable[[Check], str]] = {
    "unique": _unique,
    "matches": _matches,
    "foreign_key": _foreign_key,
    "expression": _expression,
    "sql_zero": _sql_zero,
    "share_between": _share_between,
}
