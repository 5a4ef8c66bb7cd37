"""From member files to accepted rows and quarantined lines, which add up exactly.

Belongs here: reading large delimited files with one strict DuckDB statement straight into Parquet, and
falling back to line-by-line judgement where that finds a fault. Does not belong here: rules about
values (``rules``), the shape of a header (``header``), small result files (``small``).

The fast path is believed only if it yields exactly one row per physical line: that rules out values
that swallow line ends, and every setting that drops or pads rows silently is off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contracts.model import Column, Reader, Table
from orchestration.contracts.shape import PROVENANCE, stored_columns
from orchestration.ingest.decode import as_utf8, judge, refuse_foreign
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.header import Field, fields_of
from orchestration.ingest.members import Located, Member, ParsedTable, Quarantined
from orchestration.ingest.split import LONGEST_LINE, any_bad, split_lines
from orchestration.ingest.sql import parquet, text_list
from orchestration.sqltext import ident, literal

if TYPE_CHECKING:
    import duckdb

# Part of every cache key: raise it when the same bytes would give other rows.
PARSER_VERSION = "2"
_DIGITS = 5
_ORIGIN = frozenset(name for name, _, _ in PROVENANCE)


@dataclass
class _File:
    """One member on its way: the file to read, its fields, and its lines without the header."""

    member: Member
    link: Path
    fields: tuple[Field, ...]
    crlf: bool
    lines: int
    suspect: bool
    bad: tuple[tuple[int, str, str], ...] = ()
    split: bool = False

    @property
    def rows(self) -> int:
        return self.lines - len(self.bad)

    @property
    def all_quoted(self) -> int:
        """The number of quotation marks when every field of every line is quoted and none holds one."""
        return 2 * len(self.fields) * self.member.facts.lines

    def read_from(self, path: Path) -> None:
        """Let ``link`` lead to ``path``: its name ends with the member's number, which readers report."""
        if self.link.is_symlink():
            self.link.unlink()
        self.link.symlink_to(path.resolve())


def read_members(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    members: Sequence[Member],
    delivery: tuple[str, date],
    target: Path,
    work: Path,
    max_bad_share: float = 1.0,
) -> ParsedTable:
    """Read all members of one table into one Parquet file at ``target``.

    ``delivery``: its id and day; the day decides which dated columns are valid. ``work``: folder for
    copies we make.
    Raises ``DeliveryRefused`` when bytes, header or structure are not what the contract declares, or
    more than ``max_bad_share`` of the lines are malformed.
    """
    reader = table.reader
    if reader is None:
        raise ValueError(f"table {table.name} has no reader")
    files = [_prepare(m, table, delivery[1], work, i) for i, m in enumerate(members)]
    for i, file in enumerate(files):
        if file.suspect:
            _split(file, table, work / f"split{i:05d}")
    _refuse_too_many(files, max_bad_share)
    if not _copy(con, table, files, delivery, target):
        for i, file in enumerate(files):
            if not file.split:
                _split(file, table, work / f"split{i:05d}")
        _refuse_too_many(files, max_bad_share)
        if not _copy(con, table, files, delivery, target):
            raise DeliveryRefused(
                "unreadable", "the file's lines are well-formed one by one but cannot be read as a whole",
                file=", ".join(f.member.name for f in files[:3]),
                advice="Compare the delimiter and quoting in the contract with the file",
            )  # fmt: skip
    if _set_stray_quotes_aside(con, files, table, target, work):
        _refuse_too_many(files, max_bad_share)
        _copy(con, table, files, delivery, target)
    located, start = [], 0
    for file in files:
        header = 1 if reader.header else 0
        located.append(
            Located(file.member.name, start, file.rows, 1 + header, tuple(number for number, _, _ in file.bad))
        )
        start += file.rows
    return ParsedTable(
        table=table.name,
        path=target,
        rows=start,
        lines=sum(f.lines for f in files),
        accepted_lines=start,
        members=located,
        has_member=len(files) > 1,
        has_line=False,
        quarantined=[Quarantined(f.member.name, *bad) for f in files for bad in f.bad],
    )


