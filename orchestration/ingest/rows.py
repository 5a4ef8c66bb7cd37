"""What a reader of result files hands back, and the steps that every such reader shares.

Belongs here: the counts that must add up, bytes to text lines, matching a header against a contract.
Does not belong here: a file format (``records``, ``sheet``), judging values (the caller applies
required values, patterns, code lists and row rules to ``rows``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from orchestration.contracts.model import Column, Reader, Table
from orchestration.contracts.shape import is_unpivoted
from orchestration.ingest.decode import refuse_foreign
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.header import is_ignored, refuse_strange_header
from orchestration.ingest.legible import listed

if TYPE_CHECKING:
    import polars as pl

# What a header cell without text is called; a contract may declare a column of that name, which
# must then hold nothing (spreadsheets leave such columns behind).
UNNAMED = "unnamed"
BOM = b"\xef\xbb\xbf"
# What thousands commas look like in a column of this logical type.
_THOUSANDS = {"integer": r"^-?\d{1,3}(,\d{3})+$", "number": r"^-?\d{1,3}(,\d{3})+(\.\d+)?$"}


@dataclass(frozen=True)
class ReadRows:
    """One member file, every line accounted for.

    ``rows``: the table's columns as text (blank is null), in contract order, then ``line_number``
    (int64, 1-based). ``quarantined``: ``line_number``, ``reason``, ``raw``. ``structural``: lines that
    hold no row (header, titles, parties, totals, blank lines). ``accepted``: lines that ``rows`` stand
    for; a sheet makes several rows of one line. ``lines`` = structural + accepted + quarantined;
    in a file with multi-line values a line is a record.
    """

    rows: pl.DataFrame
    quarantined: pl.DataFrame
    structural: int
    accepted: int
    lines: int

    def __post_init__(self) -> None:
        parts = self.structural + self.accepted + self.quarantined.height
        if parts != self.lines:
            raise AssertionError(f"{self.lines} lines, but {parts} accounted for: a reader lost count")


@dataclass(frozen=True)
class HeaderMatch:
    """Which declared column each header cell feeds; None for a cell without a name or left unread.

    ``wide``: names of repeated columns, declared by a pattern, that an unpivot will turn into rows.
    """

    columns: tuple[Column | None, ...]
    wide: tuple[str, ...] = ()
    unread: frozenset[int] = frozenset()

    @property
    def nameless(self) -> tuple[int, ...]:
        """Positions that must hold nothing."""
        return tuple(i for i, c in enumerate(self.columns) if i not in self.unread and (c is None or c.name == UNNAMED))


def decoded(path: Path, reader: Reader, member: str) -> bytes:
    """The file as UTF-8 bytes with LF line ends, without a byte order mark.

    A file without a single LF has bare CR line ends (old spreadsheets write them). Raises
    ``DeliveryRefused`` when the bytes are not of the declared encoding, the file is empty, or its
    last line has no line end although the contract says that it must.
    """
    data = path.read_bytes()
    if not data:
        raise DeliveryRefused("empty_file", "the file holds nothing", file=member, advice="Ask the sender for it")
    refuse_foreign(path, member)
    encoding = reader.encoding
    if encoding != "utf-16" and data.count(0) * 3 > len(data):
        raise DeliveryRefused(
            "wrong_encoding", "the bytes are not in the declared encoding", file=member, expected=encoding,
            found="utf-16", advice="Ask the sender whether the encoding changed; if so, correct it in the contract",
        )  # fmt: skip
    if encoding != "utf-8":
        data = _transcoded(data, encoding, member)
    elif not data.isascii():
        _transcoded(data, encoding, member)
    data = data.removeprefix(BOM)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
        if b"\n" not in data:
            data = data.replace(b"\r", b"\n")
    if reader.final_newline and not data.endswith(b"\n"):
        raise DeliveryRefused(
            "cut_short", "the last line has no line end, so the file was cut short", file=member,
            advice="Fetch it again; a sender who never ends the last line needs finalNewline: false",
        )  # fmt: skip
    return data


def _transcoded(data: bytes, encoding: str, member: str) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DeliveryRefused(
            "wrong_encoding", "the bytes are not in the declared encoding", file=member, line=line,
            expected=encoding, found=f"an impossible byte at offset {error.start}",
            advice="Correct encoding in the contract, or ask the sender for an undamaged file",
        ) from None  # fmt: skip


def named_groups(table: Table, member: str) -> dict[str, str | None]:
    """The columns that the contract takes from the member's base name; raises ``DeliveryRefused``."""
    pattern = table.reader.from_name if table.reader else None
    if pattern is None:
        return {}
    base = PurePosixPath(member).name
    found = re.fullmatch(pattern, base)
    if found is None:
        raise DeliveryRefused(
            "file_name", "the file's name does not say what it holds", file=member, expected=pattern,
            advice="Name the file as the sender does, or extend fromName in the contract",
        )  # fmt: skip
    return found.groupdict()


