"""Spreadsheets saved as text: titles above the header, parties under it, totals among the rows.

Belongs here: finding the header by the contract's ``Sheet`` options and turning one column per
candidate into one row per candidate. Does not belong here: plain delimited files (``records``).

The sheet's own total lines are not thrown away unread: each column must sum to them, or the file is
refused, because a lost or doubled precinct shows nowhere else.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contracts.model import Reader, Sheet, Table
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.rows import (
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

_WHOLE = re.compile(r"-?\d+")
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+")


@dataclass(frozen=True)
class _Layout:
    """Where things stand in one sheet: fixed column names, then one (group, label, sub) per column."""

    fixed: tuple[str, ...]
    candidates: tuple[tuple[str | None, str, str | None], ...]
    first_row: int

    @property
    def width(self) -> int:
        return len(self.fixed) + len(self.candidates)


def read_sheet(path: Path, table: Table, member: str, snapshot_date: date) -> ReadRows:
    """Read one spreadsheet saved as text; one accepted line becomes one row per candidate column.

    A line is a record here: titles may hold line ends. Blank cells make no row. Raises
    ``DeliveryRefused`` when header, titles or party line are not where the contract says, or when the
    columns do not sum to the sheet's own total line.
    """
    reader, sheet = _options(table)
    groups = named_groups(table, member)
    records = _records(decoded(path, reader, member).decode(), reader, member)
    layout = _layout(records, table, set(groups), member, snapshot_date)
    skip = re.compile(sheet.skip_first_column) if sheet.skip_first_column else None
    integers = {c.name for c in table.columns if c.logical_type == "integer"}
    kept: list[list[str]] = []
    numbers: list[int] = []
    bad: list[tuple[int, str, str]] = []
    totals: list[tuple[int, list[str]]] = []
    structural = layout.first_row
    for number, cells in enumerate(records[layout.first_row :], start=layout.first_row + 1):
        if not any(cell.strip() for cell in cells):
            structural += 1
            continue
        if skip is not None and skip.fullmatch(cells[0].strip()):
            structural += 1
            totals.append((number, cells))
            continue
        row, fault = _row(cells, layout, sheet, integers)
        if fault is not None:
            bad.append((number, fault, _raw(cells, reader)))
        else:
            kept.append(row)
            numbers.append(number)
    _refuse_wrong_totals(totals, kept, layout, sheet, integers, member)
    rows = _long(kept, numbers, layout, table, groups)
    return ReadRows(rows, quarantine(bad), structural, len(kept), len(records))


def _options(table: Table) -> tuple[Reader, Sheet]:
    if table.reader is None or table.reader.sheet is None:
        raise ValueError(f"table {table.name} has no sheet reader")
    return table.reader, table.reader.sheet


def _records(text: str, reader: Reader, member: str) -> list[list[str]]:
    source = io.StringIO(text)
    parser = csv.reader(source, delimiter=reader.delimiter, quotechar=reader.quote, strict=True)
    try:
        records = list(parser)
    except csv.Error as error:
        raise DeliveryRefused(
            "malformed_sheet", "the sheet's quoting is broken", file=member, line=parser.line_num,
            found=str(error), advice="Ask the sender for an undamaged file",
        ) from None  # fmt: skip
    if not reader.multiline and any("\n" in cell for row in records for cell in row):
        raise DeliveryRefused(
            "multi_line_value", "a cell holds a line end, which the contract does not expect", file=member,
            advice="Declare multiline: true if the sender's titles hold line ends",
        )  # fmt: skip
    return records


def _layout(records: list[list[str]], table: Table, named: set[str], member: str, day: date) -> _Layout:
    reader, sheet = _options(table)
    first_row = sheet.header_row + 1 + (sheet.subheader is not None)
    if len(records) < first_row:
        raise DeliveryRefused(
            "no_header", "the sheet ends before its header", file=member,
            expected=f"{first_row} lines or more", found=f"{len(records)}",
            advice="Ask the sender for the whole file",
        )  # fmt: skip
    width = _used_width(records[:first_row])
    header = [c.strip() for c in (records[sheet.header_row] + [""] * width)[:width]]
    generated = named | {sheet.value, sheet.label}
    generated |= {sheet.group} if sheet.group_row is not None else set()
    generated |= {sheet.subheader} if sheet.subheader is not None else set()
    columns = file_columns(table, generated)
    fixed = sheet.fixed if sheet.fixed is not None else len(columns)
    if len(header) <= fixed:
        raise DeliveryRefused(
            "no_candidates", "the sheet has no column after the fixed ones", file=member,
            line=sheet.header_row + 1, expected=f"more than {fixed} columns", found=f"{len(header)}",
            advice="Check headerRow and fixed in the contract against the file",
        )  # fmt: skip
    match = match_header(header[:fixed], columns, reader, member, day)
    labels = header[fixed:]
    titles = _titles(records, sheet, fixed, width, member)
    subs = _subheader(records, sheet, fixed, width, member)
    candidates = tuple(zip(titles, labels, subs, strict=True))
    _refuse_unclear(candidates, fixed, sheet, member)
    return _Layout(tuple(c.name for c in match.columns if c is not None), candidates, first_row)


def _used_width(header: Sequence[Sequence[str]]) -> int:
    """Columns up to the last one that a header line names: spreadsheets leave empty ones behind."""
    return max((i + 1 for row in header for i in range(len(row)) if row[i].strip()), default=0)


def _titles(records: list[list[str]], sheet: Sheet, fixed: int, width: int, member: str) -> list[str | None]:
    """The title over each candidate column: a spread title stands over its first column only."""
    if sheet.group_row is None:
        return [None] * (width - fixed)
    cells = (records[sheet.group_row] + [""] * width)[fixed:width]
    titles: list[str | None] = []
    for cell in cells:
        title = " ".join(cell.split())
        if not title and not titles:
            raise DeliveryRefused(
                "no_contest_title", "no contest stands over the first candidate column", file=member,
                line=sheet.group_row + 1, column=str(fixed + 1),
                advice="Check groupRow and fixed in the contract against the file",
            )  # fmt: skip
        titles.append(title or titles[-1])
    return titles


def _subheader(records: list[list[str]], sheet: Sheet, fixed: int, width: int, member: str) -> list[str | None]:
    """The text under each candidate (the party); the line may be shorter than the header."""
    if sheet.subheader is None:
        return [None] * (width - fixed)
    cells = (records[sheet.header_row + 1] + [""] * width)[:width]
    if any(cell.strip() for cell in cells[:fixed]):
        raise DeliveryRefused(
            "no_party_line", "the line under the header is not the second header line", file=member,
            line=sheet.header_row + 2, column=sheet.subheader, expected=f"the first {fixed} cells blank",
            advice="Check subheader in the contract against the file",
        )  # fmt: skip
    return [cell.strip() or None for cell in cells[fixed:]]


def _refuse_unclear(
    candidates: Sequence[tuple[str | None, str, str | None]], fixed: int, sheet: Sheet, member: str
) -> None:
    for index, (_, label, _sub) in enumerate(candidates):
        if not label:
            raise DeliveryRefused(
                "nameless_column", "a column holds values but has no name", file=member,
                line=sheet.header_row + 1, column=str(fixed + index + 1),
                advice="Ask the sender what the column is",
            )  # fmt: skip
    if len(set(candidates)) != len(candidates):
        raise DeliveryRefused(
            "doubled_column", "two columns claim the same candidate of the same contest", file=member,
            line=sheet.header_row + 1, advice="Ask the sender which one counts",
        )  # fmt: skip


def _row(cells: list[str], layout: _Layout, sheet: Sheet, integers: set[str]) -> tuple[list[str], str | None]:
    """The row's cells, numbers plain, or what is wrong with it."""
    if len(cells) < layout.width and not sheet.pad_short_rows:
        return cells, f"expected {layout.width} fields, found {len(cells)}"
    if any(cell.strip() for cell in cells[layout.width :]):
        return cells, f"expected {layout.width} fields, found {len(cells)}"
    row = [cell.strip() for cell in (cells + [""] * layout.width)[: layout.width]]
    fixed = len(layout.fixed)
    for index in range(layout.width):
        if index < fixed and layout.fixed[index] not in integers:
            continue
        row[index] = _number(row[index], sheet)
        if row[index] and not _WHOLE.fullmatch(row[index]):
            name = layout.fixed[index] if index < fixed else f"{sheet.value} in field {index + 1}"
            return cells, f"{name} is not a whole number"
    return row, None


