"""Candidates with their gate records, small and real."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from publish_samples import FILES, NOW, build_database, information

from orchestration.gates import record as gate
from orchestration.gates import record_file
from orchestration.gates.checks import Check, CheckResult, Severity, Status
from orchestration.publish.seal import seal

MakeCandidate = Callable[..., Path]


@pytest.fixture(scope="session")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where candidates are kept for the session, so that each is sealed once and copied for every test."""
    return tmp_path_factory.mktemp("sealed")


@pytest.fixture
def candidate(tmp_path: Path, sealed_once: Path) -> MakeCandidate:
    """Make a sealed candidate with a gate record beside it; `again` really seals it anew, in place."""

    def make(
        batch: int = 1, release_id: str | None = None, rows: int = 50, green: bool = True, again: bool = False
    ) -> Path:
        name = release_id or f"20260901-{batch:08x}"
        target = tmp_path / "candidates" / f"{name}-{batch}-{rows}-{green}"
        if again:
            return seal_with_record(sealed_once / target.name / "warehouse.duckdb", target, name, green)
        original = sealed_once / target.name / "candidate"
        if not original.exists():
            build = build_database(original.parent / "warehouse.duckdb", batch, rows)
            seal_with_record(build, original, name, green)
        shutil.rmtree(target, ignore_errors=True)
        return Path(shutil.copytree(original, target))

    return make


def seal_with_record(build: Path, folder: Path, release_id: str, green: bool) -> Path:
    """Seal a build and write a gate record that is green or has a failed check."""
    sealed = seal(build, FILES, folder, information(release_id))
    checks = [
        Check("goals.has_rows", "main.goals", "row_count_between", {"min": 1}),
        Check("people.has_rows", "people.main.people", "row_count_between", {"min": 1}),
    ]
    status = Status.PASS if green else Status.FAIL
    results = [CheckResult(c.check_id, c.table, status, Severity.ERROR, 50, 0, "", "", "") for c in checks]
    record = gate.build(sealed, checks, results, run_id="run-1", created_at=NOW)
    record_file.write(record, folder / "gate.json")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home."""
    return tmp_path / "home"
