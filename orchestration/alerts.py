"""What is said when a refresh did not publish or none came in time, and where it is sent.

The message holds what a person needs at five in the morning: which check, what it observed against what is allowed,
what it was before, and what readers still see. Never a value from a person's record.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestration.deadline import Standing, reports, standing
from orchestration.refresh import Report
from orchestration.settings import Settings
from orchestration.trouble import Trouble, troubles

_log = logging.getLogger("winnumber")
SAID = "alert.json"  # what was said last, below the home
SHOWN = 10  # more does not fit on the screen of a phone


@dataclass(frozen=True)
class Message:
    """What is told: ``text`` for people, the rest for machines. ``kind``: failed, missing or late."""

    text: str
    run_id: str
    causes: tuple[str, ...]
    serving: str | None
    kind: str = "failed"
    troubles: tuple[Trouble, ...] = ()


def failure_message(settings: Settings, *, run_id: str, steps: Sequence[str]) -> Message:
    """Say why run ``run_id`` failed and which release stays live."""
    report = Report.read(settings.paths.build / run_id)
    found = troubles(settings, run_id)
    causes = _causes(report, found)
    if not causes:
        causes = [f"step {step} failed" for step in steps] or ["the run failed before its first step"]
    serving = _serving(settings)
    return Message(
        f"winnumber refresh {run_id[:8]} did not publish; {_stays(serving)}. " + _listed(causes),
        run_id,
        tuple(causes),
        serving,
        troubles=tuple(found),
    )


def deadline_message(settings: Settings, now: datetime) -> Message | None:
    """What is to be said about today's release at ``now``, or None while all is well or the hour has not come.

    ``missing``: the hour has come and no release; ``late``: it came after its hour. Whether that was said before is not
    asked here (``tell_if_due``).
    """
    how = standing(settings, now)
    if how is None or not (how.is_missing or how.is_late):
        return None
    zone = ZoneInfo(settings.campaign.time_zone)
    by = f"{how.due.by.astimezone(zone):%H:%M} {settings.campaign.time_zone} on {how.due.day}"
    serving = _serving(settings)
    if how.made_at is not None:
        text = f"winnumber: the release due by {by} is there since {how.made_at.astimezone(zone):%H:%M}"
        return Message(f"{text}; readers see release {serving}.", "", (), serving, "late")
    run, causes, found = _why_missing(settings, how)
    text = f"winnumber: no release by {by}; {_stays(serving)}. "
    return Message(text + _listed(causes), run, tuple(causes), serving, "missing", tuple(found))


def tell_if_due(settings: Settings, now: datetime, tell: Callable[[Message], object] | None = None) -> Message | None:
    """Tell about today's release once, and again when what there is to tell has changed; returns what was told.

    What was said last is kept in the home, so the schedule and a command beside it do not say it twice. ``late`` is
    only said after ``missing`` was. ``tell``: in place of log and webhook.
    """
    message = deadline_message(settings, now)
    if message is None:
        return None
    path = settings.paths.home / SAID
    day = now.astimezone(ZoneInfo(settings.campaign.time_zone)).date().isoformat()
    last = _said(path)
    said_today = last.get("day") == day
    if message.kind == "late" and not (said_today and last.get("kind") == "missing"):
        return None
    content = hashlib.sha256(json.dumps([message.kind, message.causes, message.serving]).encode()).hexdigest()
    if said_today and last.get("content") == content:
        return None
    (tell or (lambda m: announce(settings, m)))(message)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps({"day": day, "kind": message.kind, "content": content}), encoding="utf-8")
    partial.replace(path)
    return message


def announce(settings: Settings, message: Message) -> bool:
    """Log a message and post it to the webhook, if there is one; whether it was posted."""
    level = logging.INFO if message.kind == "late" else logging.ERROR
    _log.log(level, "%s", message.text)
    return send(settings.operations.webhook, message)


def send(webhook: str | None, message: Message) -> bool:
    """Post the message as JSON to ``webhook``; a failure to send is logged, never raised."""
    if not webhook:
        return False
    import httpx

    try:
        httpx.post(webhook, json=asdict(message), timeout=10).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _log.error("could not tell the webhook: %s", type(error).__name__)
        return False
    return True


def _why_missing(settings: Settings, how: Standing) -> tuple[str, list[str], list[Trouble]]:
    """The newest run since the refresh was due, what stands against it in words, and check by check."""
    runs = [r for r in reports(settings) if datetime.fromisoformat(r.started_at) >= how.due.since]
    if not runs:
        hour = how.due.since.astimezone(ZoneInfo(settings.campaign.time_zone))
        return "", [f"no refresh has started since {hour:%H:%M}: is the scheduler running? `winnumber doctor`"], []
    newest = runs[-1]
    found = troubles(settings, newest.run_id)
    causes = _causes(newest, found)
    if not causes:
        from orchestration.publish.lock import current_holder

        holder = current_holder(settings.paths.lock)
        is_running = holder is not None and holder.run_id == newest.run_id
        what = "is still running" if is_running else "stopped without a word; see build/refresh.log"
        causes = [f"refresh {newest.run_id[:8]} by {newest.who} {what}"]
    return newest.run_id, causes, found


def _causes(report: Report | None, found: Sequence[Trouble]) -> list[str]:
    """What stands against a run in words: check by check where that is known."""
    if found:
        return [str(trouble) for trouble in found]
    if report is None:
        return []
    return [*(f"{r['source']}: {r['cause']}" for r in report.refused), *report.gate_causes]


def _listed(causes: Sequence[str]) -> str:
    more = [f"and {len(causes) - SHOWN} more: `winnumber gate --failed`"] if len(causes) > SHOWN else []
    return " | ".join([*causes[:SHOWN], *more])


def _serving(settings: Settings) -> str | None:
    from orchestration.publish.errors import DamagedRelease
    from orchestration.publish.releases import current_release

    try:
        live = current_release(settings.paths.home)
    except DamagedRelease:
        return None
    return live.release_id if live else None


def _stays(serving: str | None) -> str:
    return f"release {serving} stays live" if serving else "nothing was ever published"


def _said(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
