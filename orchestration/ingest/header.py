"""The header of a large delimited file against its contract, or the columns of one without a header.

Belongs here: which field feeds which column. Does not belong here: result files whose headers vary
from file to file (``rows.match_header``), reading rows (``parse``).

DuckDB takes our column names for the file's, whatever its header says: a renamed or swapped column
would be read into the wrong place without a word. So the header is compared here, before.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestration.contracts.model import Column, Reader, Table
from orchestration.contracts.shape import file_columns, is_unpivoted
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.legible import listed

_LONGEST_HEADER = 1 << 20


@dataclass(frozen=True)
class Field:
    """One field of a line: the declared column it feeds, or the repeated column it is (``wide``).

    A field that the contract leaves unread (``Reader.ignored``) feeds no column; its name says so.
    """

    name: str
    wide: bool = False


def fields_of(path: Path, table: Table, member: str, day: date) -> tuple[Field, ...]:
    """What each field of the file's lines holds, in file order.

    ``path`` is the member in UTF-8. Raises ``DeliveryRefused`` naming undeclared, missing, doubled
    and misplaced columns; values are never read for it.
    """
    reader = _reader(table)
    first = _first_line(path, member)
    if not reader.header:
        return _by_position(first, table, reader, day)
    try:
        cells = next(cells_of([first], reader), [])
    except csv.Error:
        raise DeliveryRefused(
            "not_this_file", "the first line cannot be a header: its quoting is broken", file=member, line=1,
            advice="Move the file to the folder of its own source, or ask the sender for the whole file",
        ) from None  # fmt: skip
    return match(cells, table, member, day)


def match(cells: Sequence[str], table: Table, member: str, day: date) -> tuple[Field, ...]:
    """Feed each header cell to a declared column; the list of columns is closed."""
    reader = _reader(table)
    columns = file_columns(table, day)
    known = {_key(name): column for column in columns for name in _names(column, day)}
    names = [cell.strip() for cell in cells]
    if reader.trailing_delimiter and names and not names[-1]:
        names = names[:-1]
    recognised = sum(_key(name) in known or is_unpivoted(table, name) or is_ignored(reader, name) for name in names)
    refuse_strange_header(len(names), recognised, columns, member)
    _refuse_doubled(names, member)
    fields: list[Field] = []
    undeclared: list[str] = []
    for name in names:
        column = known.get(_key(name))
        if column is not None:
            fields.append(Field(column.name, wide=is_unpivoted(table, column.physical_name)))
        elif is_unpivoted(table, name):
            fields.append(Field(name, wide=True))
        elif is_ignored(reader, name):
            fields.append(Field(f"unread {name}"))
        else:
            undeclared.append(name or "(no name)")
    _refuse_doubled([f.name for f in fields], member)
    present = {f.name for f in fields}
    missing = [c.physical_name for c in columns if c.name not in present and not c.optional]
    if undeclared:
        raise DeliveryRefused(
            "undeclared_column", "the file holds columns that the contract does not declare"
            + (f", and lacks {listed(missing)}" if missing else ""),
            file=member, line=1, column=listed(undeclared), expected=f"{len(columns)} declared columns",
            found=f"{len(names)}",
            advice="Find out what they hold, then declare them in the contract with a date and a PII family; "
            "a renamed column needs an alias",
        )  # fmt: skip
    if missing:
        raise DeliveryRefused(
            "missing_column", "the file lacks columns that the contract declares", file=member, line=1,
            column=listed(missing), expected=f"{len(columns)} columns", found=f"{len(names)}",
            advice="Ask the sender for the whole file; a dropped column needs an until date in the contract",
        )  # fmt: skip
    if reader.order == "strict" and not (reader.order_since and day < reader.order_since):
        _refuse_misplaced(fields, columns, member)
    return tuple(fields)


def refuse_strange_header(count: int, known: int, columns: Sequence[Column], member: str) -> None:
    """Refuse a first line that is no header of ours: raises ``DeliveryRefused``.

    In a header of ours half the fields are names that we know, or half of the names that we know are there.
    Nothing of another line is shown: without a header it is a person's record.
    """
    if count and (known * 2 >= count or known * 2 >= len(columns)):
        return
    raise DeliveryRefused(
        "not_this_file", "the first line is not this source's header: it is another kind of file, or has no header",
        file=member, line=1, expected=f"{len(columns)} columns beginning with {columns[0].physical_name}",
        found=f"{count} fields, {known} of them known", advice="Move the file to the folder of its own source",
    )  # fmt: skip


def _by_position(first: str, table: Table, reader: Reader, day: date) -> tuple[Field, ...]:
    columns = file_columns(table, day)
    count = len(columns)
    if reader.short_rows is not None:
        # A whole file of an older vintage lacks the last columns on every line.
        try:
            found = len(next(cells_of([first], reader), []))
        except csv.Error:
            found = count
        if reader.short_rows <= found < count:
            count = found
    return tuple(Field(c.name, wide=is_unpivoted(table, c.physical_name)) for c in columns[:count])


def is_ignored(reader: Reader, name: str) -> bool:
    """Whether a header cell names a column that the contract knows and leaves unread."""
    return reader.ignored is not None and re.fullmatch(reader.ignored, " ".join(name.split())) is not None


def _refuse_doubled(names: Sequence[str], member: str) -> None:
    counts = Counter(_key(name) for name in names)
    doubled = [name for name in dict.fromkeys(names) if counts[_key(name)] > 1]
    if doubled:
        raise DeliveryRefused(
            "doubled_column", "the header names a column twice", file=member, line=1,
            column=listed(doubled), advice="Ask the sender which of them counts",
        )  # fmt: skip


def _refuse_misplaced(fields: Sequence[Field], columns: Sequence[Column], member: str) -> None:
    present = {f.name for f in fields}
    expected = [c for c in columns if c.name in present]
    found = [f.name for f in fields if any(c.name == f.name for c in columns)]
    wrong = [i for i, (c, name) in enumerate(zip(expected, found, strict=True)) if c.name != name]
    if wrong:
        physical = {c.name: c.physical_name for c in columns}
        raise DeliveryRefused(
            "column_order", "columns stand in another order than declared", file=member, line=1,
            column=", ".join(physical[found[i]] for i in wrong[:6]),
            expected=", ".join(expected[i].physical_name for i in wrong[:6]),
            found=f"{len(wrong)} columns out of place, the first is field {wrong[0] + 1}",
            advice="Ask the sender whether header and values moved together before changing the contract",
        )  # fmt: skip


def _first_line(path: Path, member: str) -> str:
    with path.open("rb") as file:
        line = file.readline(_LONGEST_HEADER)
    text = line.decode("utf-8", errors="replace").removeprefix("\ufeff").rstrip("\r\n")
    if not text.strip():
        raise DeliveryRefused(
            "no_header", "the first line is blank", file=member, line=1, advice="Ask the sender for the whole file"
        )
    return text


def _names(column: Column, day: date) -> list[str]:
    aliases = [
        a.physical_name
        for a in column.aliases
        if (a.since is None or day >= a.since) and (a.until is None or day < a.until)
    ]
    return [column.physical_name, *aliases]


def _key(name: str) -> str:
    return " ".join(name.split()).lower()


def cells_of(lines: Iterable[str], reader: Reader) -> Iterator[list[str]]:
    """Lines as cells, quoted as the contract says; raises ``csv.Error`` where the quoting is broken."""
    if reader.quote is None:
        return csv.reader(lines, delimiter=reader.delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=reader.delimiter, quotechar=reader.quote, strict=True)


def _reader(table: Table) -> Reader:
    if table.reader is None:
        raise ValueError(f"table {table.name} has no reader; only delivered tables are read")
    return table.reader
