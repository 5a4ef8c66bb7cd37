"""The orchestrator's own storage does not grow for ever: old finished runs go with everything kept of them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.event_log import KeptOpenEventLog
from orchestration.defs.event_retention import forget_old_runs, forget_quietly
from orchestration.settings import PROJECT_ROOT


@dg.op
def work() -> None:
    """Nothing."""


@dg.job
def small() -> None:
    """One step."""
    work()


def test_old_runs_are_forgotten_with_their_events_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(PROJECT_ROOT / "dagster.yaml", tmp_path)
    events = tmp_path / "history" / "runs"
    monkeypatch.setenv("WINNUMBER_EVENT_LOG", str(events))
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert isinstance(instance.event_log_storage, KeptOpenEventLog)
        old = [small.execute_in_process(instance=instance).run_id for _ in range(2)]
        going = instance.create_run_for_job(small, status=dg.DagsterRunStatus.STARTED).run_id
        between = datetime.now(UTC)
        new = small.execute_in_process(instance=instance).run_id
        for run_id in (*old, new):
            (tmp_path / "storage" / run_id / "compute_logs").mkdir(parents=True, exist_ok=True)
        assert forget_old_runs(instance, 90, between + timedelta(days=89)) == 0
        assert forget_old_runs(instance, 90, between + timedelta(days=90)) == 2
        assert {r.run_id for r in instance.get_runs()} == {going, new}
        assert {p.name for p in (tmp_path / "storage").iterdir()} >= {new}
        for run_id in old:
            assert not list(events.glob(f"{run_id}*"))
            assert not (tmp_path / "storage" / run_id).exists()
            assert instance.all_logs(run_id) == []
        assert len(instance.all_logs(new)) > 3
        forget_quietly(instance, 90)
        # The storage still works, also for a run that has the name of a forgotten one.
        assert small.execute_in_process(instance=instance).success


def test_what_goes_wrong_while_forgetting_fails_no_refresh(caplog: pytest.LogCaptureFixture) -> None:
    forget_quietly(object(), 90)  # type: ignore[arg-type]
    assert "old runs were not forgotten: AttributeError" in caplog.text
    forget_quietly(None, 90)
