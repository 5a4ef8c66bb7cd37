"""Forgetting the orchestrator's old runs: their rows, events, log files.

Belongs here: what of the orchestrator's own storage is dropped by age. Does not belong here: deliveries, releases and
builds, which are no business of the orchestrator's.
"""

from __future__ import annotations

import logging
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.storage.dagster_run import FINISHED_STATUSES

from orchestration.defs.event_log import KeptOpenEventLog

# So many at a time: the first refresh after a long while must not wait for a year of runs.
AT_ONCE = 50


def forget_quietly(instance: dg.DagsterInstance | None, keep_days: int) -> None:
    """As ``forget_old_runs``; what goes wrong is logged, because it must not make a refresh look failed."""
    if instance is None:
        return
    try:
        forget_old_runs(instance, keep_days)
    except Exception as error:
        logging.getLogger("winnumber").warning("old runs were not forgotten: %s", type(error).__name__)


def forget_old_runs(instance: dg.DagsterInstance, keep_days: int, now: datetime | None = None) -> int:
    """Delete finished runs created more than ``keep_days`` days ago, oldest first; returns how many."""
    before = (now or datetime.now(UTC)) - timedelta(days=keep_days)
    records = instance.get_run_records(
        filters=dg.RunsFilter(statuses=list(FINISHED_STATUSES), created_before=before),
        limit=AT_ONCE, ascending=True,
    )  # fmt: skip
    for record in records:
        run_id = record.dagster_run.run_id
        instance.delete_run(run_id)
        _drop_files(instance, run_id)
    return len(records)


def _drop_files(instance: dg.DagsterInstance, run_id: str) -> None:
    """What steps printed, and the run's own file of events: the storage empties that one and lets it lie."""
    shutil.rmtree(Path(instance.storage_directory()) / run_id, ignore_errors=True)
    if isinstance(instance.event_log_storage, KeptOpenEventLog):
        instance.event_log_storage.forget_run(run_id)
