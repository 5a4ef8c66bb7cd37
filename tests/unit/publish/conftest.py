"""Candidates with their gate records, small and real."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from publish_samples import (
    CHECKS,
    FILES,
    GATE_KEY,
    build_database,
    information,
    make_home,
    outcomes,
    record_words,
)

from orchestration.gates import record as gate
from orchestration.gates import record_file
from orchestration.gates.checks import Status
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
    failed = replace(outcomes()[0], status=Status.FAIL, message="no row")
    results = outcomes() if green else outcomes(goals__has_rows=failed)
    record = gate.build(sealed, CHECKS, results, **record_words())  # type: ignore[arg-type]
    record_file.write(record, folder / "gate.json", GATE_KEY)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which nothing was published yet."""
    return make_home(tmp_path / "home")
