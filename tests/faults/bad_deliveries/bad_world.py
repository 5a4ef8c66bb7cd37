"""The small world whose deliveries are spoilt: three days of three states, a canary in every person's record.

Belongs here: making the sample once, planting canaries, homes in which the first day was accepted, and the cells of a
delimited file. Does not belong here: what is spoilt (the modules ``bad_*_kinds``), what must follow (``bad_checks``).
"""

from __future__ import annotations

import csv
import io
import itertools
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from unit.ingest.ingest_support import quick_gate

from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Contract
from orchestration.ingest.run import DeliveryOutcome, ingest_source
from orchestration.sample import SamplePlan, write_sample

CONTRACTS = load_contracts()


def ticking(hour: int = 0) -> Callable[[], str]:
    """A clock that moves one second at each look, from an hour of the morning on."""
    seconds = itertools.count(hour * 3600)
    return lambda: f"2026-09-04T{(n := next(seconds)) // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}+00:00"


# The fewest voters that give every county of three states some: 5,000 make 2,115 in North Carolina.
PLAN = SamplePlan(("NC", "OH", "VA"), voters=5_000, days=3, seed=1)
FIRST, SECOND, THIRD = "2026-09-01", "2026-09-02", "2026-09-03"
# No name of the sample, no word of any message.
CANARY = "ZZQUICKCANARY"
Files = dict[str, bytes]

# Where each source keeps a surname: a header text, or for a file without header the field's place.
_SURNAME: Mapping[str, str | int] = {
    "nc_voters": "last_name", "va_voters": "LAST_NAME", "actblue": "Donor Last Name", "hustle": "last_name",
    "spoke": "contact[lastName]", "thrutext": "contact_last_name", "ngp": "Last Name", "winred": "Last Name",
    "fec_individuals": 7,
}  # fmt: skip
_DELIMITER = {"nc_voters": "\t", "fec_individuals": "|"}


@dataclass
class Grid:
    """A delimited file as cells, which writes back what it read. ``rows`` holds the header, where there is one."""

    rows: list[list[str]]
    delimiter: str = ","
    quoting: int = csv.QUOTE_MINIMAL
    end: str = "\n"
    encoding: str = "utf-8"

    @classmethod
    def of(cls, content: bytes, source: str) -> Grid:
        """Read a member of ``source``."""
        delimiter = _DELIMITER.get(source, ",")
        encoding = "latin-1" if source in ("nc_voters", "va_voters", "fec_individuals", "nc_history") else "utf-8-sig"
        quoting = csv.QUOTE_NONE if source == "fec_individuals" else csv.QUOTE_MINIMAL
        text = io.StringIO(content.decode(encoding), newline="")
        rows = list(csv.reader(text, delimiter=delimiter, quoting=quoting))
        written = csv.QUOTE_ALL if source == "nc_voters" else quoting
        return cls(rows, delimiter, written, "\r\n" if b"\r\n" in content else "\n", encoding.removesuffix("-sig"))

    def place(self, column: str | int) -> int:
        """Where a column stands."""
        return column if isinstance(column, int) else self.rows[0].index(column)

    def set(self, row: int, column: str | int, value: str) -> None:
        """Change one cell; row 0 is the header."""
        self.rows[row][self.place(column)] = value

    def fill(self, column: str | int, value: str | Callable[[str], str], first: int = 1) -> None:
        """Change a column in every row from ``first`` on."""
        at = self.place(column)
        for row in self.rows[first:]:
            row[at] = value(row[at]) if callable(value) else value

    def content(self) -> bytes:
        """The file."""
        out = io.StringIO(newline="")
        quotechar = None if self.quoting == csv.QUOTE_NONE else '"'
        csv.writer(out, delimiter=self.delimiter, lineterminator=self.end, quoting=self.quoting, quotechar=quotechar
                   ).writerows(self.rows)  # type: ignore[arg-type]  # fmt: skip
        return out.getvalue().encode(self.encoding)


