"""Result files and sheets: read member by member by ``records`` and ``sheet``, kept like all others.

Belongs here: which reader a table needs, and putting what they hand back into one Parquet file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contracts.model import Contract, Kind, Table
from orchestration.ingest.members import Located, Member, ParsedTable, Quarantined

if TYPE_CHECKING:
    from orchestration.ingest.rows import ReadRows


def is_small(contract: Contract, table: Table) -> bool:
    """Whether a table is read by name, file by file: results, sheets, values with line ends."""
    reader = table.reader
    return reader is not None and (
        contract.kind is Kind.ACCUMULATE
        or reader.format != "delimited"
        or reader.multiline
        or reader.from_name is not None
    )


def read_small(table: Table, members: Sequence[Member], delivery: tuple[str, date], target: Path) -> ParsedTable:
    """Read every member and write one Parquet file with the columns ``_member`` and ``_line``.

    ``delivery``: its id and day.
    """
    import polars as pl

    frames, located, quarantined = [], [], []
    rows = lines = accepted = 0
    for i, member in enumerate(members):
        read = _read(member, table, delivery[1])
        frames.append(
            read.rows.rename({"line_number": "_line"}).with_columns(
                pl.lit(delivery[0]).alias("delivery_id"),
                pl.lit(delivery[1]).alias("snapshot_date"),
                pl.lit(member.name).alias("source_file"),
                pl.lit(i, dtype=pl.UInt16).alias("_member"),
            )
        )
        located.append(Located(member.name, rows, read.rows.height, 1))
        quarantined += [Quarantined(member.name, n, reason, raw) for n, reason, raw in read.quarantined.iter_rows()]
        rows += read.rows.height
        accepted += read.accepted
        lines += read.accepted + read.quarantined.height
    # Columns declared by a pattern differ from file to file.
    pl.concat(frames, how="diagonal").write_parquet(target)
    return ParsedTable(
        table=table.name, path=target, rows=rows, lines=lines, accepted_lines=accepted, members=located,
        has_member=True, has_line=True, quarantined=quarantined,
    )  # fmt: skip


def _read(member: Member, table: Table, day: date) -> ReadRows:
    if table.reader is not None and table.reader.format == "sheet":
        from orchestration.ingest.sheet import read_sheet

        return read_sheet(member.path, table, member.name, day)
    from orchestration.ingest.records import read_records

    return read_records(member.path, table, member.name, day)
