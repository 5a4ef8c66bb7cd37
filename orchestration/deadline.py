"""By when a release must be there, and whether it is.

Belongs here: the hour as a moment, on days with 23 and 25 hours too, and holding a home against it. Does not belong
here: what is said and to whom (`alerts`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orchestration.refresh import Report
from orchestration.settings import Settings


@dataclass(frozen=True)
class Due:
    """One day's release. ``since``: a refresh that finished from then on counts; ``by``: it must have by then (UTC)."""

    day: date
    since: datetime
    by: datetime


@dataclass(frozen=True)
class Standing:
    """How a day stands at a moment: ``made_at`` is when its release was ready (None: not yet)."""

    due: Due
    now: datetime
    made_at: datetime | None

    @property
    def is_missing(self) -> bool:
        """Whether the hour has come and the release has not."""
        return self.made_at is None and self.now >= self.due.by

    @property
    def is_late(self) -> bool:
        """Whether it came after its hour."""
        return self.made_at is not None and self.made_at > self.due.by


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment at which the clock of a zone shows ``at`` on ``day``, in UTC.

    An hour that the clock shows twice is the first of the two. One that it leaves out is counted on from before the
    change, as calendars do (RFC 5545): 02:30 of a night without it comes as 03:30.
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def due(day: date, by: time, refresh_hour: int, zone: ZoneInfo) -> Due:
    """What is due on ``day``: a release by ``by``, made by the refresh scheduled before it or a later one."""
    # A refresh that starts in the evening is yesterday's start of today's release.
    start = day if time(refresh_hour) < by else day - timedelta(days=1)
    return Due(day, moment(start, time(refresh_hour), zone), moment(day, by, zone))


def standing(settings: Settings, now: datetime) -> Standing | None:
    """How today's release stands in the campaign's zone; None when nobody waits for one."""
    by, zone = settings.operations.release_by, ZoneInfo(settings.campaign.time_zone)
    if by is None:
        return None
    today = due(now.astimezone(zone).date(), by, settings.operations.refresh_hour, zone)
    made = [at for at in finished(settings) if today.since <= at <= now]
    return Standing(today, now.astimezone(UTC), min(made, default=None))


def finished(settings: Settings) -> list[datetime]:
    """When a release was made or found to be current already, as far as it is still on record."""
    from orchestration.publish import history

    events = [e.at for e in history.events(settings.paths.home) if e.action == "publish"]
    return sorted([*map(_moment, events), *(_moment(r.finished_at) for r in _done(reports(settings)) if r.finished_at)])


def reports(settings: Settings) -> list[Report]:
    """What the kept runs say of themselves, oldest first."""
    found = [Report.read(p.parent) for p in settings.paths.build.glob("*/report.json") if not p.parent.is_symlink()]
    return sorted((r for r in found if r is not None), key=lambda r: r.started_at)


def _done(found: Iterable[Report]) -> list[Report]:
    return [r for r in found if r.published]


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
