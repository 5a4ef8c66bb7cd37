"""Tests on real, public election results; skipped where there are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from realdata import ELECTIONS, Loader


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not ELECTIONS.is_dir():
        skip = pytest.mark.skip(reason=f"no real results at {ELECTIONS}; set WINNUMBER_SHARED_DATA to use them")
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def load(tmp_path_factory: pytest.TempPathFactory) -> Loader:
    base = tmp_path_factory.getbasetemp()
    # Test processes have a folder each under one that they share.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return Loader(shared / "real")