def _number(cell: str, sheet: Sheet) -> str:
    if sheet.thousands and _THOUSANDS.fullmatch(cell):
        return cell.replace(",", "")
    return cell


def _refuse_wrong_totals(
    totals: Sequence[tuple[int, list[str]]], kept: Sequence[Sequence[str]], layout: _Layout, sheet: Sheet,
    integers: set[str], member: str,
) -> None:  # fmt: skip
    """Each whole number of a total line must be the sum of its column (percentages are passed over).

    In a sheet with a second header line only named candidates are held to it: columns without one
    (all others, total cast) are sums of the sender's own making and known to be off by a few.
    """
    fixed = len(layout.fixed)
    for number, cells in totals:
        for index, cell in enumerate(cells[: layout.width]):
            if index < fixed and layout.fixed[index] not in integers:
                continue
            if sheet.subheader is not None and index >= fixed and layout.candidates[index - fixed][2] is None:
                continue
            plain = _number(cell.strip(), sheet)
            if not _WHOLE.fullmatch(plain):
                continue
            found = sum(int(row[index]) for row in kept if row[index])
            if found != int(plain):
                name = layout.fixed[index] if index < fixed else layout.candidates[index - fixed][1]
                raise DeliveryRefused(
                    "total_line", "a column does not sum to the sheet's own total", file=member, line=number,
                    column=name, expected=plain, found=str(found),
                    advice="Lines are missing, doubled or quarantined; fetch the sheet again",
                )  # fmt: skip


