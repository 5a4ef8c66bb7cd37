"""Refreshes started at the same time, by whomever: one runs, the others say who runs and since when."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import whole_refresh as whole

from orchestration.publish.lock import Holder, current_holder, single_writer
from orchestration.settings import PROJECT_ROOT

pytestmark = pytest.mark.faults
SCHEDULED = str(Path(__file__).with_name("scheduled.py"))


def scheduled(home: Path) -> subprocess.Popen[str]:
    """Start the job as the schedule does, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, SCHEDULED], env=whole.environment(home), cwd=PROJECT_ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def written(home: Path) -> dict[str, tuple[int, int]]:
    """Everything of a home but the orchestrator's own notes and the locks."""
    return {
        str(p.relative_to(home)): (p.lstat().st_size, p.lstat().st_mtime_ns)
        for p in home.rglob("*")
        if p.is_file() and p.relative_to(home).parts[0] != "dagster" and p.suffix != ".lock" and p.name != ".lock"
    }


def holder_of(home: Path, process: subprocess.Popen[Any]) -> Holder:
    """Who runs, once somebody does."""
    while (holder := current_holder(home / "refresh.lock")) is None:
        assert process.poll() is None, "it ended before it took the lock"
        time.sleep(0.05)
    return holder


def test_of_four_refreshes_started_at_once_one_runs_and_three_name_it(second_day: Path) -> None:
    builds = {p.name for p in (second_day / "build").iterdir()}
    started = [whole.start(second_day, "refresh", fault="opt_outs.read:kill") for _ in range(4)]
    ended = [whole.end(process) for process in started]
    assert sorted(e.code for e in ended) == [whole.KILLED, 4, 4, 4]
    (run_id,) = {p.name for p in (second_day / "build").iterdir()} - builds - {"active"}
    for turned_away in (e for e in ended if e.code == 4):
        assert f"refresh {run_id} by cli since 20" in turned_away.err
    assert current_holder(second_day / "refresh.lock") is None


def test_the_schedules_job_and_a_persons_command_turn_each_other_away(second_day: Path) -> None:
    before = written(second_day)
    # `definitions` are loaded, and dbt's project parsed, before any run begins; so only what a run writes may differ.
    with single_writer(second_day / "refresh.lock", "run-9", "cli") as held:
        first = whole.end(scheduled(second_day))
        assert "failure" in first.out.splitlines(), first.out
        assert f"refresh run-9 by cli since {held.since} is running" in first.out
        parsed = str(Path("build") / "dbt")
        assert {n: s for n, s in written(second_day).items() if not n.startswith(parsed)} == {
            n: s for n, s in before.items() if not n.startswith(parsed)
        }
    job = scheduled(second_day)
    try:
        running = holder_of(second_day, job)
        assert running.who == "schedule daily_refresh_schedule"
        second = whole.run(second_day, "refresh")
        assert second.code == 4
        assert f"refresh {running.run_id} by schedule daily_refresh_schedule since {running.since}" in second.err
    finally:
        whole.kill_group(job)
        job.wait()
    assert not whole.lives_on(job)
    assert current_holder(second_day / "refresh.lock") is None
