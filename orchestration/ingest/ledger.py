"""The delivery ledger: every delivery, its steps, counts and cause, in one SQLite file.

Belongs here: writing and querying the ledger. Times are passed in, so that a replay writes the same.
Does not belong here: deciding anything about a delivery (``run``).

Counts and causes only: no value from a person's record is ever written here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any

from orchestration.faults import fault_point
from orchestration.ingest.ledger_rows import SCHEMA, DeliveryRow, Override, Status, delivery_row

__all__ = ["DeliveryRow", "Ledger", "Override", "Status"]


class Ledger:
    """The ledger of one home folder. Use as a context manager; each write is one transaction, see ``together``."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._con = sqlite3.connect(path, timeout=30, isolation_level=None)
        self._con.row_factory = sqlite3.Row
        # WAL lets the CLI and the UI read while a refresh writes.
        self._con.execute("pragma journal_mode = wal")
        self._con.execute("pragma synchronous = full")
        self._con.executescript(SCHEMA)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the file."""
        self._con.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._con.in_transaction:
            yield self._con
            return
        self._con.execute("begin immediate")
        try:
            yield self._con
            fault_point("ledger.commit")
            self._con.execute("commit")
        except BaseException:
            if self._con.in_transaction:
                self._con.execute("rollback")
            raise
        fault_point("ledger.committed")

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make every write of the block one transaction: all of it is on record, or none."""
        with self._transaction():
            yield

    # deliveries ------------------------------------------------------------------------------

    def receive(
        self,
        delivery_id: str,
        source: str,
        snapshot_date: date,
        content_sha256: str,
        files: Iterable[tuple[str, str, str, str, int, int | None]],
        at: str,
    ) -> None:
        """Enter a delivery that was not known.

        ``files``: member, received name, sha256, object sha256, size, lines of each; of a file in which no member
        was found the received name stands for both, and there are no lines.
        """
        with self._transaction() as con:
            con.execute(
                "insert or ignore into deliveries (id, source, snapshot_date, content_sha256, status, received_at)"
                " values (?,?,?,?,?,?)",
                (delivery_id, source, snapshot_date.isoformat(), content_sha256, Status.RECEIVED, at),
            )
            con.executemany(
                "insert or replace into files (delivery_id, member, received_name, sha256, object_sha256, size,"
                " lines) values (?,?,?,?,?,?,?)",
                [(delivery_id, *file) for file in files],
            )

    def update(self, delivery_id: str, **fields: Any) -> None:
        """Set columns of a delivery, such as status, counts and cause."""
        names = ", ".join(f"{name} = ?" for name in fields)
        values = [v.isoformat() if isinstance(v, date) else v for v in fields.values()]
        with self._transaction() as con:
            con.execute(f"update deliveries set {names} where id = ?", (*values, delivery_id))

    def accept(self, delivery_id: str, at: str, override_id: int | None = None) -> list[str]:
        """Put a delivery in use; returns the ids for the same source and date that it supersedes."""
        with self._transaction() as con:
            row = con.execute("select source, snapshot_date from deliveries where id = ?", (delivery_id,)).fetchone()
            older = [
                str(r["id"])
                for r in con.execute(
                    "select id from deliveries where source = ? and snapshot_date = ? and id <> ? and status = ?",
                    (row["source"], row["snapshot_date"], delivery_id, Status.ACCEPTED),
                )
            ]
            con.executemany(
                "update deliveries set status = ?, cause = ? where id = ?",
                [(Status.SUPERSEDED, f"superseded by {delivery_id}", i) for i in older],
            )
            con.execute(
                "update deliveries set status = ?, decided_at = ?, cause = null, cause_code = null,"
                " override_id = ? where id = ?",
                (Status.ACCEPTED, at, override_id, delivery_id),
            )
        return older

    def delivery(self, delivery_id: str) -> DeliveryRow | None:
        """One delivery, or None."""
        rows = self._deliveries("where id = ?", (delivery_id,))
        return rows[0] if rows else None

    def deliveries(
        self, source: str | None = None, status: Status | None = None, limit: int | None = None
    ) -> list[DeliveryRow]:
        """Deliveries, newest snapshot first."""
        where, values = ["1 = 1"], []
        if source is not None:
            where.append("source = ?")
            values.append(source)
        if status is not None:
            where.append("status = ?")
            values.append(str(status))
        tail = f" limit {int(limit)}" if limit is not None else ""
        return self._deliveries(
            f"where {' and '.join(where)} order by snapshot_date desc, source, received_at desc{tail}", values
        )

    def accepted(self, source: str) -> list[DeliveryRow]:
        """Deliveries of a source in use or usable, oldest snapshot first: one per date."""
        return self._deliveries(
            "where source = ? and status = ? order by snapshot_date", (source, str(Status.ACCEPTED))
        )

    def ever_accepted(self, source: str) -> list[DeliveryRow]:
        """Deliveries of a source that were accepted once, whatever became of them; oldest snapshot first."""
        return self._deliveries(
            "where source = ? and id in (select delivery_id from steps where step = 'accepted')"
            " order by snapshot_date, id",
            (source,),
        )

    def with_content(self, source: str, content_sha256: str) -> list[DeliveryRow]:
        """Deliveries of a source that hold exactly these bytes, oldest first."""
        return self._deliveries(
            "where source = ? and content_sha256 = ? order by snapshot_date", (source, content_sha256)
        )

    def _deliveries(self, tail: str, values: Iterable[Any]) -> list[DeliveryRow]:
        rows = self._con.execute(f"select * from deliveries {tail}", tuple(values)).fetchall()
        return [delivery_row(row) for row in rows]

    # steps, checks ---------------------------------------------------------------------------

    def step(
        self,
        delivery_id: str,
        step: str,
        at: str,
        counts: Mapping[str, int] | None = None,
        cause: str | None = None,
        seconds: float | None = None,
    ) -> None:
        """Put one step of a delivery on record."""
        with self._transaction() as con:
            con.execute(
                "insert into steps (delivery_id, step, at, seconds, counts, cause) values (?,?,?,?,?,?)",
                (delivery_id, step, at, seconds, json.dumps(counts or {}, sort_keys=True), cause),
            )

    def steps(self, delivery_id: str) -> list[dict[str, Any]]:
        """The steps of a delivery in order: step, at, seconds, counts, cause."""
        rows = self._con.execute("select * from steps where delivery_id = ? order by rowid", (delivery_id,))
        return [{**dict(row), "counts": json.loads(row["counts"])} for row in rows]

    def files(self, delivery_id: str) -> list[dict[str, Any]]:
        """The member files of a delivery: member, received_name, sha256, object_sha256, size, lines."""
        rows = self._con.execute("select * from files where delivery_id = ? order by member", (delivery_id,))
        return [dict(row) for row in rows]

    def object_users(self) -> dict[str, set[str]]:
        """For every archived object that a delivery is made of, the ids of those deliveries."""
        users: dict[str, set[str]] = {}
        for row in self._con.execute("select object_sha256, delivery_id from files"):
            users.setdefault(str(row["object_sha256"]), set()).add(str(row["delivery_id"]))
        return users

    def remove(self, delivery_id: str, at: str, cause: str, counts: Mapping[str, int]) -> None:
        """Put on record that a delivery's files are let go; what is known of it (counts, checks, steps) stays."""
        with self._transaction() as con:
            con.execute(
                "update deliveries set status = ?, cause_code = 'retention', cause = ?, decided_at = ? where id = ?",
                (Status.REMOVED, cause, at, delivery_id),
            )
            con.execute(
                "insert into steps (delivery_id, step, at, seconds, counts, cause) values (?,?,?,?,?,?)",
                (delivery_id, "removed", at, None, json.dumps(counts, sort_keys=True), cause),
            )

    def record_checks(self, delivery_id: str, results: Iterable[Mapping[str, Any]]) -> None:
        """Replace the check results of a delivery; counts and sentences, never values."""
        columns = ("check_id", "status", "severity", "evaluated", "unexpected", "observed", "expected", "message")
        with self._transaction() as con:
            con.execute("delete from check_results where delivery_id = ?", (delivery_id,))
            con.executemany(
                f"insert into check_results (delivery_id, {', '.join(columns)}) values (?,?,?,?,?,?,?,?,?)",
                [(delivery_id, *(result[c] for c in columns)) for result in results],
            )

    def check_results(self, delivery_id: str) -> list[dict[str, Any]]:
        """The check results of a delivery, in order of check id."""
        rows = self._con.execute("select * from check_results where delivery_id = ? order by check_id", (delivery_id,))
        return [dict(row) for row in rows]

    # overrides -------------------------------------------------------------------------------

    def add_override(self, target: str, reason: str, by_whom: str, created_at: str, expires_at: str) -> int:
        """Permit ``target`` (a delivery id or a check id) to go on until ``expires_at``.

        Raises ValueError without a reason, a name, or with an expiry that is not later.
        """
        if not reason.strip() or not by_whom.strip():
            raise ValueError("an override needs a reason and a name; both go on record")
        if expires_at <= created_at:
            raise ValueError(f"the override would expire at {expires_at}, not after {created_at}")
        with self._transaction() as con:
            cursor = con.execute(
                "insert into overrides (target, reason, by_whom, created_at, expires_at) values (?,?,?,?,?)",
                (target, reason.strip(), by_whom.strip(), created_at, expires_at),
            )
        return int(cursor.lastrowid or 0)

    def overrides(self, at: str | None = None) -> list[Override]:
        """All overrides, or those in force at the ISO time ``at``, newest first."""
        rows = self._con.execute("select * from overrides order by id desc").fetchall()
        found = [Override(**dict(row)) for row in rows]
        return found if at is None else [o for o in found if o.created_at <= at < o.expires_at]

    def override_for(self, target: str, at: str) -> Override | None:
        """The newest override in force for a delivery id or check id, or None."""
        return next((o for o in self.overrides(at) if o.target == target), None)

    # what has been read before ---------------------------------------------------------------

    def seen_hash(self, path: str, size: int, mtime_ns: int) -> str | None:
        """The sha256 of a landed file that has not been touched since it was hashed, or None."""
        row = self._con.execute(
            "select sha256 from landing_seen where path = ? and size = ? and mtime_ns = ?",
            (path, size, mtime_ns),
        ).fetchone()
        return None if row is None else str(row["sha256"])

    def remember_hash(self, path: str, size: int, mtime_ns: int, sha256: str) -> None:
        """Remember what an untouched landed file hashes to."""
        with self._transaction() as con:
            con.execute(
                "insert or replace into landing_seen (path, size, mtime_ns, sha256) values (?,?,?,?)",
                (path, size, mtime_ns, sha256),
            )

    def seen_paths(self) -> list[tuple[str, int, int, str]]:
        """Every landed file that was hashed: path, size, time of change in nanoseconds, sha256."""
        rows = self._con.execute("select path, size, mtime_ns, sha256 from landing_seen order by path")
        return [(str(r["path"]), int(r["size"]), int(r["mtime_ns"]), str(r["sha256"])) for r in rows]

    def object_members(self, object_sha256: str) -> list[dict[str, Any]]:
        """The members of an archived object as found when it was opened: member, sha256, size, facts."""
        rows = self._con.execute(
            "select * from object_members where object_sha256 = ? order by member", (object_sha256,)
        )
        return [{**dict(row), "facts": json.loads(row["facts"])} for row in rows]

    def remember_members(self, object_sha256: str, members: Iterable[tuple[str, str, int, dict[str, Any]]]) -> None:
        """Remember the members of an archived object: member, sha256, size, facts."""
        with self._transaction() as con:
            con.executemany(
                "insert or replace into object_members (object_sha256, member, sha256, size, facts) values (?,?,?,?,?)",
                [(object_sha256, m, sha, size, json.dumps(facts)) for m, sha, size, facts in members],
            )
