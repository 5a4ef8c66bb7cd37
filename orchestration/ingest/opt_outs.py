"""Who wants no more of it: one select over every delivery that was ever accepted.

Belongs here: the select behind ``accepted.opt_outs``, and the same answer for an export that cannot wait
for a refresh. Does not belong here: which rows of a source are opt-outs (its contract says), or who is
left out of what (the universes).

An opt-out is for ever: a later export that lacks it lifts nothing, so every delivery counts that was accepted
once, also one that a newer one of the same date replaced or that a stricter contract has refused since.
Contacts are normalised by dbt's own macros, so that an opt-out and the list it must meet are written alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contracts.model import Contract, OptOut, Table
from orchestration.contracts.shape import OPT_OUT_COLUMNS, stored_columns
from orchestration.ingest.dbt_macros import macro_sql
from orchestration.ingest.ledger import DeliveryRow, Ledger
from orchestration.ingest.sql import parquet
from orchestration.ingest.store import DamagedArchive, Stored, folder_of, parse_key, provenance, read_stored, verify
from orchestration.sqltext import ident, literal

if TYPE_CHECKING:
    import duckdb


def opt_outs_select(home: Path, contracts: Mapping[str, Contract]) -> str:
    """The select behind ``accepted.opt_outs``, empty and typed while nothing says so.

    Columns are those of ``contracts.shape.OPT_OUT_COLUMNS``. A row whose contact cannot be read stays in, with
    a null contact, so that it is counted. Raises ``DamagedArchive`` when accepted rows on disk are lost or changed.
    """
    selects = []
    with Ledger(home / "ledger.sqlite") as ledger:
        for contract in with_opt_outs(contracts):
            deliveries = [_stored(home, row) for row in ledger.ever_accepted(contract.id)]
            for table in contract.tables:
                for rule in table.opt_outs:
                    found = [s for s in deliveries if table.name in s.manifest["tables"]]
                    selects += [_select(contract, stored, table, rule, deliveries) for stored in found]
    empty = ", ".join(f"null::{kind} as {name}" for name, kind, _, _ in OPT_OUT_COLUMNS)
    return " union all by name ".join([f"select {empty} where false", *selects])


def opt_outs_now(home: Path, contracts: Mapping[str, Contract], con: duckdb.DuckDBPyConnection) -> str:
    """Create the temporary table ``opt_outs_now`` in ``con`` from what is accepted at this moment; its name.

    For an export between two refreshes: one row per channel and contact, with ``first_opted_out_at``. ``con``
    must be allowed to read below ``home``. A file that has landed but was not taken in yet is not in it:
    call ``ingest_source`` for the sources with opt-outs first.
    """
    con.execute(
        "create or replace temp table opt_outs_now as"
        " select channel, contact, min(opted_out_at) as first_opted_out_at, count(distinct source) as source_count"
        f" from ({opt_outs_select(home, contracts)}) where contact is not null group by channel, contact"
    )
    return "opt_outs_now"


def with_opt_outs(contracts: Mapping[str, Contract]) -> list[Contract]:
    """The contracts whose deliveries may hold opt-outs."""
    return [c for c in contracts.values() if any(t.opt_outs for t in c.tables)]


def _stored(home: Path, row: DeliveryRow) -> Stored:
    stored = read_stored(home, row.id)
    if stored is None:
        folder = folder_of(home, "accepted", row.id)
        raise DamagedArchive(
            f"{folder}: the accepted rows are gone, and the opt-outs in them with it; restore the folder from a "
            f"backup, or put the file of {row.snapshot_date} back into landing to have it parsed anew"
        )
    verify(stored)
    return stored


def _select(contract: Contract, stored: Stored, table: Table, rule: OptOut, deliveries: Sequence[Stored]) -> str:
    said = f" where {macro_sql('is_revocation', 'said')}" if rule.message is not None else ""
    rows = _rows(contract, stored, table)
    given, source = f"({rule.contact})", f"({rows})"
    if rule.lookup is not None:
        given, source = "looked_up.given", _looked_up(contract, rows, rule, deliveries)
    return (
        f"select {literal(rule.channel)} as channel, {_contact(rule.channel)} as contact,"
        " coalesce(try_cast(told_at as timestamp), snapshot_date::timestamp) as opted_out_at,"
        f" {literal(contract.id)} as source, {literal(table.name)} as table_name,"
        " delivery_id, snapshot_date, source_file, line_number from ("
        f"select {given} as given, ({rule.at}) as told_at, ({rule.message or 'null'})::varchar as said,"
        f" delivery_id, snapshot_date, source_file, line_number from {source}"
        f" where ({rule.when})){said}"
    )


def _looked_up(contract: Contract, rows: str, rule: OptOut, deliveries: Sequence[Stored]) -> str:
    """The rows, each with every contact that any delivery ever gave for its key; null where none did."""
    assert rule.lookup is not None  # noqa: S101  (the caller has looked)
    name, column, key = rule.lookup
    table = contract.table(name)
    known = " union ".join(
        f"select {ident(key)} as looked_up_key, ({rule.contact}) as given from ({_rows(contract, stored, table)})"
        for stored in deliveries
        if name in stored.manifest["tables"]
    )
    known = known or "select null::varchar as looked_up_key, null::varchar as given"
    return f"({rows}) said_by left join ({known}) looked_up on said_by.{ident(column)} = looked_up.looked_up_key"


def _contact(channel: str) -> str:
    phone, email = macro_sql("phone_e164", "given"), macro_sql("email_normal", "given")
    written = {"sms": phone, "phone": phone, "email": email, "mail": "nullif(trim(given), '')"}
    return written.get(channel, f"coalesce({phone}, {email})")


def _rows(contract: Contract, stored: Stored, table: Table) -> str:
    """The rows of a delivery with today's columns; one parsed under an older contract may lack some."""
    import polars as pl

    columns = [c.name for c in stored_columns(table)]
    path = stored.path(table.name)
    there = set(columns)
    if stored.manifest["parse_key"] != parse_key(contract):
        there = set(pl.read_parquet_schema(path))
    items = [f"p.{ident(c)}" if c in there else f"null::varchar as {ident(c)}" for c in columns]
    items += provenance(stored.manifest["tables"][table.name])
    return f"select {', '.join(items)} from {parquet(path, row_numbers=True)} p"
