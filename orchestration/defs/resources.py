"""What every asset of one run shares: the settings, the run's folder and the single-writer lock."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version

import dagster as dg
from dagster_dbt import DbtCliResource
from packaging.version import Version
from pydantic import PrivateAttr

from orchestration import refresh, transform
from orchestration import settings as config
from orchestration.defs.event_retention import forget_quietly

WHO = "winnumber/who"


def started_by(tags: dict[str, str]) -> str:
    """Who started a run, from its tags: cli, schedule, sensor or ui."""
    if WHO in tags:
        return tags[WHO]
    if "dagster/schedule_name" in tags:
        return f"schedule {tags['dagster/schedule_name']}"
    if "dagster/sensor_name" in tags:
        return f"sensor {tags['dagster/sensor_name']}"
    return "ui"


class Refresh(dg.ConfigurableResource):
    """Holds the writer's lock from a run's first step to its last, and says where the run works.

    A second run is turned away with ``Busy``, which names the first.
    """

    _run: refresh.Run | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> "Iterator[Refresh]":
        """Take the lock, make the run's folder, tell dbt where the warehouse is."""
        from orchestration.publish.lock import single_writer

        settings = config.load()
        dagster_run = context.run
        run_id = dagster_run.run_id if dagster_run else "adhoc"
        who = started_by(dict(dagster_run.tags) if dagster_run else {})
        run = refresh.Run(run_id, who, datetime.now(UTC), settings)
        with single_writer(settings.paths.lock, run_id, who, join=True):
            refresh.begin(run)
            os.environ.update(transform.environment(settings))
            self._run = run
            try:
                yield self
            finally:
                # Whatever came of it: published, refused, or stopped by a delivery or an error.
                refresh.write_page(run)
                forget_quietly(context.instance, settings.operations.keep_event_days)

    @property
    def run(self) -> refresh.Run:
        """The run in progress."""
        if self._run is None:
            raise RuntimeError("there is no refresh in progress; run the job daily_refresh")
        return self._run


class OfflineDbt(DbtCliResource):
    """dbt whose version is read from what is installed: `dbt --version` looks it up at the package index."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))


def dbt_resource(settings: config.Settings) -> DbtCliResource:
    """The dbt command line of this environment."""
    return OfflineDbt(
        project_dir=str(transform.PROJECT_DIR),
        profiles_dir=str(transform.PROJECT_DIR),
        dbt_executable=transform.tied_dbt(),
    )
