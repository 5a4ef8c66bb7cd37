"""When a refresh runs and who is told: the job, the daily schedule, the sensors for files, failures and the hour."""

import json
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from orchestration import alerts, demands
from orchestration import settings as config
from orchestration.defs.interrupted import close_interrupted

JOB = "daily_refresh"
Job = Any  # the orchestrator has no public name for a job over assets before it is resolved


def refresh_job() -> Job:
    """Everything, in one process: a refresh has one writer, and start-up is paid once."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="From landed files to a published release; readers keep the last one until it is green.",
        tags={"dagster/max_retries": "0"},
    )


def daily_schedule(settings: config.Settings, job: Job) -> dg.ScheduleDefinition:
    """Every day at the campaign's hour, in its time zone."""
    return dg.ScheduleDefinition(
        name="daily_refresh_schedule",
        job=job,
        cron_schedule=f"0 {settings.operations.refresh_hour} * * *",
        execution_timezone=settings.campaign.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="The daily refresh.",
    )


def file_drop_sensor(job: Job) -> dg.SensorDefinition:
    """Start a refresh when something new has landed and stopped growing; keyed by its content."""

    @dg.sensor(name="file_drop", job=job, minimum_interval_seconds=60)
    def file_drop(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        from orchestration.ingest.watch import look

        seen = json.loads(context.cursor) if context.cursor else {}
        sight = look(config.load().paths.home, demands.delivered(), seen)
        context.update_cursor(json.dumps(sight.cursor))
        if not sight.ready:
            return dg.SkipReason(sight.reason)
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=sight.content_hash, tags={"winnumber/landed": ", ".join(sight.ready)})]
        )

    return file_drop


def interruption_sensor() -> dg.SensorDefinition:
    """Close runs whose process was killed, so that the next refresh is not kept waiting for them."""

    @dg.sensor(name="interrupted_refreshes", minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
    def interrupted_refreshes(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        closed = close_interrupted(context.instance, JOB, config.load().paths.lock)
        return dg.SkipReason(f"closed {', '.join(closed)}" if closed else "no refresh was interrupted")

    return interrupted_refreshes


def failure_sensor(job: Job) -> dg.SensorDefinition:
    """Log a failed refresh and tell the webhook: which step, why, and what readers still see."""

    @dg.run_failure_sensor(name="refresh_failed", monitored_jobs=[job], default_status=dg.DefaultSensorStatus.RUNNING)
    def refresh_failed(context: dg.RunFailureSensorContext) -> None:
        settings = config.load()
        message = alerts.failure_message(
            settings,
            run_id=context.dagster_run.run_id,
            steps=[e.step_key for e in context.get_step_failure_events() if e.step_key],
        )
        alerts.announce(settings, message)

    return refresh_failed


def deadline_sensor() -> dg.SensorDefinition:
    """Tell when no release is there by `operations.release_by`: once a day, and again when the reason changes."""

    @dg.sensor(name="release_deadline", minimum_interval_seconds=300, default_status=dg.DefaultSensorStatus.RUNNING)
    def release_deadline(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        told = alerts.tell_if_due(config.load(), datetime.now(UTC))
        return dg.SkipReason(told.text if told else "there is nothing new to tell about today's release")

    return release_deadline
