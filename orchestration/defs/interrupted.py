"""Runs whose process is gone: the orchestrator would call them started, and begin no other, for hours.

Its own monitoring cannot ask a local process how it is, and a run is one of at most one at a time. The writer's lock
can be asked: the kernel frees it with the process. Does not belong here: why a run ended (``alerts`` says it).
"""

from __future__ import annotations

import time
from pathlib import Path

import dagster as dg

from orchestration.publish.lock import current_holder

# Seconds from a run's start to its taking of the lock, with room: loading took 3 to 12 s (measured 2026-11-26).
GRACE = 120.0
GONE = "The process of this refresh is gone (killed, or the machine went down). Nothing of it was published."


def close_interrupted(instance: dg.DagsterInstance, job: str, lock: Path, now: float | None = None) -> list[str]:
    """Mark as failed every started run of ``job`` that does not hold the writer's lock; returns their ids."""
    holder = current_holder(lock)
    now = time.time() if now is None else now
    started = instance.get_run_records(dg.RunsFilter(job_name=job, statuses=[dg.DagsterRunStatus.STARTED]))
    closed = []
    for record in started:
        run = record.dagster_run
        is_running = holder is not None and holder.run_id == run.run_id
        if not is_running and record.start_time is not None and now - record.start_time > GRACE:
            instance.report_run_failed(run, GONE)
            closed.append(run.run_id)
    return closed
