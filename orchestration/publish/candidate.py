"""What a candidate or release folder consists of, and measuring one.

Belongs here: the types that describe a release, the names of its files, hashing and fingerprinting a folder.
Does not belong here: writing one (see `seal`), judging one (gates), making one current (`releases`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from orchestration.publish import files as fs
from orchestration.publish.fingerprint import RELEASE_TABLES, FileFingerprint, fingerprint_file

GENERAL_FILE = "warehouse.duckdb"  # no direct identifiers; every other database file is restricted
RELEASE_JSON = "release.json"
GATE_JSON = "gate.json"
RELEASES = "releases"  # folder of immutable release folders
CURRENT = "current"  # symlink that every reader follows
PARQUET = "parquet"


@dataclass(frozen=True)
class TableSpec:
    """One published table.

    relation: where it is in the build database, 'marts.district_vote_goals'. name: in the release.
    order_by: columns the rows are sorted by. key: columns that identify a row, for comparing releases;
    the order_by columns when left out.
    """

    relation: str
    name: str
    order_by: tuple[str, ...]
    key: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that identify a row."""
        return self.key or self.order_by


@dataclass(frozen=True)
class SourceFreshness:
    """How fresh one source is in this release; `held` when an older delivery had to stay in use."""

    source: str
    delivery_id: str
    data_as_of: date
    received_at: datetime | None = None
    held: bool = False
    note: str = ""

    def document(self) -> dict[str, object]:
        """Render as plain JSON values."""
        return {
            "source": self.source,
            "delivery_id": self.delivery_id,
            "data_as_of": self.data_as_of.isoformat(),
            "received_at": self.received_at.astimezone(UTC).isoformat() if self.received_at else None,
            "held": self.held,
            "note": self.note,
        }


@dataclass(frozen=True)
class ReleaseInfo:
    """What a release says of itself. built_at and run_id are the clock's, not content."""

    release_id: str
    run_id: str
    built_at: datetime
    data_as_of: date
    code_hash: str
    config_hash: str = ""
    contract_versions: Mapping[str, str] = field(default_factory=dict)
    model_versions: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[SourceFreshness, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        moments = [self.built_at, *(source.received_at for source in self.sources)]
        if any(moment is not None and moment.tzinfo is None for moment in moments):
            raise ValueError("built_at and received_at need a time zone; use datetime.now(UTC)")

    def document(self) -> dict[str, object]:
        """Render as plain JSON values, in a fixed order; moments in UTC."""
        return {
            "release_id": self.release_id,
            "run_id": self.run_id,
            "built_at": self.built_at.astimezone(UTC).isoformat(),
            "data_as_of": self.data_as_of.isoformat(),
            "code_hash": self.code_hash,
            "config_hash": self.config_hash,
            "contract_versions": dict(sorted(self.contract_versions.items())),
            "model_versions": dict(sorted(self.model_versions.items())),
            "sources": [source.document() for source in sorted(self.sources, key=lambda s: s.source)],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class SealedFile:
    """One file of a candidate. `content` is its logical fingerprint, for database files."""

    name: str
    sha256: str
    size: int
    content: FileFingerprint | None = None

    @property
    def restricted(self) -> bool:
        """Whether the file may hold what identifies people."""
        return self.name.endswith(".duckdb") and self.name != GENERAL_FILE


@dataclass(frozen=True)
class Sealed:
    """A measured candidate (or release) folder: every file it consists of, in alphabetical order."""

    path: Path
    release_id: str
    files: tuple[SealedFile, ...]

    @property
    def databases(self) -> tuple[SealedFile, ...]:
        """The DuckDB files among them."""
        return tuple(file for file in self.files if file.content is not None)

    @property
    def published_tables(self) -> tuple[str, ...]:
        """Names of the tables that carry data: everything but the release's own tables."""
        return tuple(
            table.name
            for file in self.databases
            if file.content is not None
            for table in file.content.tables
            if table.name not in RELEASE_TABLES
        )

    @property
    def content(self) -> dict[str, str]:
        """File name -> digest of its logical content; equal for two releases that say the same."""
        return {file.name: file.content.digest for file in self.databases if file.content is not None}


def measure(folder: Path) -> Sealed:
    """Hash and fingerprint every file of a candidate or release folder (its gate record apart).

    Raises FileNotFoundError or ValueError when the folder is not a candidate.
    """
    release_id = read_release_id(folder)
    measured = []
    for path in members(folder):
        name = path.relative_to(folder).as_posix()
        if name.endswith(".wal"):
            raise ValueError(f"{path}: a write-ahead log stands beside a sealed file; seal again")
        content = fingerprint_file(path) if path.suffix == ".duckdb" else None
        measured.append(SealedFile(name, fs.sha256_of(path), path.stat().st_size, content))
    return Sealed(folder, release_id, tuple(measured))


def read_release_id(folder: Path) -> str:
    """The id a candidate or release folder gives itself; an unreadable description gives "unreadable".

    Raises FileNotFoundError when the folder is not a candidate.
    """
    return _said(folder, "release_id")


def read_run_id(folder: Path) -> str:
    """The run that sealed a candidate or release folder, as it says itself; raises as `read_release_id` does."""
    return _said(folder, "run_id")


def _said(folder: Path, what: str) -> str:
    description = folder / RELEASE_JSON
    if not description.is_file():
        raise FileNotFoundError(f"{folder}: not a sealed candidate, it has no {RELEASE_JSON}")
    try:
        return str(json.loads(description.read_text(encoding="utf-8"))[what])
    except (ValueError, KeyError, TypeError):
        return "unreadable"


def table_keys(folder: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    """(file, table) -> key columns, as written in the folder's release.json."""
    document = json.loads((folder / RELEASE_JSON).read_text(encoding="utf-8"))
    return {
        (file_name, table["name"]): tuple(table["key"])
        for file_name, tables in document["files"].items()
        for table in tables
    }


def members(folder: Path) -> list[Path]:
    """Every file of the folder but its gate record, in alphabetical order."""
    found = (path for path in folder.rglob("*") if path.is_file() and path != folder / GATE_JSON)
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())
