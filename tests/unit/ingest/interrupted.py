"""A home that takes in three deliveries of a small voter file, and what is left of it, for tests that kill."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import ingest_support as support

from orchestration.contracts.model import Contract
from orchestration.ingest.run import accepted_views

CLOCKS = {"received_at", "decided_at", "at", "seconds"}
TABLES = ("deliveries", "files", "check_results", "object_members", "steps")


def contract() -> Contract:
    """The small voter file; one line in ten may be set aside."""
    return support.contract(maxQuarantinedShare=0.1)


def first_day(home: Path) -> None:
    """Drop and take in the first day: twenty people."""
    support.drop(home, support.DAY1, support.text(support.people(20)))
    support.take(home, contract())


def second_day(home: Path) -> None:
    """Drop the second day: one person changed, one new, a line that must be set aside; packed as a zip."""
    rows = support.people(21, newest=support.DAY2)
    rows[3][1] = "Moved"
    rows.append(["no number", "Elm", "Given", "01", "10000", "2020-01-01", "XX"])
    support.drop(home, support.DAY2, support.packed({"tiny.txt": support.text(rows)}), name="tiny.zip")


def take(home: str) -> None:
    """Take in what has landed, as a refresh does."""
    support.take(Path(home), contract())


def ledger(home: Path) -> dict[str, list[dict[str, Any]]]:
    """Every table of the ledger without its times."""
    with sqlite3.connect(home / "ledger.sqlite") as con:
        con.row_factory = sqlite3.Row
        found = {}
        for table in TABLES:
            rows = [dict(r) for r in con.execute(f"select * from {table} order by rowid")]
            found[table] = [{k: v for k, v in row.items() if k not in CLOCKS} for row in rows]
    return found


def decided(home: Path) -> dict[str, list[str]]:
    """The ledger as a comparison sees it: times left out, a step that was begun again counted once."""
    found = ledger(home)
    return {
        table: sorted({json.dumps(row, sort_keys=True) for row in rows} if table == "steps" else map(json.dumps, rows))
        for table, rows in found.items()
    }


def rows(home: Path) -> list[tuple[Any, ...]]:
    """Every version of every voter, and the opt-outs, as the build would read them."""
    made = contract()
    with duckdb.connect() as con:
        return sorted(
            row
            for select in accepted_views(home, {made.id: made}).values()
            for row in con.execute(f"select columns(*)::varchar from ({select})").fetchall()
        )


def strays(home: Path) -> list[str]:
    """Whatever has no name below the archive."""
    return [str(p.relative_to(home)) for p in (home / "archive").rglob(".*")]


def quarantined(home: Path) -> list[bytes]:
    """The quarantine's files."""
    return [p.read_bytes() for p in sorted((home / "archive" / "quarantine").rglob("*.parquet"))]
