"""Run the Dagster job in this process and say what came of it, as an exit code and in words."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration import settings as config
from orchestration.cli import Exit
from orchestration.disk_advice import advice
from orchestration.refresh import Report, failed_dbt_tests
from orchestration.withhold import public_error


@dataclass
class Outcome:
    """What a refresh came to. ``serving``: the release that readers see now."""

    code: Exit
    report: Report | None
    serving: str | None
    warehouse: Path | None
    causes: list[str] = field(default_factory=list)
    log: Path | None = None

    def document(self) -> dict[str, Any]:
        """For machines."""
        report = self.report
        return {
            "exit_code": int(self.code),
            "outcome": self.code.name.lower(),
            "release_id": report.release_id if report else None,
            "published": report.published if report else None,
            "data_as_of": report.data_as_of if report else None,
            "run_id": report.run_id if report else None,
            "serving": self.serving,
            "warehouse": str(self.warehouse) if self.warehouse else None,
            "causes": self.causes,
            "remarks": report.remarks if report else [],
        }

    def lines(self) -> list[str]:
        """For people."""
        stays = f"Readers still see release {self.serving}." if self.serving else "Nothing has been published yet."
        if self.code == Exit.PUBLISHED and self.report is not None:
            held = [f"Held back, last good delivery used: {h['cause']}" for h in self.report.held]
            what = (
                f"Release {self.report.release_id} was already current: rebuilt and verified identical."
                if self.report.published == "unchanged"
                else f"Published release {self.report.release_id} (data as of {self.report.data_as_of})."
            )
            return [*self.report.remarks, *held, f"{what} Query it at {self.warehouse}"]
        words = {
            Exit.GATE_REFUSED: "The gate refused this build.",
            Exit.DELIVERY_REFUSED: "A delivery was refused.",
            Exit.BUSY: "Another refresh is running.",
        }
        log = [f"Log: {self.log}"] if self.log and self.code == Exit.INTERNAL else []
        remarks = self.report.remarks if self.report else []
        return [words.get(self.code, "The refresh failed."), *(f"  {c}" for c in self.causes), *remarks, stays, *log]


def dagster_home(settings: config.Settings) -> Path:
    """Where the orchestrator keeps its runs; configured from the project's ``dagster.yaml``."""
    home = Path(os.environ.get("DAGSTER_HOME") or settings.paths.dagster)
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(config.PROJECT_ROOT / "dagster.yaml", home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["WINNUMBER_EVENT_LOG"] = str(home / "history" / "runs")
    return home


def run_job() -> Outcome:
    """Run ``daily_refresh`` here and now, as the schedule and the UI do elsewhere.

    The writer's lock is taken before anything else, under the number the run will have: whoever is turned away has
    written nothing, and nobody comes in between the look at the lock and the start of the job.
    """
    from orchestration.publish.errors import Busy
    from orchestration.publish.lock import single_writer

    settings = config.load()
    run_id = str(uuid.uuid4())
    try:
        with single_writer(settings.paths.lock, run_id, "cli"):
            return _refresh(settings, run_id)
    except Busy as busy:
        return _outcome(settings, Exit.BUSY, None, [str(busy)])
    except Exception as error:
        said = public_error(error)
        return _outcome(settings, Exit.INTERNAL, None, _advised(settings, [f"{type(said).__name__}: {said}"]))


def _refresh(settings: config.Settings, run_id: str) -> Outcome:
    log = settings.paths.build / "refresh.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as out, redirect_stdout(out):
        try:
            dagster_home(settings)
            success, errors = _execute(settings, run_id)
        except Exception as error:
            said = public_error(error)
            print(f"{type(said).__name__}: {said}", file=out)
            return _outcome(settings, Exit.INTERNAL, None, _advised(settings, [f"{type(said).__name__}: {said}"]), log)
    folder = settings.paths.build / run_id
    report = Report.read(folder)
    if success and report is not None and report.published:
        return _outcome(settings, Exit.PUBLISHED, report, [], log)
    code, causes = _why(folder, report, errors)
    if code == Exit.INTERNAL:
        causes = _advised(settings, causes)
    return _outcome(settings, code, report, causes, log)


def _advised(settings: config.Settings, causes: list[str]) -> list[str]:
    """The causes, and what to do where the disk or its permissions are to blame."""
    said = advice(" ".join(causes), settings.paths.home)
    return [*causes, said] if said else causes


def _execute(settings: config.Settings, run_id: str) -> tuple[bool, list[str]]:
    import logging

    from dagster import DagsterInstance

    from orchestration.definitions import defs
    from orchestration.defs.automation import JOB
    from orchestration.defs.interrupted import close_interrupted
    from orchestration.defs.resources import WHO

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    job = defs.resolve_job_def(JOB)
    with DagsterInstance.get() as instance:
        close_interrupted(instance, JOB, settings.paths.lock)
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_id=run_id,
            tags={WHO: "cli"},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        errors = []
        for event in result.get_step_failure_events():
            data = event.step_failure_data
            first = data.error.cause or data.error if data.error else None
            said = first.message.strip() if first else "failed"
            errors.append(f"{event.step_key}: {said.splitlines()[0]}")
        if not errors:
            errors = _before_the_first_step(result.all_events)
        return result.success, errors


def _before_the_first_step(events: Sequence[Any]) -> list[str]:
    """What went wrong where no step had begun: the lock, the run's folder, strays in landing."""
    found = [getattr(e.event_specific_data, "error", None) for e in events if e.is_failure]
    return [(error.cause or error).message.strip().splitlines()[0] for error in found if error is not None]


def _why(folder: Path, report: Report | None, errors: list[str]) -> tuple[Exit, list[str]]:
    if busy := [e for e in errors if "Busy" in e]:
        return Exit.BUSY, busy
    if report is None:
        return Exit.INTERNAL, errors
    if report.refused:
        return Exit.DELIVERY_REFUSED, [f"{r['source']}: {r['cause']}" for r in report.refused]
    if report.gate_causes:
        return Exit.GATE_REFUSED, report.gate_causes
    tests = failed_dbt_tests(folder)
    if tests:
        return Exit.GATE_REFUSED, [f"dbt test {t['name']}: {t['failures']} row(s)" for t in tests]
    return Exit.INTERNAL, errors or ["the run failed before its first step"]


def _outcome(
    settings: config.Settings,
    code: Exit,
    report: Report | None,
    causes: list[str],
    log: Path | None = None,
) -> Outcome:
    from orchestration.publish.errors import DamagedRelease
    from orchestration.publish.releases import current_release

    try:
        live = current_release(settings.paths.home)
    except (OSError, DamagedRelease) as error:
        live, causes = None, [*causes, f"what readers see cannot be told: {error}"]
    if not causes and code not in (Exit.PUBLISHED,):
        causes = ["no cause was recorded; see the log"]
    return Outcome(
        code,
        report,
        live.release_id if live else None,
        live.path / "warehouse.duckdb" if live else None,
        causes,
        log,
    )


if __name__ == "__main__":
    sys.exit(run_job().code)
