"""A run in which checks were deselected builds and seals, and publishes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import whole_refresh as whole

from orchestration.publish.releases import current_release, list_releases
from orchestration.settings import PROJECT_ROOT

pytestmark = pytest.mark.faults
UNCHECKED = str(Path(__file__).with_name("unchecked.py"))


def test_a_refresh_without_dbts_tests_publishes_nothing_and_names_them(second_day: Path) -> None:
    before, content = current_release(second_day), whole.content(second_day)
    done = subprocess.run(
        [sys.executable, UNCHECKED], env=whole.environment(second_day), cwd=PROJECT_ROOT, capture_output=True,
        text=True, timeout=1800, check=False,
    )  # fmt: skip
    assert "failure" in done.stdout.splitlines(), done.stdout + done.stderr[-2000:]
    (run,) = (second_day / "build").glob("*-*-*-*-*")
    assert (run / "candidate" / "warehouse.duckdb").exists(), "it should have come as far as a sealed candidate"
    # Nothing else stood against it: this is what was missing, and all of it.
    record = json.loads((run / "candidate" / "gate.json").read_text())
    assert record["dbt_tests"] == []
    causes = record["verdict"]["causes"]
    assert {f"dbt test {test['name']} did not run" for test in record["required_tests"]} == set(causes)
    assert len(causes) > 400
    assert causes[0] in done.stdout
    assert current_release(second_day) == before
    assert whole.content(second_day) == content
    assert len(list_releases(second_day)) == 1
