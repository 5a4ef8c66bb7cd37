"""Warnings that stand, and what a named person acknowledged: three tables beside the ledger's own.

Belongs here: since when a slice is outside its band, until when that may last, and who says that the change is real.
Does not belong here: judging (``judge``). Times are passed in, as ISO text in UTC.

A warning stands while its slice stays outside the band that the release before the warning gives it. Nobody need look
at one that time explains; one that nobody acknowledged within ``STANDS_DAYS`` refuses the next release.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

STANDS_DAYS = 7
Slice = tuple[str, str, str]  # measure, slice kind, slice value

_SCHEMA = """
create table if not exists drift_warnings (
    measure text not null, slice_kind text not null, slice_value text not null, first_seen text not null,
    last_seen text not null, first_release text not null, release_before text, closed_at text, closed_by text);
create table if not exists drift_acknowledgements (
    id integer primary key, target text not null, reason text not null, by_whom text not null,
    created_at text not null, until text not null, release_id text not null);
create table if not exists drift_acknowledged (
    acknowledgement_id integer not null, measure text not null, slice_kind text not null, slice_value text not null,
    observed integer not null);
"""


@dataclass(frozen=True)
class Warned:
    """An open warning. ``release_before``: the last release without it, which its slice is held against."""

    measure: str
    slice_kind: str
    slice_value: str
    first_seen: str
    release_before: str | None

    @property
    def key(self) -> Slice:
        """The slice it is about."""
        return self.measure, self.slice_kind, self.slice_value

    @property
    def expires(self) -> datetime:
        """When it becomes an error."""
        return datetime.fromisoformat(self.first_seen) + timedelta(days=STANDS_DAYS)


@dataclass(frozen=True)
class Acknowledgement:
    """A named person's word that a change is real. ``observed``: each slice it covers, as it was looked at."""

    id: int
    target: str
    reason: str
    by_whom: str
    created_at: str
    until: str
    release_id: str
    observed: tuple[tuple[Slice, int], ...]


class Standing:
    """The warnings and acknowledgements of one home. Use as a context manager; each write is one transaction."""

    def __init__(self, ledger: Path) -> None:
        self._con = sqlite3.connect(ledger, timeout=30, isolation_level=None)
        self._con.execute("pragma journal_mode = wal")
        self._con.execute("pragma synchronous = full")
        self._con.executescript(_SCHEMA)

    def __enter__(self) -> Standing:
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._con.execute("begin immediate")
        try:
            yield self._con
        except BaseException:
            self._con.execute("rollback")
            raise
        self._con.execute("commit")

    def open_warnings(self) -> list[Warned]:
        """Every warning that stands, the oldest first."""
        rows = self._con.execute(
            "select measure, slice_kind, slice_value, first_seen, release_before from drift_warnings"
            " where closed_at is null order by first_seen, measure, slice_kind, slice_value"
        )
        return [Warned(*row) for row in rows]

    def see(self, warned: Iterable[Slice], release_id: str, release_before: str | None, at: str) -> None:
        """Enter what a judgement warned of: new warnings open, known ones stand, the others are closed."""
        seen = set(warned)
        known = {w.key for w in self.open_warnings()}
        with self._transaction() as con:
            con.executemany(
                "update drift_warnings set last_seen = ? where measure = ? and slice_kind = ? and slice_value = ?"
                " and closed_at is null",
                [(at, *key) for key in seen & known],
            )
            con.executemany(
                "update drift_warnings set closed_at = ?, closed_by = 'back in its band' where measure = ?"
                " and slice_kind = ? and slice_value = ? and closed_at is null",
                [(at, *key) for key in known - seen],
            )
            con.executemany(
                "insert into drift_warnings (measure, slice_kind, slice_value, first_seen, last_seen, first_release,"
                " release_before) values (?,?,?,?,?,?,?)",
                [(*key, at, at, release_id, release_before) for key in sorted(seen - known)],
            )

    def acknowledge(
        self,
        target: str,
        covered: Sequence[tuple[Slice, int]],
        *,
        reason: str,
        by: str,
        at: str,
        until: str,
        release_id: str,
    ) -> int:
        """Put on record that the change of ``covered`` slices, as observed, is real; closes their warnings.

        Raises ValueError without a reason, a name or a covered slice, or with an end that is not later.
        """
        if not reason.strip() or not by.strip():
            raise ValueError("an acknowledgement needs a reason and a name; both go on record and into the release")
        if until <= at:
            raise ValueError(f"the acknowledgement would end at {until}, not after {at}")
        if not covered:
            raise ValueError(f"{target!r} covers nothing that is outside its band; `winnumber drift` lists what is")
        with self._transaction() as con:
            cursor = con.execute(
                "insert into drift_acknowledgements (target, reason, by_whom, created_at, until, release_id)"
                " values (?,?,?,?,?,?)",
                (target, reason.strip(), by.strip(), at, until, release_id),
            )
            number = int(cursor.lastrowid or 0)
            con.executemany(
                "insert into drift_acknowledged values (?,?,?,?,?)",
                [(number, *key, observed) for key, observed in covered],
            )
            con.executemany(
                "update drift_warnings set closed_at = ?, closed_by = ? where measure = ? and slice_kind = ?"
                " and slice_value = ? and closed_at is null",
                [(at, f"acknowledged by {by.strip()}", *key) for key, _ in covered],
            )
        return number

    def acknowledgements(self, at: str | None = None) -> list[Acknowledgement]:
        """All acknowledgements, or those in force at the ISO time ``at``, newest first."""
        covered: dict[int, list[tuple[Slice, int]]] = {}
        for number, measure, kind, value, observed in self._con.execute("select * from drift_acknowledged"):
            covered.setdefault(int(number), []).append(((measure, kind, value), int(observed)))
        rows = self._con.execute(
            "select id, target, reason, by_whom, created_at, until, release_id from drift_acknowledgements"
            " order by id desc"
        )
        found = [
            Acknowledgement(number, target, reason, by, created, until, release, tuple(covered.get(number, ())))
            for number, target, reason, by, created, until, release in rows
        ]
        return found if at is None else [a for a in found if a.created_at <= at < a.until]
