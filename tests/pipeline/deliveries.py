"""A state's voter file of the sample, taken apart, spoilt and put together again."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Contract, Reader

CONTRACTS = load_contracts()
STATES = ("nc", "oh", "fl", "va", "pa")
SURNAME = {"fl": "name_last"}
FIRST_NAME = {"fl": "name_first"}
# Not a name of the sample, nor part of any message.
CANARY = "ZZQUICKCANARY"
Bytes = dict[str, bytes]


@dataclass
class Rows:
    """A member file as cells. ``header``: None where the layout has none."""

    header: list[str] | None
    rows: list[list[str]]


@dataclass(frozen=True)
class Layout:
    """How a state writes its voter file, from its contract."""

    state: str

    @property
    def source(self) -> str:
        return f"{self.state}_voters"

    @property
    def contract(self) -> Contract:
        return CONTRACTS[self.source]

    @property
    def reader(self) -> Reader:
        reader = self.contract.tables[0].reader
        assert reader is not None
        return reader

    def is_voters(self, member: str) -> bool:
        return re.search(self.reader.members, member) is not None

    def place(self, rows: Rows, column: str) -> int:
        """Where a column stands in the rows."""
        columns = self.contract.tables[0].columns
        physical = next(c.physical_name for c in columns if c.name == column)
        names = rows.header or [c.physical_name for c in columns]
        return [n.lower() for n in names].index(physical.lower())

    def surname(self, rows: Rows) -> int:
        return self.place(rows, SURNAME.get(self.state, "last_name"))

    def first_name(self, rows: Rows) -> int:
        return self.place(rows, FIRST_NAME.get(self.state, "first_name"))

    def read(self, content: bytes) -> Rows:
        quoting = csv.QUOTE_NONE if self.reader.quote is None else csv.QUOTE_MINIMAL
        lines = io.StringIO(content.decode("latin-1"), newline="")
        rows = list(csv.reader(lines, delimiter=self.reader.delimiter, quoting=quoting))
        return Rows(rows[0], rows[1:]) if self.reader.header else Rows(None, rows)

    def write(self, table: Rows, encoding: str = "latin-1") -> bytes:
        out = io.StringIO(newline="")
        bare = self.reader.quote is None
        writer = csv.writer(
            out, delimiter=self.reader.delimiter, lineterminator="\n", quotechar=None if bare else '"',
            quoting=csv.QUOTE_NONE if bare else csv.QUOTE_ALL,
        )  # fmt: skip
        writer.writerows([*([table.header] if table.header is not None else []), *table.rows])
        return out.getvalue().encode(encoding)


def members(folder: Path) -> Bytes:
    """Every member file of a delivery, unpacked."""
    found: Bytes = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found |= {name: archive.read(name) for name in archive.namelist()}
        else:
            found[path.name] = path.read_bytes()
    return found


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Lay member files into a landing folder, in one archive when there are many."""
    folder.mkdir(parents=True)
    if len(files) <= 4:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return
    with zipfile.ZipFile(folder / "delivery.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def spoil(layout: Layout, files: Bytes, change: Callable[[Rows], object], encoding: str = "latin-1") -> Bytes:
    """Plant a canary surname in every voter member, then change its cells in place."""

    def one(content: bytes) -> bytes:
        table = layout.read(content)
        if table.rows:
            table.rows[0][layout.surname(table)] = CANARY
        change(table)
        return layout.write(table, encoding)

    return {name: one(content) if layout.is_voters(name) else content for name, content in files.items()}


def new_column(layout: Layout, table: Rows) -> None:
    if table.header is not None:
        table.header.append("shoe_size")
    for row in table.rows:
        row.append(CANARY)


def missing_column(layout: Layout, table: Rows) -> None:
    at = layout.first_name(table)
    for row in [*([table.header] if table.header is not None else []), *table.rows]:
        del row[at]


def swapped_header(layout: Layout, table: Rows) -> None:
    assert table.header is not None
    _swap(layout, table, table.header)


def swapped_data(layout: Layout, table: Rows) -> None:
    for row in table.rows:
        _swap(layout, table, row)


def accented(layout: Layout, table: Rows) -> None:
    """Accents as people have them: what tells UTF-8 from Latin-1."""
    for row in table.rows[:3]:
        row[layout.surname(table)] = f"{CANARY}-NUÑEZ"


def _swap(layout: Layout, table: Rows, cells: list[str]) -> None:
    one, other = layout.surname(table), layout.first_name(table)
    cells[one], cells[other] = cells[other], cells[one]
