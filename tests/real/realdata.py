"""Real, public election results beside the project, loaded by their contracts once per process.

The data is read in place (``../shared/data`` or ``WINNUMBER_SHARED_DATA``) and never copied into the
project.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath

import duckdb

from orchestration.contracts.load import load_contract
from orchestration.contracts.model import Contract, Table
from orchestration.gates.checks import CheckResult
from orchestration.ingest.control_totals import control_total_checks
from orchestration.ingest.records import read_records
from orchestration.ingest.rows import ReadRows
from orchestration.ingest.sheet import read_sheet

PROJECT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("WINNUMBER_SHARED_DATA", PROJECT.parent / "shared" / "data"))
ELECTIONS = DATA / "elections"


def contract_of(source: str) -> Contract:
    return load_contract(PROJECT / "data_contracts" / "results" / f"{source}.odcs.yaml")


@dataclass(frozen=True)
class Read:
    """What became of one member file, without its rows."""

    structural: int
    accepted: int
    quarantined: int
    lines: int
    reasons: list[str]


@dataclass
class Loaded:
    """One delivery read by its contract: a Parquet file, and the counts of each member."""

    contract: Contract
    day: date
    parquet: Path
    members: dict[str, Read] = field(default_factory=dict)

    @property
    def table(self) -> Table:
        return self.contract.tables[0]

    @property
    def relation(self) -> str:
        return f"read_parquet('{self.parquet}')"

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect() as con:
            return con.execute(sql.replace("{t}", self.relation)).fetchall()

    def checks(self, relation: str | None = None) -> list[CheckResult]:
        relations: Mapping[str, str] = {self.table.name: relation or self.relation}
        with duckdb.connect() as con:
            return control_total_checks(self.contract, con, relations, self.day)


def _members(files: tuple[str, ...], only: str, work: Path) -> Iterator[tuple[str, Path]]:
    """Base name and path of each member; ``only`` is a pattern on its name within the archive."""
    for file in files:
        for path in sorted(ELECTIONS.glob(file)):
            if path.suffix != ".zip":
                yield path.name, path
                continue
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if not name.endswith("/") and re.search(only, name):
                        yield name, Path(archive.extract(name, work / path.stem))


def _is_read(table: Table, name: str) -> bool:
    reader = table.reader
    assert reader is not None
    excluded = reader.exclude is not None and re.search(reader.exclude, name) is not None
    return re.search(reader.members, PurePosixPath(name).name) is not None and not excluded


def read_member(path: Path, table: Table, day: date) -> ReadRows:
    assert table.reader is not None
    read = read_sheet if table.reader.format == "sheet" else read_records
    return read(path, table, path.name, day)


class Loader:
    """Loads a delivery once for all test processes: the first one to want it reads it, the others wait."""

    def __init__(self, work: Path) -> None:
        self._work = work

    def __call__(self, source: str, day: date, files: tuple[str, ...], only: str = "") -> Loaded:
        folder = self._work / f"{source}_{day}"
        folder.mkdir(parents=True, exist_ok=True)
        loaded = Loaded(contract_of(source), day, folder / "rows.parquet")
        done = folder / "members.json"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                _load(loaded, files, only, folder)
                done.write_text(json.dumps({name: asdict(read) for name, read in loaded.members.items()}))
        loaded.members = {name: Read(**read) for name, read in json.loads(done.read_text()).items()}
        return loaded


def _load(loaded: Loaded, files: tuple[str, ...], only: str, folder: Path) -> None:
    parts: list[str] = []
    for name, path in _members(files, only, folder):
        if not _is_read(loaded.table, name):
            continue
        read = read_member(path, loaded.table, loaded.day)
        bad = read.quarantined
        loaded.members[path.name] = Read(
            read.structural, read.accepted, bad.height, read.lines, bad["reason"].unique().to_list()
        )
        parts.append(str(folder / f"part{len(parts):03}.parquet"))
        read.rows.write_parquet(parts[-1], compression="lz4")
        if path.is_relative_to(folder):
            path.unlink()
    with duckdb.connect() as con:
        con.read_parquet(parts).write_parquet(str(loaded.parquet))
    for part in parts:
        Path(part).unlink()
