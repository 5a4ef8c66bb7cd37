"""The orchestrator asks every few minutes whether today's release is there, and says so once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from support.refused_runs import TOTALS, refused_home

from orchestration import alerts
from orchestration.alerts import Message
from orchestration.defs import automation


def test_the_sensor_tells_once_and_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused_home(tmp_path)
    monkeypatch.setenv("WINNUMBER_HOME", str(tmp_path))
    told: list[Message] = []
    monkeypatch.setattr(alerts, "announce", lambda _, message: told.append(message))

    class SevenInNewYork(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2026, 9, 3, 11, 0, tzinfo=UTC)

    monkeypatch.setattr(automation, "datetime", SevenInNewYork)
    sensor = automation.deadline_sensor()
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    with dg.instance_for_test() as instance:
        ticks = [sensor.evaluate_tick(dg.build_sensor_context(instance=instance)) for _ in range(2)]
    assert [t.run_requests for t in ticks] == [[], []]
    assert TOTALS in (ticks[0].skip_message or "")
    assert "nothing new to tell" in (ticks[1].skip_message or "")
    assert [m.kind for m in told] == ["missing"]
