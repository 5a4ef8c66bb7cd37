"""Each voter's versions over the accepted snapshots: what changed, and when.

Belongs here: finding, for one snapshot after another, which versions open and which close, and the
select that puts them together. Does not belong here: which snapshots are accepted (``ledger``).

A day's folder holds only what changed: ``opened`` (new versions, all columns), ``closed`` (key,
valid_from, valid_to) and ``index`` (key, row hash, valid_from of the current versions). Its name is a hash of
the whole chain of deliveries up to that day, so an unchanged day costs nothing, and a corrected or late
delivery recomputes from its place in the chain onward. The first snapshot is not copied but linked.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.contracts.model import Contract, Table
from orchestration.contracts.shape import stored_columns
from orchestration.faults import fault_point
from orchestration.ingest.sql import parquet, text_list
from orchestration.ingest.store import Stored, provenance, select_rows
from orchestration.publish.files import put_folder, remove_folder
from orchestration.sqltext import ident, literal

if TYPE_CHECKING:
    import duckdb

# Part of every chain hash: raise it when versions would come out otherwise.
_VERSION = "1"


@dataclass(frozen=True)
class Snapshot:
    """One accepted delivery of a voter file."""

    delivery_id: str
    day: date
    stored: Stored


@dataclass(frozen=True)
class Link:
    """One snapshot's folder in the history."""

    snapshot: Snapshot
    folder: Path

    @property
    def is_done(self) -> bool:
        """Whether its folder is complete."""
        return (self.folder / "done.json").exists()


def chain(home: Path, contract: Contract, snapshots: Sequence[Snapshot]) -> list[Link]:
    """The folders of ``snapshots`` (oldest first), existing or not."""
    import duckdb

    links = []
    # DuckDB does not promise that hash() stays the same from one version to the next.
    said = f"{_VERSION} {duckdb.__version__} {[c.name for c in _compared(contract.tables[0])]}"
    for snapshot in snapshots:
        said = hashlib.sha256(
            f"{said} {snapshot.delivery_id} {snapshot.stored.manifest['parse_key']}".encode()
        ).hexdigest()
        folder = home / "archive" / "history" / contract.id / f"{snapshot.day.isoformat()}-{said[:16]}"
        links.append(Link(snapshot, folder))
    return links


def update(con: duckdb.DuckDBPyConnection, home: Path, contract: Contract, snapshots: Sequence[Snapshot]) -> list[Link]:
    """Compute what is missing of the history of ``snapshots`` (oldest first); returns the whole chain."""
    links = chain(home, contract, snapshots)
    for i, link in enumerate(links):
        if not link.is_done:
            _compute(con, contract.tables[0], link, links[i - 1] if i else None)
    _drop_others(home / "archive" / "history" / contract.id, {link.folder for link in links})
    return links


def _drop_others(root: Path, kept: set[Path]) -> None:
    """Remove the folders of chains that a correction, a late delivery or a new contract has replaced."""
    for folder in root.iterdir() if root.is_dir() else ():
        if folder not in kept and not folder.name.startswith("."):
            remove_folder(folder)  # a chain that comes back must not find half a day that says it is done
    for leftover in root.glob(".*"):
        shutil.rmtree(leftover)