def _long(
    kept: list[list[str]], numbers: list[int], layout: _Layout, table: Table, groups: dict[str, str | None]
) -> pl.DataFrame:
    import polars as pl

    _, sheet = _options(table)
    count = len(layout.fixed)
    cells = [f"v{i}" for i in range(len(layout.candidates))]
    wide = pl.DataFrame(kept, schema=dict.fromkeys([*layout.fixed, *cells], pl.String), orient="row")
    wide = wide.with_columns(pl.Series("line_number", numbers, dtype=pl.Int64))
    keys = pl.DataFrame(
        [(cell, *candidate) for cell, candidate in zip(cells, layout.candidates, strict=True)],
        schema=dict.fromkeys(["cell", "_group", "_label", "_sub"], pl.String), orient="row",
    )  # fmt: skip
    long = (
        wide.unpivot(index=[*layout.fixed[:count], "line_number"], on=cells, variable_name="cell", value_name="_value")
        .filter(pl.col("_value") != "")
        .join(keys, on="cell", how="left")
        .sort("line_number", maintain_order=True)
    )
    made = {sheet.value: "_value", sheet.label: "_label"}
    if sheet.group_row is not None:
        made[sheet.group] = "_group"
    if sheet.subheader is not None:
        made[sheet.subheader] = "_sub"

    def column(name: str) -> pl.Expr:
        if name in made or name in layout.fixed:
            return pl.col(made.get(name, name))
        return pl.lit(groups.get(name), dtype=pl.String)

    rows = long.select(*[column(c.name).alias(c.name) for c in table.columns], "line_number")
    return tidy(rows, table)


def _raw(cells: Sequence[str], reader: Reader) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=reader.delimiter, lineterminator="").writerow(cells)
    return out.getvalue()
