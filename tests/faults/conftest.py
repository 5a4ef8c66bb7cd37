"""The smallest world that a whole refresh takes, its first day published. Read it, copy it, never write to it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
import whole_refresh

from orchestration.sample import SamplePlan, write_sample

# One state that has everything, at a size where start-up is most of the cost.
PLAN = SamplePlan(("NC",), voters=2_000, days=2, seed=3)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of this test run see."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "faults"


@pytest.fixture(scope="session")
def world(shared: Path) -> Path:
    """``sample``: two days of deliveries. ``home``: the first of them published."""
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "done").exists():
            write_sample(PLAN, shared / "sample" / "landing", shared / "sample" / "truth")
            whole_refresh.deliver(shared / "sample", shared / "home")
            ended = whole_refresh.run(shared / "home", "refresh")
            assert ended.code == 0, ended.out + ended.err
            (shared / "done").touch()
    return shared


@pytest.fixture
def second_day(world: Path, tmp_path: Path) -> Path:
    """A home of its own: the first day published, the second in landing, nothing of it taken in."""
    return whole_refresh.with_second_day(world, tmp_path / "home")


@pytest.fixture(scope="session")
def undisturbed(world: Path) -> Path:
    """A home that took in both days without being disturbed, beside ``trace``: the fault points it passed."""
    with (world / "undisturbed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        home = world / "undisturbed"
        if not (world / "undisturbed.done").exists():
            whole_refresh.with_second_day(world, home)
            ended = whole_refresh.run(home, "refresh", trace=world / "trace")
            assert ended.code == 0, ended.out + ended.err
            (world / "undisturbed.done").touch()
    return home