def header_text(cells: Sequence[str]) -> list[str]:
    """Header cells as they are compared: trimmed, one blank between words, lower case.

    A cell without text is called ``unnamed``; the second cell of the same text gets ``.2``, and so on.
    """
    texts = [" ".join(cell.split()).lower() or UNNAMED for cell in cells]
    seen: Counter[str] = Counter()
    numbered = []
    for text in texts:
        seen[text] += 1
        numbered.append(text if seen[text] == 1 else f"{text}.{seen[text]}")
    return numbered


def match_header(
    cells: Sequence[str], columns: Sequence[Column], reader: Reader, member: str, day: date, table: Table | None = None
) -> HeaderMatch:
    """Feed each header cell to one declared column; the list of columns is closed.

    A cell that is no declared column but matches an unpivot pattern of ``table`` is kept under its own name.

    Raises ``DeliveryRefused`` for an undeclared column (its name, never its values), a column that is
    missing, doubled, or out of order where the contract says ``strict``.
    """
    known: dict[str, Column] = {}
    for column in columns:
        names = [column.physical_name]
        names += [
            a.physical_name
            for a in column.aliases
            if (a.since is None or day >= a.since) and (a.until is None or day < a.until)
        ]
        if column.present_on(day):
            known.update({" ".join(name.split()).lower(): column for name in names})
    matched: list[Column | None] = []
    undeclared, wide = [], []
    unread: set[int] = set()
    for place, (cell, text) in enumerate(zip(cells, header_text(cells), strict=True)):
        column_or_none = known.get(text)
        if column_or_none is None and text.split(".")[0] == UNNAMED:
            column_or_none = known.get(UNNAMED)
        if column_or_none is None and table is not None and is_unpivoted(table, cell):
            column_or_none = Column(cell, cell)
            wide.append(cell)
        if column_or_none is None and is_ignored(reader, cell):
            unread.add(place)
        elif column_or_none is None:
            undeclared.append(text)
        matched.append(column_or_none)
    refuse_strange_header(len(cells), len(cells) - len(undeclared), columns, member)
    if undeclared:
        raise DeliveryRefused(
            "undeclared_column", "the file holds columns that the contract does not declare", file=member,
            line=1, column=listed(undeclared), expected=", ".join(c.physical_name for c in columns),
            advice="Find out what they hold, then declare them in the contract with their PII family",
        )  # fmt: skip
    _refuse_repeats(matched, member)
    present = {c.name for c in matched if c}
    missing = [c for c in columns if c.present_on(day) and not c.optional and c.name not in present]
    if missing:
        raise DeliveryRefused(
            "missing_column", "the file lacks columns that the contract declares", file=member, line=1,
            column=listed([c.physical_name for c in missing]),
            advice="Ask the sender for the whole file; a renamed column needs a dated alias in the contract",
        )  # fmt: skip
    expected = [c.name for c in columns if c.name in present] + wide
    strict = reader.order == "strict" and (reader.order_since is None or day >= reader.order_since)
    if strict and [c.name for c in matched if c] != expected:
        raise DeliveryRefused(
            "column_order", "the columns stand in another order than declared", file=member, line=1,
            expected=", ".join(expected), found=", ".join(c.name for c in matched if c),
            advice="A sender who changes the order needs order: by_name in the contract",
        )  # fmt: skip
    return HeaderMatch(tuple(matched), tuple(wide), frozenset(unread))


def _refuse_repeats(matched: Sequence[Column | None], member: str) -> None:
    counts = Counter(c.name for c in matched if c is not None and c.name != UNNAMED)
    doubled = sorted(name for name, n in counts.items() if n > 1)
    if doubled:
        raise DeliveryRefused(
            "doubled_column", "two columns of the file claim the same declared column", file=member, line=1,
            column=", ".join(doubled), advice="Declare one of them under a name of its own",
        )  # fmt: skip


def file_columns(table: Table, generated: set[str]) -> list[Column]:
    """The columns that a file's header may hold: all but those the reader makes itself."""
    return [c for c in table.columns if c.name not in generated]


def tidy(frame: pl.DataFrame, table: Table, wide: Sequence[str] = ()) -> pl.DataFrame:
    """Right-trimmed text, blank and declared null markers to null, whole numbers without commas.

    Only columns whose logical type is ``integer`` or ``number`` lose thousands commas, and only where the
    commas stand where thousands commas do.
    """
    import polars as pl

    nulls = list(table.reader.null_values) if table.reader else []
    expressions = []
    for column in (*table.columns, *(Column(name, name) for name in wide)):
        value = pl.col(column.name).str.strip_chars_end()
        empty = value.is_in(["", *nulls])
        form = _THOUSANDS.get(column.logical_type)
        if form is not None:
            plain = value.str.replace_all(",", "", literal=True)
            value = pl.when(value.str.contains(form)).then(plain).otherwise(value)
        expressions.append(pl.when(empty).then(None).otherwise(value).alias(column.name))
    return frame.select(*expressions, "line_number")


def quarantine(rows: Sequence[tuple[int, str, str]]) -> pl.DataFrame:
    """``line_number``, ``reason``, ``raw`` as a frame, also when there is none."""
    import polars as pl

    schema = {"line_number": pl.Int64, "reason": pl.String, "raw": pl.String}
    return pl.DataFrame(list(rows), schema=schema, orient="row")