def _prepare(member: Member, table: Table, day: date, work: Path, number: int) -> _File:
    reader = table.reader
    assert reader is not None  # noqa: S101  (read_members has looked)
    refuse_foreign(member.path, member.name)
    judge(member.facts, reader, member.name)
    path, facts = as_utf8(member.path, member.facts, reader, work / f"utf8{number:05d}")
    fields = fields_of(path, table, member.name, day)
    lines = facts.lines - (1 if reader.header else 0)
    suspect = bool(
        facts.controls or facts.blank or facts.cr or (reader.encoding == "latin-1" and facts.c1)
        or not facts.ends_with_newline or facts.bom == "utf-8"
    )  # fmt: skip
    file = _File(member, work / f"member{number:0{_DIGITS}d}", fields, facts.crlf > 0, lines, suspect)
    file.read_from(path)
    return file


def _split(file: _File, table: Table, target: Path) -> None:
    reader = table.reader
    assert reader is not None  # noqa: S101
    result = split_lines(file.link, len(file.fields), reader, file.crlf, target)
    if result.good + len(result.bad) != file.lines:
        raise AssertionError(f"{file.member.name}: {file.lines} lines, {result.good} + {len(result.bad)} judged")
    file.read_from(result.clean)
    file.bad, file.split, file.crlf = result.bad, True, False


def _set_stray_quotes_aside(
    con: duckdb.DuckDBPyConnection, files: Sequence[_File], table: Table, target: Path, work: Path
) -> bool:
    """Split the files in which a quotation mark stands where none may; whether there was one.

    The strict parser takes a mark inside an unquoted value for data. Where every value is quoted the number
    of marks alone proves that there is none; elsewhere the lines of values that hold one are judged.
    """
    reader = table.reader
    if reader is None or reader.quote is None:
        return False
    open_questions = [i for i, f in enumerate(files) if not f.split and f.member.facts.quotes not in (0, f.all_quoted)]
    if not open_questions:
        return False
    described = con.execute(f"describe from {parquet(target)}").fetchall()
    columns = [name for name, *_ in described if name[0] != "_" and name not in _ORIGIN]
    holds = " or ".join(f"contains({ident(c)}, {literal(reader.quote)})" for c in columns)
    member = "_member" if len(files) > 1 else "0"
    rows = con.execute(
        f"select {member}, file_row_number from {parquet(target, row_numbers=True)} where {holds}"
    ).fetchall()
    start, found = 0, False
    for i, file in enumerate(files):
        first = 1 + reader.header - start
        numbers = {int(row) + first for number, row in rows if number == i}
        start += file.rows
        if i in open_questions and numbers and any_bad(file.link, numbers, len(file.fields), reader, file.crlf):
            _split(file, table, work / f"split{i:05d}")
            found = True
    return found


def _refuse_too_many(files: Sequence[_File], share: float) -> None:
    lines, bad = sum(f.lines for f in files), sum(len(f.bad) for f in files)
    if bad <= share * lines:
        return
    worst = max(files, key=lambda f: len(f.bad))
    reasons: dict[str, int] = {}
    for _, reason, _ in (b for f in files for b in f.bad):
        reasons[reason] = reasons.get(reason, 0) + 1
    top = sorted(reasons.items(), key=lambda item: -item[1])[:3]
    raise DeliveryRefused(
        "too_many_malformed", f"{bad} of {lines} lines are malformed: "
        + "; ".join(f"{n} with {reason}" for reason, n in top),
        file=worst.member.name, line=worst.bad[0][0], expected=f"at most {share:.2%} of the lines",
        found=f"{bad / lines:.2%}", advice="Fetch the file again; if it is as meant, correct the contract",
    )  # fmt: skip