def _compute(con: duckdb.DuckDBPyConnection, table: Table, link: Link, before: Link | None) -> None:
    partial = link.folder.with_name(f".{link.folder.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    stored, day = link.snapshot.stored, literal(link.snapshot.day.isoformat())
    keys = ", ".join(ident(k) for k in table.key)
    entry = stored.manifest["tables"][table.name]
    con.execute(
        "create or replace temp table arriving as select file_row_number as _row, "
        f"{keys}, hash({', '.join(ident(c.name) for c in _compared(table))}) as row_hash"
        f" from {parquet(stored.path(table.name), row_numbers=True)}"
    )
    if before is None:
        _link(stored.path(table.name), partial / "base.parquet")
        (partial / "base.json").write_text(json.dumps(entry), encoding="utf-8")
        query = f"select {keys}, row_hash, date {day} as valid_from from arriving"
        opened = stored.rows(table.name)
        closed = 0
    else:
        con.execute(f"create or replace temp table standing as from {parquet(before.folder / 'index.parquet')}")
        same = " and ".join(f"a.{ident(k)} = s.{ident(k)}" for k in table.key)
        opened = _write(
            con,
            select_rows(stored, table, extra=f"date {day} as valid_from")
            + f" where p.file_row_number in (select a._row from arriving a left join standing s on {same}"
            " where s.row_hash is distinct from a.row_hash)",
            partial / "opened.parquet",
        )
        old_keys = ", ".join(f"s.{ident(k)}" for k in table.key)
        closed = _write(
            con,
            f"select {old_keys}, s.valid_from, date {day} as valid_to from standing s left join arriving a on {same}"
            " where a.row_hash is distinct from s.row_hash",
            partial / "closed.parquet",
        )
        new_keys = ", ".join(f"a.{ident(k)}" for k in table.key)
        query = (
            f"select {new_keys}, a.row_hash,"
            f" case when s.row_hash = a.row_hash then s.valid_from else date {day} end as valid_from"
            f" from arriving a left join standing s on {same}"
        )
    current = _write(con, query, partial / "index.parquet")
    if current != stored.rows(table.name):
        raise AssertionError(f"{link.folder}: {stored.rows(table.name)} voters, {current} in the index")
    done = {
        "delivery_id": link.snapshot.delivery_id, "snapshot_date": link.snapshot.day.isoformat(),
        "opened": opened, "closed": closed, "current": current,
    }  # fmt: skip
    (partial / "done.json").write_text(json.dumps(done, indent=1), encoding="utf-8")
    con.execute("drop table if exists arriving")
    con.execute("drop table if exists standing")
    fault_point("history.written")
    put_folder(partial, link.folder)
    fault_point("history.named")


def versions_select(contract: Contract, links: Sequence[Link]) -> str:
    """A select with every version of every voter: columns, provenance, valid_from, valid_to."""
    table = contract.tables[0]
    first = links[0]
    entry: dict[str, Any] = json.loads((first.folder / "base.json").read_text(encoding="utf-8"))
    columns = [f"p.{ident(c.name)}" for c in stored_columns(table)]
    items = [*columns, *provenance(entry)]
    opened = (
        f"select {', '.join(items)}, date {literal(first.snapshot.day.isoformat())} as valid_from"
        f" from {parquet(first.folder / 'base.parquet', row_numbers=True)} p"
    )
    if len(links) == 1:
        return f"select *, null::date as valid_to from ({opened})"
    opened += f" union all by name select * from read_parquet({_files(links, 'opened')})"
    same = " and ".join(f"o.{ident(k)} = c.{ident(k)}" for k in table.key)
    return (
        f"select o.*, c.valid_to from ({opened}) o left join read_parquet({_files(links, 'closed')}) c"
        f" on {same} and o.valid_from = c.valid_from"
    )


def changes(links: Sequence[Link]) -> list[dict[str, Any]]:
    """Per snapshot: delivery_id, snapshot_date, opened, closed and current versions."""
    return [json.loads((link.folder / "done.json").read_text(encoding="utf-8")) for link in links]


def _compared(table: Table) -> list[Any]:
    return [c for c in stored_columns(table) if not c.key and not c.volatile]


def _files(links: Sequence[Link], name: str) -> str:
    return text_list(str(link.folder / f"{name}.parquet") for link in links[1:])


def _write(con: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    row = con.execute(f"copy ({query}) to {literal(str(target))} (format parquet, compression zstd)").fetchone()
    return int(row[0]) if row is not None else 0


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Another file system, or one without links.
        shutil.copyfile(source, target)
