"""The store of model versions: ``models/<model>/<version>/`` with lookup tables and ``card.json``.

A version is named after everything it depends on, is written once and never changed. Belongs here: naming,
writing, finding and opening versions. Does not belong here: how a model is fitted.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.faults import fault_point
from orchestration.publish.files import put_folder
from orchestration.sqltext import literal

if TYPE_CHECKING:
    import duckdb
    import polars as pl

# The lookup tables by model: name of the Parquet file and of the view, with the types the SQL relies on.
POINTS = {
    "state": "varchar", "feature": "varchar", "bin": "varchar", "points": "decimal(12,6)", "training_voters": "bigint",
}  # fmt: skip
TABLES: dict[str, dict[str, dict[str, str]]] = {
    "turnout": {"turnout_points": POINTS},
    "support": {
        "support_points": POINTS,
        "support_areas": {
            "state": "varchar", "area_level": "varchar", "area_id": "varchar", "logit_shift": "decimal(12,9)",
            "certified_votes": "bigint", "certified_share": "decimal(9,6)", "voters": "bigint",
            "unshifted_share": "decimal(9,6)", "basis": "varchar",
        },
    },
    "projection_errors": {
        "projection_errors": {"measure": "varchar", "part": "varchar", "sd": "decimal(9,6)", "df": "decimal(9,3)"},
    },
    "backtest": {"backtest_results": {
            "unit": "varchar", "year": "integer", "measure": "varchar", "given": "varchar", "method": "varchar",
            "wmae": "decimal(12,4)", "mae": "decimal(12,4)", "rmse": "decimal(12,4)", "bias": "decimal(12,4)",
            "coverage80": "decimal(9,6)", "counties": "integer",
    }},
    "state_outlook": {"state_outlook": {
            "election_year": "integer", "state": "varchar", "electoral_votes": "integer", "votes_needed": "integer",
            "is_complete": "boolean", "expected_share": "decimal(9,6)", "expected_share_low": "decimal(9,6)",
            "expected_share_high": "decimal(9,6)", "expected_turnout": "bigint", "expected_turnout_low": "bigint",
            "expected_turnout_high": "bigint", "win_probability": "decimal(9,6)",
            "tipping_point_probability": "decimal(9,6)", "cumulative_votes": "integer", "is_tipping_point": "boolean",
            "campaign_win_probability": "decimal(9,6)",
    }},
    "identity": {
        "identity_links": {
            "record_id": "varchar", "native_id": "varchar", "voter_id": "varchar", "candidate_voter_id": "varchar",
            "match_kind": "varchar", "match_probability": "decimal(9,6)", "needs_review": "boolean",
        },
    },
    "identity_weights": {
        "identity_weights": {
            "kind": "varchar", "name": "varchar", "m": "decimal(18,12)", "value": "decimal(18,12)",
        },
    },
}  # fmt: skip


@dataclass(frozen=True)
class ModelVersion:
    """One fitted version. ``is_new``: fitted in this run, not found in the store."""

    name: str
    version: str
    folder: Path
    card: Mapping[str, Any]
    is_new: bool


def digest(value: object) -> str:
    """SHA-256 of a JSON-able value, in canonical form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def code_digest(*files: Path) -> str:
    """SHA-256 over the source files that decide a fit."""
    return digest([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])


def stored(home: Path, name: str) -> list[ModelVersion]:
    """Every complete version of a model in the store, ordered by version name."""
    folder = home / "models" / name
    found = []
    for card in sorted(folder.glob("[!.]*/card.json")):
        content = json.loads(card.read_text(encoding="utf-8"))
        found.append(ModelVersion(name, card.parent.name, card.parent, content, is_new=False))
    return found


def store(
    home: Path,
    name: str,
    depends_on: object,
    frames: pl.DataFrame | Mapping[str, pl.DataFrame],
    card: Mapping[str, Any],
) -> ModelVersion:
    """Write a version, whole or not at all; one that is there already is left alone.

    ``depends_on``: everything the fit depends on; its digest names the version. ``frames``: its
    lookup tables by name, or the one that it has.
    """
    version = f"{name}-{digest(depends_on)[:8]}"
    folder = home / "models" / name / version
    content = {"model": name, "version": version, **card}
    if (folder / "card.json").exists():
        return ModelVersion(name, version, folder, json.loads((folder / "card.json").read_text("utf-8")), is_new=False)
    for leftover in folder.parent.glob(".*"):
        shutil.rmtree(leftover)  # of a fit that was interrupted: one refresh fits at a time
    unfinished = folder.with_name(f".{version}.{os.getpid()}")
    unfinished.mkdir(parents=True)
    for table in TABLES[name]:
        frame = frames[table] if isinstance(frames, Mapping) else frames
        frame.write_parquet(unfinished / f"{table}.parquet")
    text = json.dumps(content, indent=2, sort_keys=True, default=str)
    (unfinished / "card.json").write_text(text + "\n", encoding="utf-8")
    fault_point("fit.written")
    put_folder(unfinished, folder)
    fault_point("fit.stored")
    return ModelVersion(name, version, folder, content, is_new=True)


def open_models(con: duckdb.DuckDBPyConnection, home: Path, versions: Sequence[ModelVersion]) -> None:
    """Create schema ``models`` in the build database: one view per lookup table, and ``model_cards``.

    Raises FileNotFoundError when a version is no longer in the store under ``home``.
    """
    con.execute("create schema if not exists models")
    con.execute("create or replace table models.model_cards (model_name varchar, model_version varchar, card varchar)")
    for version in versions:
        for table, columns in TABLES[version.name].items():
            path = home / "models" / version.name / version.version / f"{table}.parquet"
            if not path.exists():
                raise FileNotFoundError(f"{path}: this model version is not in the store; run the fit again")
            picked = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in columns.items())
            con.execute(
                f"create or replace view models.{table} as select {picked}, "
                f"{literal(version.version)} as model_version from read_parquet({literal(path)})"
            )
        con.execute(
            "insert into models.model_cards values (?, ?, ?)",
            [version.name, version.version, json.dumps(version.card, sort_keys=True, default=str)],
        )
