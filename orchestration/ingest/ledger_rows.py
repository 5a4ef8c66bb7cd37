"""What the delivery ledger holds: its tables, and the objects that its rows become."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

SCHEMA = """
create table if not exists deliveries (
    id text primary key, source text not null, snapshot_date text not null, content_sha256 text not null,
    status text not null, lines_received integer, rows_accepted integer, rows_quarantined integer,
    contract_version text, contract_hash text, parser_version text, cause_code text, cause text,
    newest_content_date text, override_id integer, received_at text not null, decided_at text);
create index if not exists deliveries_by_source on deliveries (source, snapshot_date);
create table if not exists files (
    delivery_id text not null, member text not null, received_name text not null, sha256 text not null,
    object_sha256 text not null, size integer not null, lines integer, primary key (delivery_id, member));
create table if not exists steps (
    delivery_id text not null, step text not null, at text not null, seconds real, counts text not null,
    cause text);
create table if not exists check_results (
    delivery_id text not null, check_id text not null, status text not null, severity text not null,
    evaluated integer, unexpected integer, observed text, expected text, message text,
    primary key (delivery_id, check_id));
create table if not exists overrides (
    id integer primary key, target text not null, reason text not null, by_whom text not null,
    created_at text not null, expires_at text not null);
create table if not exists landing_seen (
    path text primary key, size integer not null, mtime_ns integer not null, sha256 text not null);
create table if not exists object_members (
    object_sha256 text not null, member text not null, sha256 text not null, size integer not null,
    facts text not null, primary key (object_sha256, member));
"""


class Status(StrEnum):
    """Where a delivery is in its life."""

    RECEIVED = "received"
    PARSED = "parsed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    REMOVED = "removed"


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery as the ledger knows it; times are ISO texts in UTC."""

    id: str
    source: str
    snapshot_date: date
    content_sha256: str
    status: Status
    lines_received: int | None
    rows_accepted: int | None
    rows_quarantined: int | None
    contract_version: str | None
    contract_hash: str | None
    parser_version: str | None
    cause_code: str | None
    cause: str | None
    newest_content_date: date | None
    override_id: int | None
    received_at: str
    decided_at: str | None


@dataclass(frozen=True)
class Override:
    """An operator's permission to go on, for a delivery id, a source or a check id."""

    id: int
    target: str
    reason: str
    by_whom: str
    created_at: str
    expires_at: str


def delivery_row(row: sqlite3.Row) -> DeliveryRow:
    """A row of the table ``deliveries`` as an object."""
    values = dict(row)
    values["snapshot_date"] = date.fromisoformat(values["snapshot_date"])
    newest = values["newest_content_date"]
    values["newest_content_date"] = None if newest is None else date.fromisoformat(newest)
    values["status"] = Status(values["status"])
    return DeliveryRow(**values)
