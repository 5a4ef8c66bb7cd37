"""Accepted rows on disk: one folder per delivery with its Parquet files and a manifest.

Belongs here: writing and reading that folder, the select that gives a table its agreed columns.
Does not belong here: which delivery is in use (``views``).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.contracts.model import Contract, Table
from orchestration.contracts.shape import stored_columns
from orchestration.ingest.archive import sync_folder
from orchestration.ingest.decode import CHUNK
from orchestration.ingest.members import ParsedTable
from orchestration.ingest.parse import PARSER_VERSION
from orchestration.ingest.sql import parquet
from orchestration.sqltext import ident


class DamagedArchive(RuntimeError):
    """A file of accepted rows is not the one that was written."""


@dataclass(frozen=True)
class Stored:
    """One delivery's accepted rows: its folder and manifest."""

    folder: Path
    manifest: dict[str, Any]

    def path(self, table: str) -> Path:
        """The Parquet file of a table."""
        return self.folder / str(self.manifest["tables"][table]["file"])

    def rows(self, table: str) -> int:
        """The number of accepted rows of a table."""
        return int(self.manifest["tables"][table]["rows"])

    @property
    def paths(self) -> dict[str, Path]:
        """The Parquet file of each table."""
        return {table: self.path(table) for table in self.manifest["tables"]}


def folder_of(home: Path, kind: str, delivery_id: str) -> Path:
    """``archive/<kind>/<source>/<date>-<hash>`` of a delivery."""
    source, day, digest = delivery_id.split("/")
    return home / "archive" / kind / source / f"{day}-{digest}"


def parse_key(contract: Contract) -> str:
    """Identity of everything that decides what rows the same bytes give; wording does not count."""
    said = [PARSER_VERSION]
    for table in contract.tables:
        columns = [
            (c.name, c.physical_name, c.required, c.optional, c.key, c.pattern if c.strict else None, c.aliases,
             c.since, c.until)
            for c in table.columns
        ]  # fmt: skip
        said.append(repr((table.name, columns, table.reader, table.unpivots, table.row_rules, contract.kind)))
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def write_manifest(folder: Path, key: str, tables: Sequence[ParsedTable], derived: dict[str, tuple[Path, int]]) -> None:
    """Write the manifest last: a folder without one is not there."""
    entries = {t.table: t.as_json() | {"sha256": file_sha256(t.path)} for t in tables}
    for name, (path, rows) in derived.items():
        entries[name] = {
            "table": name, "file": path.name, "rows": rows, "has_member": False, "has_line": True, "members": [],
            "sha256": file_sha256(path), "derived": True,
        }  # fmt: skip
    manifest = {
        "parse_key": key,
        "lines": sum(t.lines for t in tables),
        "accepted": sum(t.accepted_lines for t in tables),
        "quarantined": sum(len(t.quarantined) for t in tables),
        "tables": entries,
    }
    partial = folder / "manifest.part"
    partial.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    # The ledger will say that these rows are there, so they must outlast a power cut.
    for path in (*folder.glob("*.parquet"), partial):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    partial.replace(folder / "manifest.json")
    sync_folder(folder)


def read_stored(home: Path, delivery_id: str, key: str | None = None) -> Stored | None:
    """The accepted rows of a delivery, or None when there are none (made with ``key``, if given)."""
    folder = folder_of(home, "accepted", delivery_id)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if key is not None and manifest["parse_key"] != key:
        return None
    return Stored(folder, manifest)


_verified: set[tuple[str, int, int]] = set()


def verify(stored: Stored) -> None:
    """Compare each Parquet file with its hash, once per process; raises ``DamagedArchive``.

    DuckDB reads a Parquet file with a flipped byte without complaint and sums it wrongly.
    """
    for table, entry in stored.manifest["tables"].items():
        path = stored.path(table)
        try:
            seen = path.stat()
        except FileNotFoundError:
            raise DamagedArchive(f"{path}: missing; restore it or delete {stored.folder} to parse anew") from None
        key = (str(path), seen.st_mtime_ns, seen.st_size)
        if key in _verified:
            continue
        if file_sha256(path) != entry["sha256"]:
            raise DamagedArchive(
                f"{path}: its bytes are not those that were written; delete {stored.folder} to parse the delivery anew"
            )
        _verified.add(key)


def select_rows(stored: Stored, table: Table, extra: str = "") -> str:
    """A select with the table's columns and provenance over one delivery; ``extra``: a further item."""
    items = [f"p.{ident(c.name)}" for c in stored_columns(table)]
    items += provenance(stored.manifest["tables"][table.name])
    if extra:
        items.append(extra)
    return f"select {', '.join(items)} from {parquet(stored.path(table.name), row_numbers=True)} p"


def provenance(entry: dict[str, Any]) -> list[str]:
    """Select items for the four columns that say where a row came from.

    The line is not stored where it follows from the row's place in the file: numbering rows while they are
    written would keep all but one thread idle.
    """
    if entry.get("derived"):
        line = "p.line_number"
    elif entry["has_line"]:
        line = "p._line as line_number"
    else:
        shifts = ", ".join(str(m[2] - m[1]) for m in entry["members"])
        member = "p._member + 1" if entry["has_member"] else "1"
        line = f"(p.file_row_number + ([{shifts}]::bigint[])[{member}])::bigint as line_number"
    return ["p.delivery_id", "p.snapshot_date", "p.source_file", line]


def file_sha256(path: Path) -> str:
    """The sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
