"""Delimited result files whose headers vary from file to file: read by name, every line accounted.

Belongs here: one record per line (or per multi-line record), fed to the declared columns by header.
Does not belong here: spreadsheets with titles and candidate columns (``sheet``); person files, which
are read in place and by position.

The file is parsed by DuckDB in one strict pass. Only when that pass does not yield exactly one
row per line is the file walked record by record, to tell which lines are at fault and why.
"""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contracts.model import Reader, Table
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.rows import (
    HeaderMatch,
    ReadRows,
    decoded,
    file_columns,
    match_header,
    named_groups,
    quarantine,
    tidy,
)

if TYPE_CHECKING:
    import polars as pl

Bad = list[tuple[int, str, str]]
_TALLEST_HEADER = 1000
_LONGEST_LINE = 16 * 1024 * 1024


def read_records(path: Path, table: Table, member: str, snapshot_date: date) -> ReadRows:
    """Read one delimited member file by its header.

    ``path``: the member's bytes as received. ``member``: its name, for messages and ``fromName``.
    ``snapshot_date`` decides which dated names are valid. Raises ``DeliveryRefused`` when the file as
    a whole cannot be what the contract describes; single bad lines are quarantined.
    """
    reader = _as_saved(_reader(table), path)
    groups = named_groups(table, member)
    data = decoded(path, reader, member)
    head, start, tall = _header(data, reader, member)
    above = 1 + reader.title_lines
    if reader.trailing_delimiter and head and not head[-1].strip():
        head, extra = head[:-1], 1
    else:
        extra = 0
    match = match_header(head, file_columns(table, set(groups)), reader, member, snapshot_date, table)
    width = len(head) + extra
    # A blank last line is a spreadsheet's way of ending a file; DuckDB passes over it.
    body = memoryview(data)[start:]
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    # A stray CR would be a line end to DuckDB and could make up for a line lost elsewhere. Where values may hold
    # line ends, as many rows as lines prove that none does.
    one_pass = b"\r" not in data
    frame = _parse(body, width, reader) if one_pass else None
    if frame is not None and frame.height == lines - tall:
        return _read(frame, match, table, groups, extra, range(tall + 1, lines + 1), [], tall, lines)
    good, numbers, bad, blank, records = _walk(data[start:].decode(), width, reader, above, (member, tall))
    frame = _parse(memoryview(good), width, Reader(members="", delimiter=",", quote='"'))
    if frame is None or frame.height != len(numbers):
        raise AssertionError(f"{member}: {len(numbers)} well-formed records did not survive being rewritten")
    return _read(frame, match, table, groups, extra, numbers, bad, above + blank, above + records)


def _as_saved(reader: Reader, path: Path) -> Reader:
    """The reader for the variant of the file that was saved: "Excel .csv" is UTF-16 and has tabs for commas."""
    if reader.excel_tabs:
        with path.open("rb") as file:
            if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return replace(reader, encoding="utf-16", delimiter="\t")
    return reader


def _reader(table: Table) -> Reader:
    if table.reader is None:
        raise ValueError(f"table {table.name} has no reader; only delivered tables are read")
    if not table.reader.header:
        raise ValueError(f"table {table.name} is read by its header, but its contract says header: false")
    return table.reader


def _cells(lines: Iterable[str], reader: Reader) -> Iterator[list[str]]:
    """Parse lines (or multi-line records) as the contract spells them; raises ``csv.Error``."""
    if reader.quote is None:
        return csv.reader(lines, delimiter=reader.delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=reader.delimiter, quotechar=reader.quote, strict=True)


def _header(data: bytes, reader: Reader, member: str) -> tuple[list[str], int, int]:
    """The header's cells, where the next record starts, and the lines up to there.

    Names may hold line ends; titles above the header are passed over.
    """
    ends = _line_ends(data) if reader.multiline else islice(_line_ends(data), reader.title_lines + 1)
    start, taken = 0, 0

    def lines() -> Iterator[str]:
        nonlocal start, taken
        for end in ends:
            stop = len(data) if end < 0 else end + 1
            line, start, taken = data[start:stop], stop, taken + 1
            if taken > reader.title_lines:
                yield line.decode()

    try:
        cells = next(_cells(lines(), reader))
        if any("\0" in cell for cell in cells):
            raise csv.Error("a NUL in a column's name")
    except (csv.Error, StopIteration) as error:
        raise DeliveryRefused(
            "no_header", "the first line is not a header", file=member, line=1 + reader.title_lines,
            found=str(error) or "a blank line",
            advice="Ask the sender for the whole file",
        ) from None  # fmt: skip
    return cells, start, taken


def _line_ends(data: bytes) -> Iterator[int]:
    """Where each line ends; -1 for a last line without an end. At most so many that a header can have."""
    end = -1
    for _ in range(_TALLEST_HEADER):
        end = data.find(b"\n", end + 1)
        yield end
        if end < 0:
            return


def _parse(body: memoryview, width: int, reader: Reader) -> pl.DataFrame | None:
    """All records as text columns ``c0``.. in file order, or None when one of them is malformed."""
    import duckdb
    import polars as pl

    names = [f"c{i}" for i in range(width)]
    if not body:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    with tempfile.NamedTemporaryFile(suffix=".csv") as file, duckdb.connect() as connection:
        file.write(body)
        file.flush()
        try:
            relation = connection.read_csv(
                file.name, columns=dict.fromkeys(names, "VARCHAR"), auto_detect=False, header=False,
                delimiter=reader.delimiter, quotechar=reader.quote or "", escapechar=reader.quote or "",
                strict_mode=True, null_padding=False, ignore_errors=False, max_line_size=_LONGEST_LINE,
                encoding="utf-8",
            )  # fmt: skip
            return pl.DataFrame(relation)
        except (duckdb.Error, pl.exceptions.ComputeError):
            # A fault far down the file comes through the stream, as an error of the frame's side.
            return None


