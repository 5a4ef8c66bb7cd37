"""What readers see, how old it is, and what runs out soon."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestration.health.findings import Finding, Level, judged
from orchestration.settings import Settings

SOON = timedelta(hours=48)
EXCUSES_SOON = timedelta(days=14)
# The daemon notes every 30 seconds that it lives; dagster itself counts it as gone after 5 minutes.
HEARTBEAT = timedelta(minutes=5)


def release(settings: Settings) -> Finding:
    """Whether the current release is what its gate record names, byte for byte."""
    from orchestration.publish.errors import DamagedRelease, NoSuchRelease
    from orchestration.publish.releases import current_release, verify_release

    live = None
    try:
        live = current_release(settings.paths.home)
        if live is not None:
            verify_release(settings.paths.home)
    except (DamagedRelease, NoSuchRelease) as error:
        return Finding("current release", Level.FAIL, str(error), "roll back to a kept release: `winnumber rollback`")
    said = f"{live.release_id}, as its gate record names it" if live else "none yet"
    return Finding("current release", Level.OK, said)


def on_time(settings: Settings, now: datetime) -> Finding:
    """Whether today's release is there by its hour."""
    from orchestration.deadline import finished, standing

    how = standing(settings, now)
    if how is None:
        return Finding("release by", Level.OK, "operations.release_by is not set: nobody waits for one")
    zone = ZoneInfo(settings.campaign.time_zone)
    by = f"{how.due.by.astimezone(zone):%H:%M} {settings.campaign.time_zone}"
    last = max((at for at in finished(settings) if at <= now), default=None)
    age = f"the last one is {_age(now - last)} old" if last else "there was never one"
    if how.is_missing:
        return Finding("release by", Level.FAIL, f"none by {by} today; {age}", "`winnumber alert --dry-run` says why")
    said = "is there" if how.made_at else "not due yet"
    return Finding("release by", Level.OK, f"today's, due by {by}, {said}; {age}")


def clock(settings: Settings, now: datetime) -> Finding:
    """Whether this machine's clock can be right: it is not behind what was written here before."""
    written = dict(_written(settings))
    ahead = {what: at for what, at in written.items() if at > now + timedelta(minutes=1)}
    said = "; ".join(f"{what} is of {at.isoformat(timespec='seconds')}" for what, at in ahead.items())
    return judged(
        "clock", not ahead, f"it is {now.isoformat(timespec='seconds')} here, but {said}" if said else "not behind",
        "set the clock (NTP) before the next refresh: overrides, retention and ages of sources are reckoned by it",
    )  # fmt: skip


def _written(settings: Settings) -> Iterator[tuple[str, datetime]]:
    from orchestration.publish import history

    home = settings.paths.home
    if events := history.events(home):
        yield "the newest entry of releases.jsonl", _moment(max(e.at for e in events))
    built = [_built(path) for path in settings.paths.releases.glob("[!.]*/release.json")]
    if any(built):
        yield "the newest release", max(at for at in built if at)
    if (home / "ledger.sqlite").exists():
        with closing(sqlite3.connect(f"file:{home / 'ledger.sqlite'}?mode=ro", uri=True)) as con:
            row = con.execute("select max(at) from steps").fetchone()
        if row and row[0]:
            yield "the newest entry of the ledger", _moment(row[0])


def _built(path: Path) -> datetime | None:
    try:
        return _moment(json.loads(path.read_text(encoding="utf-8"))["built_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def expiring(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Overrides in force and exceptions to rules of law, and which of them run out soon."""
    from orchestration.compliance.exceptions import load_exceptions
    from orchestration.ingest.ledger import Ledger

    path = settings.paths.home / "ledger.sqlite"
    at = now.astimezone(UTC).isoformat(timespec="seconds")
    overrides = []
    if path.exists():
        with Ledger(path) as ledger:
            overrides = ledger.overrides(at)
    soon = [o for o in overrides if _moment(o.expires_at) - now <= SOON]
    said = "; ".join(f"{o.target} by {o.by_whom} until {o.expires_at}" for o in soon)
    yield judged(
        "overrides", not soon, f"run out within two days: {said}" if soon else f"{len(overrides)} in force",
        "what they let pass is refused again from then on: have it mended, or decide anew with `winnumber override`",
        Level.WARN,
    )  # fmt: skip
    today = now.date()
    excuses = [e for e in load_exceptions() if e.expires - today <= EXCUSES_SOON]
    said = "; ".join(f"{e.id} (approved by {e.approved_by}) on {e.expires}" for e in excuses)
    yield judged(
        "exceptions to rules of law", not excuses, f"end: {said}" if excuses else "none ends within two weeks",
        "renew or remove them in data_contracts/compliance/exceptions.yaml: the gate refuses what only they let pass",
        Level.WARN,
    )  # fmt: skip


def schedule(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Whether the orchestrator would start the daily refresh: its daemon lives, and nobody has stopped the schedule."""
    folder = settings.paths.dagster
    beats = _rows(folder / "history" / "runs.db", "select max(timestamp) from daemon_heartbeats")
    last = beats[0][0] if beats and beats[0][0] else None
    alive = last is not None and now - _beat(str(last)) <= HEARTBEAT
    yield judged(
        "scheduler", alive, "its daemon lives" if alive else "no daemon is running here" if last is None
        else f"its daemon was last alive at {last}",
        "`make ui` runs it; without it only `winnumber refresh` and another scheduler start anything, and nobody tells "
        "of a missing release unless `winnumber alert` is run",
        Level.WARN,
    )  # fmt: skip
    stopped = sorted(_stopped(folder / "schedules" / "schedules.db"))
    yield judged(
        "schedule and sensors", not stopped, f"stopped by hand: {', '.join(stopped)}" if stopped else "as delivered",
        "start them again in the orchestrator's page Automation", Level.WARN,
    )  # fmt: skip


def _stopped(path: Path) -> Iterator[str]:
    for body, status in _rows(path, "select instigator_body, status from instigators"):
        if status == "STOPPED":
            try:
                yield str(json.loads(body)["origin"]["job_name"])
            except (ValueError, KeyError, TypeError):
                yield "one whose name cannot be read"


def _rows(path: Path, query: str) -> list[tuple[str, ...]]:
    """Rows of the orchestrator's own storage; none where it has not been made yet."""
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as con:
            return con.execute(query).fetchall()
    except sqlite3.DatabaseError:
        return []


def _beat(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _age(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours else f"{span.seconds // 60} minutes"
