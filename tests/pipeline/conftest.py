"""The homes that the tests of this folder share. A refresh costs most of a minute: each is made once per test run.

Test processes share a folder; whoever needs a home first builds it under a file lock.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from pipeline_homes import deliver, once, standing, winnumber

from orchestration.sample import SamplePlan, write_sample

PLAN = SamplePlan(("NC", "OH", "FL", "VA", "PA"), voters=9_000, days=3, seed=3)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of this test run see."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "pipeline"


@pytest.fixture(scope="session")
def sample(shared: Path) -> Path:
    """Three days of deliveries of nine thousand voters in five states: landing/, truth/, control_totals.csv."""
    return once(shared / "sample", lambda root: void(write_sample(PLAN, root / "landing", root / "truth")))


@pytest.fixture(scope="session")
def refreshed_home(shared: Path, sample: Path) -> Path:
    """A home whose first day was refreshed twice by the command line. Read it; never write to it."""

    def build(home: Path) -> None:
        deliver(sample, home)
        shutil.copytree(sample / "truth", home / "truth")
        first = winnumber(home, "refresh", "--json").json()
        before = standing(home)
        second = winnumber(home, "refresh", "--json").json()
        (home / "told.json").write_text(
            json.dumps({"first": first, "before": before, "second": second, "after": standing(home)})
        )

    return once(shared / "refreshed", build)


def void(_: object) -> None:
    """Forget a result."""
