"""The exports of the record as tables of the warehouse under construction, so that results can be joined back.

Belongs here: `config.deployments` and `config.deployment_members`. Does not belong here: making an export.

Only what is still as it was written comes in. An export that was made void, or whose record or members were altered,
is left out and named in the remarks of the refresh.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.outreach import record
from orchestration.publish import chain

if TYPE_CHECKING:
    import duckdb

_EXPORTS = (
    "export_id varchar, exported_at timestamp, universe_id varchar, channel varchar, purpose varchar, "
    "recipient varchar, exported_release_id varchar, people bigint, households bigint, held_out bigint"
)
_MEMBERS = "export_id varchar, person_id varchar, household_id varchar, contact_hash varchar, arm varchar"


def usable(home: Path) -> list[record.Kept]:
    """The exports that were made and are still as they were written; none when the chain is broken."""
    if chain.tampered_lines(home / record.LOG):
        return []
    return [kept for kept in record.kept_exports(home) if not kept.void and not kept.faults]


def exports_hash(home: Path) -> str:
    """Identity of what the deployments of a release are made from; the same while nothing was exported."""
    said = [(kept.export_id, kept.entry["members_sha256"]) for kept in usable(home)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def write_deployments(con: duckdb.DuckDBPyConnection, home: Path) -> list[str]:
    """Write both tables; returns what was left out, in words."""
    con.execute("create schema if not exists config")
    con.execute(f"create or replace table config.deployments ({_EXPORTS})")
    con.execute(f"create or replace table config.deployment_members ({_MEMBERS})")
    for kept in usable(home):
        said = kept.entry
        con.execute(
            "insert into config.deployments values (?, ?::timestamptz at time zone 'UTC', ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                kept.export_id, said["at"], said["universe"], said["channel"], said["purpose"], said["recipient"],
                said["release_id"], said["people"], said["households"], said["held_out"],
            ],
        )  # fmt: skip
        con.execute(
            "insert into config.deployment_members select ?, person_id, household_id, contact_hash, arm "
            "from read_parquet(?)",
            [kept.export_id, str(kept.folder / record.MEMBERS)],
        )
    return [f"left out of the deployments: {problem}" for problem in record.problems(home)]
