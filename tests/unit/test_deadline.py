"""By when a release must be there, on every kind of day, and whether it is."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from support.refused_runs import BAD_RUN, BUILT, settings_of

from orchestration.deadline import due, moment, standing
from orchestration.publish import history
from orchestration.refresh import Report

NEW_YORK, SYDNEY = ZoneInfo("America/New_York"), ZoneInfo("Australia/Sydney")
BY = time(7)


@pytest.mark.parametrize(
    ("zone", "day", "utc"),
    [
        (NEW_YORK, date(2026, 3, 7), "2026-03-07T12:00"),
        (NEW_YORK, date(2026, 3, 8), "2026-03-08T11:00"),  # an hour was left out in the night
        (NEW_YORK, date(2026, 10, 31), "2026-10-31T11:00"),
        (NEW_YORK, date(2026, 11, 1), "2026-11-01T12:00"),  # an hour came twice
        (SYDNEY, date(2026, 4, 4), "2026-04-03T20:00"),
        (SYDNEY, date(2026, 4, 5), "2026-04-04T21:00"),  # south of the equator it ends in autumn, which is April
        (SYDNEY, date(2026, 10, 3), "2026-10-02T21:00"),
        (SYDNEY, date(2026, 10, 4), "2026-10-03T20:00"),
    ],
)
def test_the_hour_is_the_clocks_on_days_with_23_and_25_hours_too(zone: ZoneInfo, day: date, utc: str) -> None:
    assert moment(day, BY, zone) == datetime.fromisoformat(f"{utc}:00+00:00")
    # Whoever looks at the clock at that moment reads seven.
    assert f"{moment(day, BY, zone).astimezone(zone):%F %H:%M}" == f"{day} 07:00"


@pytest.mark.parametrize(
    ("zone", "day", "first", "second"),
    [
        (NEW_YORK, date(2026, 11, 1), "05:30", "06:30"),
        (SYDNEY, date(2026, 4, 5), "15:30", "16:30"),
    ],
)
def test_an_hour_that_comes_twice_is_the_first_of_the_two(zone: ZoneInfo, day: date, first: str, second: str) -> None:
    at = time(1, 30) if zone is NEW_YORK else time(2, 30)
    found = moment(day, at, zone)
    assert f"{found:%H:%M}" == first
    later = found + timedelta(hours=1)
    assert (f"{later:%H:%M}", later.astimezone(zone).time()) == (second, at)


@pytest.mark.parametrize(("zone", "day"), [(NEW_YORK, date(2026, 3, 8)), (SYDNEY, date(2026, 10, 4))])
def test_an_hour_that_is_left_out_comes_an_hour_later(zone: ZoneInfo, day: date) -> None:
    assert moment(day, time(2, 30), zone).astimezone(zone).time() == time(3, 30)


@pytest.mark.parametrize("zone", [NEW_YORK, SYDNEY])
@pytest.mark.parametrize(("refresh_hour", "by"), [(5, time(7)), (22, time(7)), (1, time(2, 30)), (2, time(2, 30))])
def test_every_day_of_a_year_has_one_hour_and_they_follow_each_other(
    zone: ZoneInfo, refresh_hour: int, by: time
) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(366)]
    found = [due(day, by, refresh_hour, zone) for day in days]
    for one, following in itertools.pairwise(found):
        assert one.since < one.by < following.by
        assert one.since < following.since
        assert timedelta(hours=22) < following.by - one.by < timedelta(hours=26)


def test_a_refresh_of_the_evening_before_counts_for_the_morning() -> None:
    found = due(date(2026, 9, 2), BY, 22, NEW_YORK)
    assert (f"{found.since.astimezone(NEW_YORK):%F %H}", f"{found.by.astimezone(NEW_YORK):%F %H}") == (
        "2026-09-01 22", "2026-09-02 07",
    )  # fmt: skip


def run(home: Path, name: str, started: datetime, published: str | None, finished: datetime | None) -> None:
    Report(
        name, "cli", started.isoformat(), published=published, finished_at=finished.isoformat() if finished else None
    ).write(home / "build" / name)


def test_a_release_found_unchanged_is_there_too(tmp_path: Path) -> None:
    run(tmp_path, "one", BUILT, "unchanged", BUILT + timedelta(minutes=5))
    found = standing(settings_of(tmp_path), BUILT + timedelta(hours=3))
    assert found is not None
    assert (found.is_missing, found.is_late, found.made_at) == (False, False, BUILT + timedelta(minutes=5))


def test_yesterdays_release_is_not_todays(tmp_path: Path) -> None:
    run(tmp_path, "one", BUILT, "published", BUILT)
    settings = settings_of(tmp_path)
    at_seven = datetime(2026, 9, 3, 11, 0, tzinfo=UTC)
    early, then = standing(settings, at_seven - timedelta(seconds=1)), standing(settings, at_seven)
    assert early is not None
    assert then is not None
    assert (early.is_missing, then.is_missing) == (False, True)


def test_a_run_that_did_not_publish_is_no_release(tmp_path: Path) -> None:
    run(tmp_path, BAD_RUN, BUILT, None, None)
    found = standing(settings_of(tmp_path), BUILT + timedelta(hours=3))
    assert found is not None
    assert found.is_missing


def test_a_release_after_its_hour_is_late(tmp_path: Path) -> None:
    run(tmp_path, "one", BUILT, "published", datetime(2026, 9, 2, 12, 30, tzinfo=UTC))
    found = standing(settings_of(tmp_path), BUILT + timedelta(hours=8))
    assert found is not None
    assert (found.is_missing, found.is_late) == (False, True)


def test_the_log_of_releases_counts_when_the_builds_are_gone(tmp_path: Path) -> None:
    history.append(tmp_path, "publish", "20260901-00000001", None, "cli")
    now = datetime.now(UTC)
    settings = settings_of(tmp_path, refresh_hour=0, release_by=time(23, 59))
    found = standing(settings, now)
    assert found is not None
    assert found.made_at is not None


def test_nobody_waits_where_no_hour_is_set(tmp_path: Path) -> None:
    assert standing(settings_of(tmp_path, release_by=None), BUILT) is None
