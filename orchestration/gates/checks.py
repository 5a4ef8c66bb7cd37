"""What a gate may demand of a table: the kinds of check, their parameters and their results.

Belongs here: typed checks and results, validation of a check's parameters, the hash of a suite.
Does not belong here: evaluating anything (see `gx`), judging a set of results (see `record`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """ERROR stops a release, WARN is shown in it."""

    ERROR = "error"
    WARN = "warn"


class Status(StrEnum):
    """PASS; FAIL (severity error); WARN (failed, severity warn); ERROR: could not be evaluated."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True)
class Kind:
    """The parameters one kind of check takes, and the column parameters that must be text."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()


def _kind(*required: str, optional: Iterable[str] = ()) -> Kind:
    # allow_empty: the table may hold no rows. allow_all_null: the checked column may hold nothing but NULL.
    return Kind(frozenset(required), frozenset(optional) | {"allow_empty"})


KINDS: Mapping[str, Kind] = {
    # number of rows within [min, max]; either bound may be left out, not both
    "row_count_between": _kind(optional=("min", "max")),
    # no NULL in `column`; at most `max_share` (0..1) of them when given
    "not_null": _kind("column", optional=("max_share",)),
    # no two rows share the same `columns` (NULL counts as equal to NULL)
    "unique": _kind("columns", optional=("allow_all_null",)),
    # every non-null value of `column` is one of `values`
    "in_set": _kind("column", "values", optional=("allow_all_null",)),
    # every non-null value of `column` lies in [min, max]; a column of numbers or dates, bounds
    # as numbers, dates or their usual text ('0.5', '2026-11-03')
    "between": _kind("column", optional=("min", "max", "allow_all_null")),
    # every non-null value of the text `column` contains a match of `regex`: anchor it with ^ and $
    "matches": _kind("column", "regex", optional=("allow_all_null",)),
    # every row whose `columns` are all non-null has a row in `other_table` ('schema.table' or
    # 'database.schema.table') with the same `other_columns`
    "foreign_key": _kind("columns", "other_table", "other_columns", optional=("allow_all_null",)),
    # the boolean `sql` is true on every row; NULL counts as not true
    "expression": _kind("sql"),
    # the query `sql` returns no row; only its row count leaves the database
    "sql_zero": _kind("sql"),
    # the share of rows on which `condition` is true lies in [min, max]
    "share_between": _kind("condition", optional=("min", "max")),
    # the table has exactly these `columns`, in any order
    "column_set": _kind("columns"),
    # a rule of law that is held against the lineage of the whole project; whoever judged it hands in the result
    "lineage": _kind("rule"),
    # counts by slice against history, at a level (warn, error); whoever profiled the build hands in the result
    "drift": _kind("what", "level", optional=("pace", "spreads", "days")),
}

# Ids of the checks that look for identifiers of people, of the law's, and of drift; they do not count as a table's
# own check.
PRIVACY_PREFIX = "privacy."
LAW_PREFIX = "compliance."
DRIFT_PREFIX = "drift."

_TABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*){1,2}")
_CHECK_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_BOUNDED = ("row_count_between", "between", "share_between")


@dataclass(frozen=True)
class Check:
    """One demand on one table.

    check_id: stable snake-case name, e.g. 'nc_voters.ncid_is_never_null'.
    table: 'schema.table' in the audited file, or 'database.schema.table' in an attached one.
    kind, params: see `KINDS`. SQL in params names columns and tables as DuckDB sees them; it is written
        by the contract's author, never taken from a delivery.
    reason: why the check exists, in one sentence, shown when it fails.
    waivable: whether a named operator may override a failure for a limited time. Privacy checks are not.

    Raises ValueError when the kind is unknown or its parameters do not fit.
    """

    check_id: str
    table: str
    kind: str
    params: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
    reason: str = ""
    owner: str = "data"
    waivable: bool = True

    def __post_init__(self) -> None:
        where = f"check {self.check_id!r}"
        if not _CHECK_ID.fullmatch(self.check_id):
            raise ValueError(f"{where}: an id is lower snake case, parts joined by dots")
        if not _TABLE.fullmatch(self.table):
            raise ValueError(f"{where}: table {self.table!r} is not schema.table or database.schema.table")
        kind = KINDS.get(self.kind)
        if kind is None:
            raise ValueError(f"{where}: unknown kind {self.kind!r}; known kinds: {', '.join(sorted(KINDS))}")
        given = set(self.params)
        if missing := kind.required - given:
            raise ValueError(f"{where}: kind {self.kind} needs {', '.join(sorted(missing))}")
        if unknown := given - kind.required - kind.optional:
            raise ValueError(f"{where}: kind {self.kind} does not take {', '.join(sorted(unknown))}")
        if self.kind in _BOUNDED and self.params.get("min") is None and self.params.get("max") is None:
            raise ValueError(f"{where}: kind {self.kind} needs min, max or both")
        for name in ("columns", "other_columns", "values"):
            if name in self.params and not self.items(name):
                raise ValueError(f"{where}: {name} is an empty list, which would check nothing")
        if self.kind == "foreign_key" and len(self.items("columns")) != len(self.items("other_columns")):
            raise ValueError(f"{where}: columns and other_columns differ in number")

    def items(self, name: str) -> list[Any]:
        """Return a list parameter as a list; a bare string is one item, never its letters."""
        value = self.params[name]
        if isinstance(value, str):
            return [value]
        if not isinstance(value, Iterable):
            raise ValueError(f"check {self.check_id!r}: {name} must be a list, found {type(value).__name__}")
        return list(value)

    def text(self, name: str) -> str:
        """Return a text parameter."""
        return str(self.params[name])

    @property
    def digest(self) -> str:
        """sha256 over everything that decides the outcome (not reason and owner, which may be reworded)."""
        return _sha256([self.check_id, self.table, self.kind, dict(self.params), self.severity.value, self.waivable])


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check: counts and a sentence, never a value from the data.

    evaluated: rows (or columns, for column_set) looked at. unexpected: how many of them broke the check.
    """

    check_id: str
    table: str
    status: Status
    severity: Severity
    evaluated: int
    unexpected: int
    observed: str
    expected: str
    message: str

    @property
    def was_evaluated(self) -> bool:
        """Whether the check ran to an outcome, good or bad."""
        return self.status is not Status.ERROR


def suite_hash(checks: Iterable[Check]) -> str:
    """Identity of a set of required checks, whatever their order: sha256 over their ids and digests."""
    return hash_of_digests({check.check_id: check.digest for check in checks})


def hash_of_digests(digests: Mapping[str, str]) -> str:
    """Compute the suite hash from check id -> digest, without the checks themselves."""
    return _sha256([[check_id, digests[check_id]] for check_id in sorted(digests)])


def refuse_duplicates(checks: Iterable[Check]) -> None:
    """Raise ValueError when two checks share an id: one of them would silently stand for both."""
    seen: set[str] = set()
    for check in checks:
        if check.check_id in seen:
            raise ValueError(f"check id {check.check_id!r} is used twice; ids must be unique")
        seen.add(check.check_id)


def _sha256(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(str(item) for item in value)
    if isinstance(value, Iterable):
        return list(value)
    return str(value)
