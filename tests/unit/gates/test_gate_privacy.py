"""A planted identifier is found in a published file, and ordinary identifiers of places are not taken for one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.gates.checks import Check, CheckResult, Status
from orchestration.gates.privacy import identifier_scan
from orchestration.publish.candidate import ReleaseInfo, TableSpec
from orchestration.publish.seal import seal

TEXT = [
    ("goals", column)
    for column in ("county_fips", "election", "district_id", "contest_id", "release_id", "zip", "note")
]


def scan(folder: Path, note: str) -> list[CheckResult]:
    from orchestration.gates.gx import run_checks

    folder.mkdir(exist_ok=True)
    build = folder / "build.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute(
            "create table goals as select '37001' as county_fips, '2026-11-03' as election, 'HD-014' as district_id, "
            "'US-CONGRESS-01' as contest_id, '20260901-0a1b2c3d' as release_id, '02139-4307' as zip, 5 as votes"
        )
        connection.execute("alter table goals add column note varchar")
        connection.execute("update goals set note = ?", [note])
    info = ReleaseInfo("r", "run", datetime(2026, 9, 2, tzinfo=UTC), date(2026, 9, 1), "c")
    sealed = seal(build, {"warehouse.duckdb": [TableSpec("main.goals", "goals", ("district_id",))]}, folder / "c", info)
    return run_checks(sealed.path / "warehouse.duckdb", identifier_scan(TEXT))


@pytest.mark.parametrize(
    "planted",
    ["write to jane.doe@example.org", "123-45-6789", "call (919) 555-0100 now", "919-555-0100", "919.555.0100"],
)
def test_a_planted_identifier_is_found_and_not_repeated(tmp_path: Path, planted: str) -> None:
    failed = [result for result in scan(tmp_path, planted) if result.status is not Status.PASS]
    assert [(r.check_id, r.status, r.unexpected) for r in failed] == [("privacy.goals.note", Status.FAIL, 1)]
    assert planted not in failed[0].message


@pytest.mark.parametrize("harmless", ["", "precinct 12-34-5678", "1,234,567 of 2026-11-03 at 37001-001"])
def test_identifiers_of_places_and_dates_are_not_taken_for_one(tmp_path: Path, harmless: str) -> None:
    results = scan(tmp_path, harmless)
    assert len(results) == 7
    assert {result.status for result in results} == {Status.PASS}


def test_the_scan_may_not_be_waived() -> None:
    checks = identifier_scan(TEXT)
    assert len(checks) == len(TEXT)
    assert all(isinstance(check, Check) and not check.waivable for check in checks)
