"""A small build database and what a release of it says of itself."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from orchestration.publish.candidate import ReleaseInfo, SourceFreshness, TableSpec

NOW = datetime(2026, 9, 2, 6, 0, tzinfo=UTC)
FILES = {
    "warehouse.duckdb": [TableSpec("marts.goals", "goals", ("district_id",))],
    "people.duckdb": [TableSpec("marts.people", "people", ("person_id",))],
}


def build_database(path: Path, batch: int, rows: int = 50) -> Path:
    """A build database whose every row says which batch it is of."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema staging; create schema marts")
        connection.execute(f"create table staging.raw as select range as n, {batch} as batch from range({rows})")
        connection.execute(
            "create view marts.goals as select lpad(n::varchar, 3, '0') as district_id, batch::integer as batch, "
            "sum(n) over () as votes, (n / 7.0)::decimal(9, 3) as cost_usd, n / 7.0 as support from staging.raw"
        )
        connection.execute("create view marts.people as select n::varchar as person_id, batch from staging.raw")
    return path


def information(release_id: str, **changes: object) -> ReleaseInfo:
    values: dict[str, object] = {
        "release_id": release_id,
        "run_id": "run-1",
        "built_at": NOW,
        "data_as_of": date(2026, 9, 1),
        "code_hash": "c0de",
        "model_versions": {"turnout": "3"},
        "sources": (SourceFreshness("nc_voters", "nc_voters/2026-09-01/abc", date(2026, 9, 1), NOW),),
        **changes,
    }
    return ReleaseInfo(**values)  # type: ignore[arg-type]
