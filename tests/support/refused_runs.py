"""A home with a release that readers see and a later run that was refused, both with real gate records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from orchestration import settings as config
from orchestration.gates import record as gate
from orchestration.gates import record_file, signing
from orchestration.gates.checks import Check, CheckResult, Severity, Status
from orchestration.gates.demanded import Demanded
from orchestration.gates.record import DbtTest, GateRecord, Override, RequiredTest
from orchestration.publish.candidate import ReleaseInfo, SourceFreshness, TableSpec
from orchestration.publish.releases import publish_demanded
from orchestration.publish.seal import seal
from orchestration.refresh import Report
from orchestration.settings import PROJECT_ROOT, Settings

RELEASE, REFUSED = "20260901-00000001", "20260902-00000002"
GOOD_RUN, BAD_RUN = "aaaaaaaa-good", "bbbbbbbb-bad"
BUILT = datetime(2026, 9, 2, 9, 10, tzinfo=UTC)  # 05:10 in New York
TABLES = ("district_vote_goals", "contests", "field_staffing_plan")
TOTALS, ROWS, KNOWN, SMALL = (
    "district_vote_goals.parts_equal_wholes", "contests.has_rows", "field_staffing_plan.areas_are_known",
    "district_vote_goals.few_areas_moved",
)  # fmt: skip


def settings_of(home: Path, **operations: object) -> Settings:
    """The project's own settings for a home; ``operations``: fields to set otherwise."""
    from dataclasses import replace

    found = config.load(home, PROJECT_ROOT / "winnumber.toml")
    return replace(found, operations=replace(found.operations, webhook=None, **operations))  # type: ignore[arg-type]


def checks() -> list[Check]:
    """Four checks, one of them a warning, with their owners."""
    return [
        Check(TOTALS, "main.district_vote_goals", "row_count_between", {"min": 1}, owner="analysis"),
        Check(ROWS, "main.contests", "row_count_between", {"min": 1}, owner="data"),
        Check(KNOWN, "main.field_staffing_plan", "row_count_between", {"min": 1}, owner="field"),
        Check(SMALL, "main.district_vote_goals", "row_count_between", {"min": 1}, severity=Severity.WARN,
              owner="analysis"),
    ]  # fmt: skip


def candidate(folder: Path, release_id: str, built: datetime, run_id: str) -> Path:
    """A sealed candidate of three small tables."""
    folder.mkdir(parents=True, exist_ok=True)
    build = folder / "warehouse.duckdb"
    with duckdb.connect(str(build)) as con:
        con.execute("create schema marts")
        for table in TABLES:
            con.execute(f"create table marts.{table} as select range::varchar as id, {built.day} as n from range(9)")
    info = ReleaseInfo(
        release_id, run_id, built, date(built.year, built.month, built.day - 1), "c0de",
        sources=(
            SourceFreshness("nc_voters", f"nc_voters/{built.date()}/abc", built.date(), built),
            SourceFreshness("van", "van/2026-08-20/def", date(2026, 8, 20), held=True, note="the newest was refused"),
        ),
    )  # fmt: skip
    files = {"warehouse.duckdb": [TableSpec(f"marts.{t}", t, ("id",)) for t in TABLES]}
    seal(build, files, folder / "candidate", info)
    return folder / "candidate"


def demanded() -> Demanded:
    """What publishing demands of these candidates."""
    return Demanded(checks(), [RequiredTest("sums_add_up")], {"warehouse.duckdb": TABLES}, "c0de", "")


def write_record(
    home: Path, folder: Path, results: Sequence[CheckResult], created: datetime, run_id: str,
    tests: Sequence[DbtTest] = (), overrides: Sequence[Override] = (),
) -> GateRecord:  # fmt: skip
    """Bind results to the candidate in ``folder`` and write them beside it."""
    from orchestration.publish.candidate import measure

    made = gate.build(
        measure(folder), checks(), results, run_id=run_id, created_at=created, dbt_tests=tests, overrides=overrides,
        required_tests=demanded().dbt_tests, code_hash="c0de",
    )  # fmt: skip
    record_file.write(made, folder / "gate.json", signing.signing_key(home))
    return made


def passed(check: Check, observed: str = "9 rows") -> CheckResult:
    """A check that passed."""
    return CheckResult(check.check_id, check.table, Status.PASS, check.severity, 9, 0, observed, "at least 1 row", "")


def failed(check: Check, observed: str, expected: str, message: str, unexpected: int = 3) -> CheckResult:
    """A check that did not."""
    status = Status.FAIL if check.severity is Severity.ERROR else Status.WARN
    return CheckResult(check.check_id, check.table, status, check.severity, 9, unexpected, observed, expected, message)


def publish_good(home: Path) -> None:
    """The release that readers see: every check passed."""
    run = home / "build" / GOOD_RUN
    folder = candidate(run, RELEASE, BUILT, GOOD_RUN)
    write_record(home, folder, [passed(c) for c in checks()], BUILT, GOOD_RUN, [DbtTest("sums_add_up", "pass", 0)])
    publish_demanded(folder, folder / "gate.json", home, demanded, by="cli")
    log = home / "releases.jsonl"  # the log says when it was written; here it was that morning
    log.write_text(json.dumps({**json.loads(log.read_text()), "at": BUILT.isoformat()}) + "\n")
    Report(
        GOOD_RUN, "schedule daily_refresh_schedule", BUILT.isoformat(), gate="green", published="published",
        release_id=RELEASE, data_as_of="2026-09-01", finished_at=(BUILT + timedelta(minutes=4)).isoformat(),
    ).write(run)  # fmt: skip


def refuse_next(home: Path) -> GateRecord:
    """The next morning's run: one check failed, one was waived, one warned, a dbt test failed."""
    run, at = home / "build" / BAD_RUN, BUILT + timedelta(days=1)
    folder = candidate(run, REFUSED, at, BAD_RUN)
    totals, rows, known, small = checks()
    override = Override(KNOWN, "two new precincts, confirmed with the county", "R. Operator", at + timedelta(hours=20))
    record = write_record(
        home,
        folder,
        [
            failed(totals, "12 areas differ", "0 areas", "parts and wholes differ in 12 areas"),
            passed(rows),
            failed(known, "2 areas unknown", "0 areas", "2 areas are not in the list"),
            failed(small, "31 areas moved", "at most 20 areas", "31 areas moved by more than 5 points"),
        ],
        at, BAD_RUN, [DbtTest("sums_add_up", "fail", 7)], [override],
    )  # fmt: skip
    Report(
        BAD_RUN, "schedule daily_refresh_schedule", at.isoformat(), gate="refused", release_id=REFUSED,
        data_as_of="2026-09-02", gate_causes=list(record.verdict.causes),
    ).write(run)  # fmt: skip
    return record


def refused_home(home: Path) -> Path:
    """Both, one after the other."""
    publish_good(home)
    refuse_next(home)
    return home
