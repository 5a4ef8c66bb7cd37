"""The rules one row must satisfy by itself, and the setting aside of rows that do not.

Belongs here: required values, strict patterns, row rules and repeated keys, over a Parquet file just
parsed. Does not belong here: rules about a whole table (the gate's checks).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contracts.model import Contract, Table
from orchestration.contracts.shape import stored_columns
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.members import Member, ParsedTable, Quarantined
from orchestration.ingest.split import raw_lines
from orchestration.ingest.sql import parquet
from orchestration.publish.files import sync_dir, sync_file
from orchestration.sqltext import ident, literal

if TYPE_CHECKING:
    import duckdb


def apply_rules(
    con: duckdb.DuckDBPyConnection, table: Table, parsed: ParsedTable, members: Sequence[Member], unique_key: bool
) -> None:
    """Quarantine the rows of ``parsed`` that break a rule, rewriting its file without them.

    ``unique_key``: of rows with one key only the first stays. Lines are counted once even where one
    line made several rows. Does nothing, and costs one narrow scan, when every row is good.
    """
    _find_bad_rows(con, table, parsed, unique_key)
    bad = con.execute("select row, reason, member, line from bad_rows order by row").fetchall()
    shifted = any(m.bad_lines for m in parsed.members)
    if bad or (shifted and not parsed.has_line):
        _rewrite(con, parsed, shifted)
    if not bad:
        return
    lines: dict[tuple[int, int], str] = {}
    for row, reason, member, line in bad:
        located = parsed.members[member]
        number = int(line) if line is not None else located.line_of(int(row))
        lines.setdefault((int(member), number), str(reason))
    raw = _raw(lines, members)
    parsed.quarantined += [
        Quarantined(parsed.members[member].name, number, reason, raw.get((member, number), ""))
        for (member, number), reason in lines.items()
    ]
    parsed.rows -= len(bad)
    parsed.accepted_lines -= len(lines)


def _find_bad_rows(con: duckdb.DuckDBPyConnection, table: Table, parsed: ParsedTable, unique_key: bool) -> None:
    """Fill the temporary table bad_rows: row, reason, member, line (null where it follows from the row)."""
    source = parquet(parsed.path, row_numbers=True)
    member = "_member" if parsed.has_member else "0"
    line = "_line" if parsed.has_line else "null::bigint"
    case = _reason(table)
    con.execute(
        "create or replace temp table bad_rows as"
        f" select file_row_number as row, {case} as reason, {member}::integer as member, {line} as line"
        f" from {source} where {case} is not null"
        if case
        else "create or replace temp table bad_rows (row bigint, reason varchar, member integer, line bigint)"
    )
    if unique_key and table.key:
        keys = ", ".join(ident(k) for k in table.key)
        repeated = con.execute(f"select {keys} from {source} group by {keys} having count(*) > 1 limit 1").fetchone()
        if repeated is not None:
            label = literal(f"{', '.join(table.key)} repeats an earlier row")
            con.execute(
                f"insert into bad_rows select file_row_number, {label}, {member}, {line} from {source}"
                " where file_row_number not in (select row from bad_rows)"
                f" qualify row_number() over (partition by {keys} order by file_row_number) > 1"
            )
    if table.reader is not None and table.reader.format == "sheet":
        # One line of a sheet makes many rows; a line is accepted or set aside as a whole.
        con.execute(
            f"insert into bad_rows select s.file_row_number, any_value(b.reason), s._member, s._line from {source} s"
            " join bad_rows b on b.member = s._member and b.line = s._line"
            " where s.file_row_number not in (select row from bad_rows) group by all"
        )


def _reason(table: Table) -> str:
    """A SQL expression: why a row is bad, or null."""
    cases = []
    for column in stored_columns(table):
        if column.required:
            cases.append(f"when {ident(column.name)} is null then {literal(f'{column.name} is missing')}")
        if column.strict and column.pattern is not None:
            cases.append(
                f"when not regexp_full_match({ident(column.name)}, {literal(column.pattern)})"
                f" then {literal(f'{column.name} is not of the declared form')}"
            )
    cases += [
        f"when ({rule.sql}) is not true then {literal(f'{rule.name}: {rule.reason}')}" for rule in table.row_rules
    ]
    return f"case {' '.join(cases)} end" if cases else ""


def _rewrite(con: duckdb.DuckDBPyConnection, parsed: ParsedTable, shifted: bool) -> None:
    """Write the file anew without the bad rows, each remaining row with its line number."""
    member = "p._member" if parsed.has_member else "0"
    if parsed.has_line:
        columns, join = "p.* exclude (file_row_number)", ""
    else:
        con.execute("create or replace temp table starts (member integer, start bigint, first_line bigint)")
        con.executemany(
            "insert into starts values (?, ?, ?)",
            [(i, m.start, m.first_line) for i, m in enumerate(parsed.members)],
        )
        con.execute("create or replace temp table shifts (member integer, shift bigint, bad bigint)")
        shifts = [(i, s, k + 1) for i, m in enumerate(parsed.members) for k, s in enumerate(m.shifts)]
        if shifts:
            # Several bad lines in a row share a shift; the last of them counts them all.
            con.executemany("insert into shifts values (?, ?, ?)", shifts)
            con.execute(
                "create or replace temp table shifts as select member, shift, max(bad) as bad from shifts group by all"
            )
        columns = (
            "p.* exclude (file_row_number),"
            " (st.first_line + p.file_row_number - st.start + coalesce(sh.bad, 0))::bigint as _line"
        )
        join = f" join starts st on st.member = {member}"
        join += (
            " asof left join shifts sh on sh.member = st.member and p.file_row_number - st.start >= sh.shift"
            if shifted
            else ""
        )
        if not shifted:
            columns = columns.replace("coalesce(sh.bad, 0)", "0")
    target = parsed.path.with_suffix(".rewritten")
    con.execute(
        f"copy (select {columns} from {parquet(parsed.path, row_numbers=True)} p{join}"
        " where p.file_row_number not in (select row from bad_rows) order by p.file_row_number)"
        f" to {literal(str(target))} (format parquet, compression zstd)"
    )
    target.replace(parsed.path)
    parsed.has_line = True


def _raw(lines: Mapping[tuple[int, int], str], members: Sequence[Member]) -> dict[tuple[int, int], str]:
    wanted: dict[int, set[int]] = {}
    for member, number in lines:
        wanted.setdefault(member, set()).add(number)
    return {
        (member, number): line
        for member, numbers in wanted.items()
        for number, line in raw_lines(members[member].path, numbers).items()
    }


def write_quarantine(rows: Sequence[Quarantined], path: Path) -> None:
    """Write set-aside lines: source_file, line_number, reason, raw; readable by the owner only."""
    import polars as pl

    frame = pl.DataFrame(
        [(q.member, q.line, q.reason, q.raw) for q in rows],
        schema={"source_file": pl.String, "line_number": pl.Int64, "reason": pl.String, "raw": pl.String},
        orient="row",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    partial = path.with_suffix(".part")
    partial.touch(mode=0o600)
    frame.sort("source_file", "line_number").write_parquet(partial)
    partial.chmod(0o600)
    sync_file(partial)  # the ledger will say that these lines are kept
    partial.replace(path)
    sync_dir(path.parent)


def refuse_quarantine(contract: Contract, parsed: Sequence[ParsedTable]) -> None:
    """Refuse a delivery of which too much had to be set aside; raises ``DeliveryRefused``."""
    lines, bad = sum(p.lines for p in parsed), [q for p in parsed for q in p.quarantined]
    if len(bad) <= contract.max_quarantined_share * lines:
        return
    reasons: dict[str, int] = {}
    for row in bad:
        reasons[row.reason] = reasons.get(row.reason, 0) + 1
    top = sorted(reasons.items(), key=lambda item: -item[1])[:3]
    raise DeliveryRefused(
        "too_many_quarantined", f"{len(bad)} of {lines} lines had to be quarantined: "
        + "; ".join(f"{n} because {reason}" for reason, n in top),
        file=bad[0].member, line=min(q.line for q in bad if q.member == bad[0].member),
        expected=f"at most {contract.max_quarantined_share:.2%}", found=f"{len(bad) / lines:.2%}",
        advice="See the quarantine file; ask the sender for a sound file",
    )  # fmt: skip
