"""Which columns a file holds and which of them are kept, by contract and day.

Belongs here: questions about columns that reader, warehouse and documents must answer alike.
Does not belong here: reading a header (``ingest.header``).
"""

from __future__ import annotations

import re
from datetime import date

from orchestration.contracts.model import Column, Contract, Kind, Table

# What every accepted table carries beside its own columns.
PROVENANCE: tuple[tuple[str, str, str], ...] = (
    ("delivery_id", "varchar", "The delivery that brought the row."),
    ("snapshot_date", "date", "The day the delivery stands for."),
    ("source_file", "varchar", "The member file that held the row, as named by the sender."),
    ("line_number", "bigint", "The row's line in that file, counted from 1."),
)
SPANS: tuple[tuple[str, str, str], ...] = (
    ("valid_from", "date", "The first snapshot that shows this version of the voter."),
    ("valid_to", "date", "The first snapshot that no longer shows it; null while it is current."),
)
# The accepted table that all sources with opt-outs feed: name, type, meaning, PII family of each column.
OPT_OUTS = "opt_outs"
OPT_OUT_COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("channel", "varchar", "What the person wants no more of: sms, email, phone, mail or all.", "none"),
    (
        "contact",
        "varchar",
        "The number as +1 and ten digits, or the address in lower case; null where it could not be read.",
        "contact",
    ),
    ("opted_out_at", "timestamp", "When it was said (UTC); the delivery's day where the row does not tell.", "none"),
    ("source", "varchar", "The source that says so.", "none"),
    ("table_name", "varchar", "The accepted table that says so.", "none"),
    *((name, kind, meaning, "none") for name, kind, meaning in PROVENANCE),
)


def file_columns(table: Table, day: date) -> list[Column]:
    """The columns that the sender's layout holds on ``day``, in order."""
    return [c for c in table.columns if c.present_on(day)]


def stored_columns(table: Table) -> list[Column]:
    """The columns kept as such: not retired ones, nor those that an unpivot turns into rows."""
    return [c for c in table.columns if c.until is None and not is_unpivoted(table, c.physical_name)]


def is_unpivoted(table: Table, physical_name: str) -> bool:
    """Whether a column of the file becomes rows of another table."""
    return any(re.fullmatch(u.pattern, physical_name) for u in table.unpivots)


def has_versions(contract: Contract, table: Table) -> bool:
    """Whether the accepted table holds every version of each voter (the first of a voter file)."""
    return contract.kind is Kind.VOTERS and table is contract.tables[0]
