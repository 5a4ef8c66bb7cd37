"""A small build database, what a release of it says of itself, what its gate asks and what publishing demands."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from orchestration.gates.checks import Check, CheckResult, Severity, Status
from orchestration.gates.demanded import Demanded
from orchestration.gates.record import DbtTest, Reconciliation, RequiredTest
from orchestration.publish.candidate import ReleaseInfo, SourceFreshness, TableSpec

NOW = datetime(2026, 9, 2, 6, 0, tzinfo=UTC)
FILES = {
    "warehouse.duckdb": [TableSpec("marts.goals", "goals", ("district_id",))],
    "people.duckdb": [TableSpec("marts.people", "people", ("person_id",))],
}
CHECKS = [
    Check("goals.has_rows", "main.goals", "row_count_between", {"min": 1}),
    Check("goals.votes", "main.goals", "between", {"column": "votes", "min": 0}, severity=Severity.WARN),
    Check("people.has_rows", "people.main.people", "row_count_between", {"min": 1}),
    Check("people.columns", "people.main.people", "column_set", {"columns": ["person_id", "batch"]}, waivable=False),
]
TESTS = [RequiredTest("unique_goals"), RequiredTest("goals_are_near_last_years", Severity.WARN)]
TOTALS = [Reconciliation("rows of goals", True, "50", "50")]
GATE_KEY = bytes(range(32))  # of every home here, so that a candidate sealed once can be published in each


def outcomes(**changed: CheckResult | None) -> list[CheckResult]:
    """A passed result of every check; `changed` replaces that of a check (dots as __) or leaves it out."""
    found = []
    for check in CHECKS:
        passed = CheckResult(check.check_id, check.table, Status.PASS, check.severity, 50, 0, "", "", "")
        other = changed.get(check.check_id.replace(".", "__"), passed)
        found += [other] if other else []
    return found


def record_words(**changes: object) -> dict[str, object]:
    """What a gate record of a small candidate says beside its checks and their results."""
    return {
        "run_id": "run-1", "created_at": NOW, "code_hash": "c0de", "config_hash": "",
        "required_tests": TESTS, "dbt_tests": [DbtTest(test.name, "pass") for test in TESTS],
        "reconciliations": TOTALS,
    } | changes  # fmt: skip


def demanded(**changes: object) -> Demanded:
    """What is demanded of the small candidates."""
    words = {
        "checks": CHECKS, "dbt_tests": TESTS, "code_hash": "c0de", "config_hash": "",
        "reconciled": [total.name for total in TOTALS],
        "files": {name: [spec.name for spec in specs] for name, specs in FILES.items()},
    }  # fmt: skip
    return Demanded(**(words | changes))  # type: ignore[arg-type]


def make_home(path: Path) -> Path:
    """A home that holds nothing but its gate key."""
    (path / "secrets").mkdir(mode=0o700, parents=True)
    key = path / "secrets" / "gate.key"
    key.write_bytes(GATE_KEY)
    key.chmod(0o600)
    return path


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
