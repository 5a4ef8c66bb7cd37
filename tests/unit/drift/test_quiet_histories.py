"""What must not alarm does not: quiet days, deadlines, first releases, changes that a person acknowledged."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest
from support.drift_worlds import World, fired, lived, open_world, publish

from orchestration.drift.history import KEPT
from orchestration.drift.judge import JUDGED
from orchestration.drift.profile import PROFILE


def alarms(world: World, con: duckdb.DuckDBPyConnection, releases: int, step: int = 1) -> dict[str, int]:
    """Slices out of their band, by level, over ``releases`` quiet releases, and how many were judged."""
    counts = {"ok": 0, "warn": 0, "error": 0, "counties": 0}
    for ordinal in range(1, releases + 1):
        world.profile(con)
        fired(con)
        for level, count in con.execute(f"select level, count(*) from {JUDGED} group by level").fetchall():
            counts[level] += count
        counts["counties"] += con.execute(
            f"select count(*) from {JUDGED} where measure = 'voters' and slice_kind = 'county' and against = 'last'"
        ).fetchall()[0][0]
        publish(con, ordinal)
        con.execute("delete from drift_past where ordinal <= ?", [ordinal - KEPT])
        world.live(step)
    return counts


def test_the_first_release_ever_fires_nothing() -> None:
    con = open_world()
    World(counties=10).profile(con)
    assert fired(con) == set()


@pytest.mark.parametrize("size", [40, 3_000])
def test_quiet_days_of_small_and_large_counties_fire_nothing(size: int) -> None:
    found = alarms(World(counties=25, size=size, seed=5), open_world(), 14)
    assert found["counties"] == 25 * 13
    assert (found["warn"], found["error"]) == (0, 0), found


def test_quiet_weekly_deliveries_fire_nothing() -> None:
    found = alarms(World(counties=15, seed=6), open_world(), 8, step=7)
    assert (found["warn"], found["error"]) == (0, 0), found


def test_new_registrations_before_a_deadline_fire_nothing() -> None:
    world, con = lived(8, counties=20)
    world.growth = 0.003  # ten times a usual day, for ten days
    for ordinal in range(9, 19):
        world.live()
        world.profile(con)
        assert fired(con) == set(), world.day
        publish(con, ordinal)


def test_ballots_of_a_recent_election_may_still_come_in() -> None:
    _, con = lived(6, counties=5)
    con.execute(f"update {PROFILE} set counted = 4 * counted, is_open = true where measure = 'votes'")
    assert "drift.votes_by_election.error" not in fired(con)
    con.execute(f"update {PROFILE} set is_open = false where measure = 'votes'")
    assert "drift.votes_by_election.error" in fired(con)


def test_a_state_and_a_feed_that_are_new_are_no_drift() -> None:
    _, con = lived(6, counties=5)
    today = con.execute(f"from {PROFILE}").fetchall()
    World(counties=5, state="VA", day=today[0][5]).profile(con)
    con.execute(f"delete from {PROFILE} where source is distinct from 'va_voters'")
    con.executemany(f"insert into {PROFILE} values (?,?,?,?,?,?,?,?,?,?)", today)
    assert fired(con) == set()


def test_a_feed_that_pauses_for_a_weekend_is_no_drift() -> None:
    world, con = lived(8, counties=5)
    feeds = world.feeds.copy()
    for ordinal in range(9, 12):
        world.live()
        world.feeds = feeds
        world.profile(con)
        assert fired(con) == set()
        publish(con, ordinal)


def test_days_between_deliveries_widen_a_band_up_to_a_fortnight() -> None:
    _, con = lived(8, counties=5)
    widths = []
    for later in (0, 6, 13, 60):
        con.execute("begin")
        con.execute(f"update {PROFILE} set source_date = source_date + {later} where source = 'nc_voters'")
        fired(con)
        row = con.execute(
            f"select high_error - low_error from {JUDGED} where measure = 'voters' and slice_kind = 'state'"
            " and against = 'last'"
        ).fetchone()
        assert row is not None
        widths.append(row[0])
        con.execute("rollback")
    assert widths[0] < widths[1] < widths[2] == widths[3]


def acknowledge(con: duckdb.DuckDBPyConnection) -> None:
    """Acknowledge everything that was judged out of its band, as it is."""
    con.execute(
        "insert into drift_acknowledged select distinct measure, slice_kind, slice_value, coalesce(observed, 0)"
        f" from {JUDGED} where level in ('warn', 'error')"
    )


def test_an_acknowledged_purge_passes_and_the_band_starts_anew() -> None:
    world, con = lived(8, counties=20)
    world.cells[:, :, 1] = world.cells[:, :, 1] // 3  # two inactive voters in three are struck off
    world.profile(con)
    assert {"drift.voters_by_state.error", "drift.voters_by_status.error"} <= fired(con)
    acknowledge(con)
    assert fired(con) == set()
    con.execute(
        f"insert into drift_rebased select distinct measure, slice_kind, slice_value, 9 from {JUDGED}"
        " where level = 'acknowledged'"
    )
    publish(con, 9)
    con.execute("delete from drift_acknowledged")
    for ordinal in range(10, 13):
        world.live()
        world.profile(con)
        assert fired(con) == set(), ordinal
        publish(con, ordinal)


def test_an_acknowledgement_does_not_cover_a_second_fault_on_the_same_slices() -> None:
    world, con = lived(8, counties=10)
    world.cells[:, :, 1] = world.cells[:, :, 1] // 3
    world.profile(con)
    fired(con)
    acknowledge(con)
    world.cells = world.cells // 2
    world.profile(con)
    assert {"drift.voters_by_state.error", "drift.voters_by_county.error"} <= fired(con)


def test_acknowledged_districts_pass_and_the_band_starts_anew() -> None:
    world, con = lived(8, counties=20)

    def redistricted() -> None:
        world.profile(con)
        con.execute(
            f"update {PROFILE} set slice_value = replace(slice_value, 'NC-', 'NC-2'), counted = counted * 3 // 2"
            " where measure = 'voters' and slice_kind = 'congressional_district'"
        )

    redistricted()
    found = fired(con)
    assert {"drift.voters_by_congressional_district.error",
            "drift.moved_between_congressional_district_by_state.error"} <= found  # fmt: skip
    assert all("congressional" in check for check in found)
    acknowledge(con)
    assert fired(con) == set()
    con.execute(
        f"insert into drift_rebased select distinct measure, slice_kind, slice_value, 9 from {JUDGED}"
        " where level = 'acknowledged'"
    )
    publish(con, 9)
    con.execute("delete from drift_acknowledged")
    for ordinal in (10, 11):
        world.live()
        redistricted()
        assert fired(con) == set(), ordinal
        publish(con, ordinal)


def test_a_warned_slice_is_held_against_the_release_before_the_warning() -> None:
    world, con = lived(8, counties=10)
    world.cells = world.cells * 993 // 1000
    world.profile(con)
    assert "drift.voters_by_state.warn" in fired(con)
    publish(con, 9)
    world.day += timedelta(days=1)
    world.profile(con)
    last = "select level from drift_judged where measure = 'voters' and slice_kind = 'state' and against = 'last'"
    fired(con)
    assert con.execute(last).fetchall() == [("ok",)]
    con.execute("insert into drift_pinned values ('voters', 'state', 'NC', 8)")
    fired(con)
    assert con.execute(last).fetchall() == [("warn",)]


@pytest.mark.slow
def test_five_hundred_quiet_releases_of_a_hundred_counties_fire_almost_nothing() -> None:
    found = alarms(World(counties=100, seed=11), open_world(), 500)
    print(found)
    assert found["error"] == 0
    assert found["warn"] <= found["counties"] / 10_000