def unpacked(folder: Path) -> Files:
    """Every member of a delivery, archives opened."""
    found: Files = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found |= {name: archive.read(name) for name in archive.namelist()}
        else:
            found[path.name] = path.read_bytes()
    return found


def with_canaries(files: Files, source: str) -> Files:
    """The files with every surname replaced."""
    column = _SURNAME.get(source)
    if column is None:
        return files
    planted = {}
    for name, content in files.items():
        grid = Grid.of(content, source)
        if isinstance(column, int) or column in grid.rows[0]:
            grid.fill(column, CANARY, first=0 if isinstance(column, int) else 1)
        planted[name] = grid.content()
    return planted


@dataclass
class World:
    """The sample, and for each source a home in which its first day was accepted, made when first asked for."""

    root: Path
    sample: Path
    _files: dict[tuple[str, str], Files] = field(default_factory=dict)
    _homes: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def make(cls, root: Path) -> World:
        """Write the sample below ``root``."""
        write_sample(PLAN, root / "sample" / "landing", root / "sample" / "truth")
        return cls(root, root / "sample")

    def files(self, source: str, day: str) -> Files:
        """The members of a delivery with their canaries."""
        key = (source, day)
        if key not in self._files:
            self._files[key] = with_canaries(unpacked(self.sample / "landing" / source / day), source)
        return dict(self._files[key])

    def home(self, source: str, target: Path, with_first: bool) -> Path:
        """A home of its own at ``target``: empty, or with the first day of ``source`` accepted."""
        if not with_first:
            target.mkdir(parents=True)
        else:
            if source not in self._homes:
                made = self.root / "homes" / source
                put(made / "landing" / source / FIRST, self.files(source, FIRST))
                (outcome,) = take(made, CONTRACTS[source])
                assert outcome.status == "accepted", outcome.cause
                self._homes[source] = made
            shutil.copytree(self._homes[source], target, symlinks=True)
        shutil.copy(self.sample / "control_totals.csv", target / "control_totals.csv")
        published(target)
        return target


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Lay files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def take(home: Path, contract: Contract, **options: Any) -> list[DeliveryOutcome]:
    """Take in what has landed for one source."""
    options.setdefault("gate", quick_gate)
    options.setdefault("clock", ticking())
    return ingest_source(home, contract, threads=1, **options)


def published(home: Path) -> None:
    """A release that readers hold: files and the pointer to them."""
    release = home / "releases" / "2026-09-01-000000000000"
    release.mkdir(parents=True)
    for name in ("warehouse.duckdb", "people.duckdb", "release.json", "gate.json"):
        (release / name).write_bytes(name.encode() * 100)
    (home / "current").symlink_to(Path("releases") / release.name)


@dataclass
class Scene:
    """One home, and what a kind needs to spoil a delivery in it."""

    world: World
    home: Path
    source: str
    monkeypatch: pytest.MonkeyPatch
    # Later than any look at the first day.
    clock: Callable[[], str] = field(default_factory=lambda: ticking(hour=6))
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def contract(self) -> Contract:
        """The contract of the source."""
        return CONTRACTS[self.source]

    def files(self, day: str = SECOND, source: str | None = None) -> Files:
        """The good files of a day."""
        return self.world.files(source or self.source, day)

    def folder(self, day: str = SECOND) -> Path:
        """The landing folder of a day, made."""
        path = self.home / "landing" / self.source / day
        path.mkdir(parents=True, exist_ok=True)
        return path

    def put(self, files: Mapping[str, bytes], day: str = SECOND) -> None:
        """Deliver files."""
        put(self.folder(day), files)

    def take(self, **options: Any) -> list[DeliveryOutcome]:
        """Take in what has landed; the clock goes on from time to time."""
        return take(self.home, self.contract, **({"clock": self.clock} | self.options | options))