def _walk(
    text: str, width: int, reader: Reader, above: int, place: tuple[str, int]
) -> tuple[bytes, list[int], Bad, int, int]:
    """Record by record: (well-formed ones rewritten plainly, their numbers, the others, blanks, all).

    ``place``: the member's name and its lines above the text, for the message of what is raised.
    """
    member, line = place
    out, numbers, bad, blank, number = io.StringIO(), [], Bad(), 0, above
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for raw, cells in _records(text, reader):
        number += 1
        line += 1 + raw.count("\n")
        if isinstance(cells, str):
            if "\n" in raw:
                # One record or many? A mark without its partner swallows every line up to the next one.
                more = raw.count("\n")
                raise DeliveryRefused(
                    "unclosed_quote", f"a quotation mark is not closed where it should be: {1 + more} lines run into "
                    "each other, and nobody can tell how many records they are",
                    file=member, line=line - more, expected="every quotation mark with its partner",
                    found=cells, advice="Fetch the file again; if it is as sent, ask the sender to repair that line",
                )  # fmt: skip
            bad.append((number, cells, raw))
        elif not raw.strip(" "):
            blank += 1
        elif (fault := _width_fault(len(cells), width, reader)) is not None:
            bad.append((number, fault, raw))
        else:
            writer.writerow(cells + [""] * (width - len(cells)))
            numbers.append(number)
    return out.getvalue().encode(), numbers, bad, blank, number - above


def _width_fault(found: int, width: int, reader: Reader) -> str | None:
    if found == width or (reader.short_rows is not None and reader.short_rows <= found < width):
        return None
    return f"expected {width} fields, found {found}"


def _records(text: str, reader: Reader) -> Iterator[tuple[str, list[str] | str]]:
    """Each record's raw text with its cells, or with what is wrong with it."""
    lines = io.StringIO(text)
    if not reader.multiline:
        for line in lines:
            raw = line.removesuffix("\n")
            if reader.quote is not None and raw.count(reader.quote) % 2:
                # Half of a value that runs over the line; its other half must not pass for a row.
                yield raw, "malformed quoting: a quotation mark without its partner"
                continue
            try:
                yield raw, next(_cells([raw], reader), [])
            except csv.Error as error:
                yield raw, f"malformed quoting: {error}"
        return
    taken: list[str] = []

    def tee() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    parser = _cells(tee(), reader)
    while True:
        taken.clear()
        try:
            cells = next(parser)
        except StopIteration:
            return
        except csv.Error as error:
            yield "".join(taken).removesuffix("\n"), f"malformed quoting: {error}"
            continue
        yield "".join(taken).removesuffix("\n"), cells


def _read(
    frame: pl.DataFrame,
    match: HeaderMatch,
    table: Table,
    groups: dict[str, str | None],
    extra: int,
    numbers: range | list[int],
    bad: Bad,
    structural: int,
    lines: int,
) -> ReadRows:
    """Name the columns, set aside rows with values where none may stand, and count."""
    import polars as pl

    frame = frame.with_columns(pl.Series("line_number", numbers, dtype=pl.Int64))
    width = len(match.columns)
    # Spreadsheets leave lines of bare delimiters behind; they hold no row.
    some = pl.any_horizontal(pl.col([f"c{i}" for i in range(width + extra)]).str.strip_chars().fill_null("") != "")
    reader = _reader(table)
    if reader.total_rows is not None:
        # Sums of the sender's own making; counted with the titles, or every figure would stand twice.
        some &= ~pl.col("c0").fill_null("").str.contains(f"^(?:{reader.total_rows})$")
    filled = frame.filter(some)
    structural += frame.height - filled.height
    frame = filled
    nowhere = [f"c{i}" for i in (*match.nameless, *range(width, width + extra))]
    if nowhere:
        stray = pl.any_horizontal(pl.col(nowhere).str.strip_chars().fill_null("") != "")
        strays = frame.filter(stray)
        if strays.height:
            cells = [f"c{i}" for i in range(width + extra)]
            raw = strays.select(pl.concat_str(pl.col(cells).fill_null(""), separator=table_delimiter(table)))
            reason = "a value stands under a column without a name"
            bad = bad + [(n, reason, r) for n, r in zip(strays["line_number"], raw.to_series(), strict=True)]
            frame = frame.filter(~stray)
    position = {c.name: f"c{i}" for i, c in enumerate(match.columns) if c is not None}

    def column(name: str) -> pl.Expr:
        if name in position:
            return pl.col(position[name])
        return pl.lit(groups.get(name), dtype=pl.String)

    wide = [pl.col(position[name]).alias(name) for name in match.wide]
    rows = frame.select(*[column(c.name).alias(c.name) for c in table.columns], *wide, "line_number")
    return ReadRows(tidy(rows, table, match.wide), quarantine(sorted(bad)), structural, rows.height, lines)


def table_delimiter(table: Table) -> str:
    """The declared delimiter, for putting a set-aside row together again."""
    return _reader(table).delimiter
