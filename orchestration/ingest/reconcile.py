"""Whether what was received is what the warehouse was built from, line for line and row for row.

Belongs here: the totals of both sides, by source and by table. Does not belong here: deciding what a difference means
(``gates``), making the views that are counted (``views``).

The ledger says what a delivery held when it was taken in; the build reads files. A file that was lost, cut or read
twice in between shows in no column of any table, only in these totals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contracts.model import Contract
from orchestration.contracts.shape import has_versions
from orchestration.ingest.views import SCHEMA, deliveries_in_use
from orchestration.sqltext import ident

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Totals:
    """Two counts that must be equal: of lines (of a source) or of rows (of a table)."""

    name: str
    received: int
    found: int


def names(contracts: Mapping[str, Contract]) -> list[str]:
    """What ``reconcile`` calls its totals; the same whatever was delivered."""
    return [_lines(c) for c in contracts.values()] + [
        _rows(table.name) for contract in contracts.values() for table in contract.tables
    ]


def reconcile(con: duckdb.DuckDBPyConnection, home: Path, contracts: Mapping[str, Contract]) -> Iterator[Totals]:
    """Lines received against lines accepted and quarantined, and rows accepted against the build's, zeros included.

    ``con``: the build database, whose accepted tables are counted. Of a voter file only today's version of each voter
    was in the delivery in use. Raises ``DamagedArchive`` when accepted rows are gone.
    """
    received: Counter[str] = Counter()
    told: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for delivery in deliveries_in_use(home, contracts):
        received[delivery["source"]] += delivery["lines_received"]
        told[delivery["source"]] += delivery["rows_accepted"] + delivery["rows_quarantined"]
        rows.update(delivery["table_rows"])
    for contract in contracts.values():
        yield Totals(_lines(contract), received[contract.id], told[contract.id])
    for contract in contracts.values():
        for table in contract.tables:
            today = "where valid_to is null" if has_versions(contract, table) else ""
            statement = f"select count(*) from {ident(SCHEMA)}.{ident(table.name)} {today}"
            yield Totals(_rows(table.name), rows[table.name], con.execute(statement).fetchall()[0][0])


def _lines(contract: Contract) -> str:
    return f"lines of {contract.id}: received, and accepted or quarantined"


def _rows(table: str) -> str:
    return f"rows of {table}: accepted, and in the build"
