"""The schema ``accepted``: for each table of each contract the rows of the deliveries in use.

Belongs here: which deliveries a table is made of, as SQL. Does not belong here: making history
(``history``), deciding on deliveries (``run``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.contracts.model import Contract, Kind, Table
from orchestration.contracts.shape import OPT_OUTS, PROVENANCE, SPANS, has_versions, stored_columns
from orchestration.faults import fault_point
from orchestration.ingest import history
from orchestration.ingest.ledger import DeliveryRow, Ledger
from orchestration.ingest.opt_outs import opt_outs_select
from orchestration.ingest.store import DamagedArchive, Stored, folder_of, read_stored, select_rows, verify
from orchestration.sqltext import ident

if TYPE_CHECKING:
    import duckdb

SCHEMA = "accepted"


def accepted_views(home: Path, contracts: Mapping[str, Contract]) -> dict[str, str]:
    """The select behind every accepted table and the opt-outs, empty and typed where nothing was accepted yet.

    Raises ``DamagedArchive`` when accepted rows on disk are not those that were written.
    """
    selects: dict[str, str] = {}
    with Ledger(home / "ledger.sqlite") as ledger:
        for contract in contracts.values():
            usable = usable_deliveries(home, ledger, contract)
            for _, stored in usable:
                verify(stored)
            for table in contract.tables:
                selects[table.name] = _select(home, contract, table, usable)
    fault_point("opt_outs.read")
    selects[OPT_OUTS] = opt_outs_select(home, contracts)
    return selects


def open_accepted(con: duckdb.DuckDBPyConnection, home: Path, contracts: Mapping[str, Contract]) -> None:
    """Create the schema ``accepted`` with one view per table."""
    con.execute(f"create schema if not exists {SCHEMA}")
    for name, select in accepted_views(home, contracts).items():
        con.execute(f"create or replace view {SCHEMA}.{ident(name)} as {select}")


def usable_deliveries(home: Path, ledger: Ledger, contract: Contract) -> list[tuple[DeliveryRow, Stored]]:
    """The accepted deliveries of a source, oldest first: one per date. Raises ``DamagedArchive``."""
    found = []
    for row in ledger.accepted(contract.id):
        stored = read_stored(home, row.id)
        if stored is None:
            folder = folder_of(home, "accepted", row.id)
            raise DamagedArchive(f"{folder}: the accepted rows are gone; the next refresh parses them anew")
        found.append((row, stored))
    return found


def in_use(contract: Contract, usable: list[tuple[DeliveryRow, Stored]]) -> list[tuple[DeliveryRow, Stored]]:
    """Of the usable deliveries those that today's tables are made of."""
    return usable if contract.kind is Kind.ACCUMULATE else usable[-1:]


def deliveries_in_use(home: Path, contracts: Mapping[str, Contract]) -> list[dict[str, Any]]:
    """What every accepted table is made of, for the release record.

    Per delivery: source, state, delivery_id, snapshot_date, lines_received, rows_accepted,
    rows_quarantined, contract_version, contract_hash, fresh_within_days, table_rows (by table), override
    (None or who and why), and for voter files ``history``: all snapshots behind the versions.
    """
    found: list[dict[str, Any]] = []
    with Ledger(home / "ledger.sqlite") as ledger:
        overrides = {o.id: o for o in ledger.overrides()}
        for contract in contracts.values():
            usable = usable_deliveries(home, ledger, contract)
            for row, stored in in_use(contract, usable):
                override = overrides.get(row.override_id or -1)
                found.append(
                    {
                        "source": contract.id,
                        "state": contract.state,
                        "delivery_id": row.id,
                        "snapshot_date": row.snapshot_date,
                        "lines_received": row.lines_received,
                        "rows_accepted": row.rows_accepted,
                        "rows_quarantined": row.rows_quarantined,
                        "contract_version": row.contract_version,
                        "contract_hash": row.contract_hash,
                        "fresh_within_days": contract.fresh_within_days,
                        "table_rows": {name: stored.rows(name) for name in stored.manifest["tables"]},
                        "override": None if override is None else f"{override.by_whom}: {override.reason}",
                        "history": [r.id for r, _ in usable] if contract.kind is Kind.VOTERS else [],
                    }
                )
    return found


def _select(home: Path, contract: Contract, table: Table, usable: list[tuple[DeliveryRow, Stored]]) -> str:
    current = [(r, s) for r, s in in_use(contract, usable) if table.name in s.manifest["tables"]]
    if not current:
        return _empty(contract, table)
    if has_versions(contract, table):
        snapshots = [history.Snapshot(r.id, r.snapshot_date, s) for r, s in usable]
        links = history.chain(home, contract, snapshots)
        missing = [link.snapshot.delivery_id for link in links if not link.is_done]
        if missing:
            raise RuntimeError(f"the history of {contract.id} lacks {', '.join(missing)}; run ingest_source first")
        return history.versions_select(contract, links)
    return " union all by name ".join(select_rows(s, table) for _, s in current)


def _empty(contract: Contract, table: Table) -> str:
    items = [f"null::varchar as {ident(c.name)}" for c in stored_columns(table)]
    items += [f"null::{kind} as {name}" for name, kind, _ in PROVENANCE]
    if has_versions(contract, table):
        items += [f"null::{kind} as {name}" for name, kind, _ in SPANS]
    return f"select {', '.join(items)} where false"
