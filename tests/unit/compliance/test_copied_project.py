"""A violation planted in the real project's own SQL is stopped by the very judgement that the gate runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from orchestration.compliance.checks import answers, judge_project
from orchestration.contracts.load import load_contracts
from orchestration.gates.checks import Status
from orchestration.settings import load
from orchestration.transform import PROJECT_DIR, dbt_executable, environment

CONTRACTS = load_contracts()
DAY = date(2026, 9, 3)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dbt project, where a test may plant."""
    folder = tmp_path_factory.mktemp("project") / "dbt_project"
    shutil.copytree(PROJECT_DIR, folder, ignore=shutil.ignore_patterns("target", "logs"))
    return folder


def status_after(copy: Path, plants: dict[str, tuple[str, str]]) -> dict[str, tuple[Status, str]]:
    """Plant models (found text -> replacement, by path below models/), compile them, judge; then put them back."""
    kept = {path: (copy / "models" / path).read_text() for path in plants}
    for path, (old, new) in plants.items():
        assert old in kept[path], f"{path} no longer holds {old!r}: plant elsewhere"
        (copy / "models" / path).write_text(kept[path].replace(old, new, 1))
    target = copy.parent / "target"
    try:
        done = subprocess.run(
            [dbt_executable(), "--quiet", "compile", "--project-dir", str(copy), "--profiles-dir", str(copy),
             "--target-path", str(target), "--log-path", str(copy.parent / "logs")],
            env={**os.environ, **environment(load()), "WINNUMBER_BUILD_DB": str(copy.parent / "warehouse.duckdb")},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        judgement = judge_project(target / "manifest.json", [target], CONTRACTS, DAY)
    finally:
        for path, text in kept.items():
            (copy / "models" / path).write_text(text)
    return {check: (result.status, result.message) for check, result in answers(judgement).items()}


def test_violations_planted_in_the_real_models_are_stopped_with_rule_and_path(copy: Path) -> None:
    found = status_after(copy, {
        # A name hides in the label of a county.
        "intermediate/geography/int_geography__geographies.sql": (
            "counties.county_name as geography_name",
            "counties.county_name || (select max(upper(p.last_name)) from {{ ref('int_voters__people') }} as p) "
            "as geography_name"),
        # A file that nobody declared is read.
        "marts/data/model_cards.sql": ("{{ source('models', 'model_cards') }}", "read_parquet('/tmp/bought.parquet')"),
    })  # fmt: skip
    status, message = found["compliance.pii.general_tables"]
    assert status is Status.FAIL
    assert "pii.general_tables" in message
    assert "int_voters__people.last_name -> int_geography__geographies.geography_name -> " in message
    status, message = found["compliance.lineage.readable"]
    assert status is Status.ERROR
    assert "model_cards: it reads the table function" in message
