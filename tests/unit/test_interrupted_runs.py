"""A killed refresh does not keep the next one waiting in the orchestrator's queue."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.interrupted import GRACE, close_interrupted
from orchestration.publish.lock import single_writer

STARTED, FAILED = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE


@dg.job
def daily() -> None:
    pass


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as made:
        yield made


def started(instance: dg.DagsterInstance) -> str:
    run = instance.create_run_for_job(daily)
    event = dg.DagsterEvent(dg.DagsterEventType.PIPELINE_START.value, job_name="daily")
    instance.report_dagster_event(event, run.run_id)
    return run.run_id


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_a_run_whose_process_is_gone_is_closed_and_one_that_holds_the_lock_is_not(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    killed, running, lock = started(instance), started(instance), tmp_path / "refresh.lock"
    later = time.time() + GRACE + 1
    with single_writer(lock, running, "schedule daily_refresh_schedule"):
        assert close_interrupted(instance, "daily", lock, later) == [killed]
        assert (status(instance, killed), status(instance, running)) == (FAILED, STARTED)
    assert close_interrupted(instance, "daily", lock, later) == [running]
    assert close_interrupted(instance, "daily", lock, later) == []


def test_a_run_that_is_still_starting_and_one_of_another_job_are_left_alone(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    young, lock = started(instance), tmp_path / "refresh.lock"
    assert close_interrupted(instance, "daily", lock) == []
    assert close_interrupted(instance, "other", lock, time.time() + 2 * GRACE) == []
    assert status(instance, young) == STARTED
