"""Small real DuckDB files for the gate's tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.gates.checks import Check, CheckResult
from orchestration.publish.candidate import ReleaseInfo, Sealed, TableSpec
from orchestration.publish.seal import seal

CANARY = "CANARY-JANE-DOE"


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a good table, an empty one, an all-null one and one that holds a planted name."""
    path = tmp_path_factory.mktemp("audited") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            """
            create table marts.voters as select
                range::varchar as voter_id,
                lpad((range % 3)::varchar, 3, '0') as county_code,
                case when range % 10 = 0 then null else range % 10 end as age_group,
                date '2020-01-01' + range::int as registered_date,
                (range / 100.0)::decimal(6, 4) as support_share,
                case when range = 7 then 'CANARY-JANE-DOE' else 'someone' end as name,
                'x' as dup
            from range(100)
            """
        )
        connection.execute("create table marts.counties as select lpad(range::varchar, 3, '0') as code from range(2)")
        connection.execute("create table marts.nobody (voter_id varchar, age integer)")
        connection.execute(
            "create table marts.blank as select null::varchar as zip, null::integer as age from range(5)"
        )
    return path


@pytest.fixture
def run(audited: Path) -> Callable[[Check], CheckResult]:
    """Run one check on the audited file."""
    from orchestration.gates.gx import run_checks

    return lambda check: run_checks(audited, [check])[0]


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    """A candidate with two tables in the general file and one in the restricted file."""
    build = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.goals as select range::varchar as district_id, 7 as votes from range(9)")
        connection.execute("create table marts.costs as select range::varchar as district_id, 5 as usd from range(9)")
        connection.execute("create table marts.people as select range::varchar as person_id from range(9)")
    return seal(
        build,
        {
            "warehouse.duckdb": [
                TableSpec("marts.goals", "goals", ("district_id",)),
                TableSpec("marts.costs", "costs", ("district_id",)),
            ],
            "people.duckdb": [TableSpec("marts.people", "people", ("person_id",))],
        },
        tmp_path / "candidate",
        ReleaseInfo(
            release_id="20260901-0a1b2c3d",
            run_id="run-1",
            built_at=datetime(2026, 9, 2, 5, 0, tzinfo=UTC),
            data_as_of=date(2026, 9, 1),
            code_hash="c0de",
        ),
    )