def _copy(
    con: duckdb.DuckDBPyConnection, table: Table, files: Sequence[_File], delivery: tuple[str, date], target: Path
) -> bool:
    """Read everything with one statement; False when a line is at fault or rows went missing."""
    import duckdb

    expected = sum(f.rows for f in files)
    statement = f"copy ({_select(table, files, delivery)}) to {literal(str(target))} (format parquet, compression zstd)"
    try:
        row = con.execute(statement).fetchone()
    except duckdb.Error as error:
        if isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException)):
            raise
        # The engine's own message quotes the line at fault: personal data, so it goes no further.
        return False
    return row is not None and int(row[0]) == expected


def _select(table: Table, files: Sequence[_File], delivery: tuple[str, date]) -> str:
    """One select over all members; those with the same fields share a reader."""
    reader = table.reader
    assert reader is not None  # noqa: S101
    stored = stored_columns(table)
    wide = list(dict.fromkeys(field.name for f in files for field in f.fields if field.wide))
    runs: list[list[_File]] = []
    for file in files:
        if runs and _layout(runs[-1][-1]) == _layout(file):
            runs[-1].append(file)
        else:
            runs.append([file])
    origin = [f"{literal(delivery[0])} as delivery_id", f"date {literal(delivery[1].isoformat())} as snapshot_date"]
    if len(files) > 1:
        number = f"right(filename, {_DIGITS})::usmallint"
        origin.append(f"({text_list(f.member.name for f in files)})[{number} + 1] as source_file")
        origin.append(f"{number} as _member")
    else:
        origin.append(f"{literal(files[0].member.name)} as source_file")
    return " union all ".join(_one_layout(reader, stored, wide, run, origin, len(files) > 1) for run in runs)


def _layout(file: _File) -> tuple[object, ...]:
    return file.fields, file.crlf, file.split


def _one_layout(
    reader: Reader,
    stored: Sequence[Column],
    wide: Sequence[str],
    files: Sequence[_File],
    origin: Sequence[str],
    several: bool,
) -> str:
    fields = files[0].fields
    present = {field.name: f"f{i}" for i, field in enumerate(fields)}
    values = [f"{_value(present.get(name), reader)} as {ident(name)}" for name in [*(c.name for c in stored), *wide]]
    return f"select {', '.join([*values, *origin])} from {_read_csv(reader, len(fields), files, several)}"


def _value(column: str | None, reader: Reader) -> str:
    if column is None:
        return "null::varchar"
    value = f"nullif(rtrim({column}), '')"
    for marker in reader.null_values:
        value = f"nullif({value}, {literal(marker)})"
    return value


def _read_csv(reader: Reader, count: int, files: Sequence[_File], several: bool) -> str:
    width = count + reader.trailing_delimiter
    columns = ", ".join(f"'f{i}': 'VARCHAR'" for i in range(width))
    quote = literal(reader.quote or "")
    skip = 1 if reader.header and not files[0].split else 0
    # The line end is not declared: DuckDB then takes LF and CR LF, while declaring CR LF loses every row.
    # Lone and mixed line ends never get here (``decode`` refuses them, ``split`` sets them aside).
    return (
        f"read_csv({text_list(str(f.link) for f in files)}, columns = {{{columns}}}, auto_detect = false,"
        f" header = false, skip = {skip}, delim = {literal(reader.delimiter)}, quote = {quote}, escape = {quote},"
        f" strict_mode = true, null_padding = false, ignore_errors = false, nullstr = '',"
        f" compression = 'none', encoding = 'utf-8', max_line_size = {LONGEST_LINE}"
        f"{', filename = true' if several else ''})"
    )


def members_of(table: Table, names: Sequence[tuple[str, str]]) -> list[int]:
    """Indices of the (base name, whole path) pairs that belong to ``table`` by the contract's patterns."""
    reader = table.reader
    if reader is None:
        return []
    return [
        i
        for i, (base, path) in enumerate(names)
        if re.search(reader.members, base) and not (reader.exclude and re.search(reader.exclude, path))
    ]
