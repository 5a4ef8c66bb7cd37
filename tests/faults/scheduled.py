"""Run the refresh's job in this process as the daemon does: with the tag of the schedule. Prints what it came to."""

from __future__ import annotations

from dagster import DagsterInstance

from orchestration import settings as config
from orchestration.cli.job import dagster_home
from orchestration.defs.automation import JOB


def main() -> None:
    """Run the job ``daily_refresh`` once."""
    dagster_home(config.load())
    from orchestration.definitions import defs

    tags = {"dagster/schedule_name": "daily_refresh_schedule"}
    with DagsterInstance.get() as instance:
        result = defs.resolve_job_def(JOB).execute_in_process(instance=instance, raise_on_error=False, tags=tags)
        print("success" if result.success else "failure")
        for event in result.all_events:
            if event.is_failure and event.event_specific_data is not None:
                print(event.message, getattr(event.event_specific_data, "error", ""))


if __name__ == "__main__":
    main()
