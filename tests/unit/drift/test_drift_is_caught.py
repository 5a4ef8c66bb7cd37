"""What must alarm does: every check by its killer, and every accident by the checks that are about it."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from support.drift_corruptions import KILLERS, NOT_ABOUT_A_PROFILE, STORIES, Corruption
from support.drift_worlds import World, fired, lived, open_world, publish

from orchestration.drift.checks import drift_checks
from orchestration.drift.profile import PROFILE


@pytest.fixture(scope="module")
def calm() -> duckdb.DuckDBPyConnection:
    """A state of 25 counties with eight quiet daily releases behind it, and a ninth that is quiet too."""
    return lived(8, counties=25)[1]


@pytest.fixture(scope="module")
def young() -> duckdb.DuckDBPyConnection:
    """The same with one release behind it: only the published allowances hold."""
    return lived(1, counties=25)[1]


@pytest.fixture
def today(calm: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    calm.execute("begin")
    yield calm
    calm.execute("rollback")


def test_every_check_has_a_killer_and_no_killer_is_of_a_check_that_is_gone() -> None:
    assert KILLERS.keys() | NOT_ABOUT_A_PROFILE == {check.check_id for check in drift_checks()}


def test_a_quiet_day_fires_nothing(today: duckdb.DuckDBPyConnection) -> None:
    assert fired(today) == set()


@pytest.mark.parametrize("identity", KILLERS)
def test_a_count_just_outside_its_band_fires_the_check(today: duckdb.DuckDBPyConnection, identity: str) -> None:
    KILLERS[identity].change(today)
    found = fired(today)
    assert KILLERS[identity].fires <= found
    if identity.endswith(".warn"):
        assert identity.replace(".warn", ".error") not in found


def caught(con: duckdb.DuckDBPyConnection, story: Corruption) -> None:
    con.execute("begin")
    try:
        story.change(con)
        assert story.fires <= fired(con)
    finally:
        con.execute("rollback")


@pytest.mark.parametrize("story", STORIES)
def test_an_accident_is_caught_with_history(calm: duckdb.DuckDBPyConnection, story: str) -> None:
    caught(calm, STORIES[story])


@pytest.mark.parametrize("story", STORIES)
def test_an_accident_is_caught_on_the_second_release_ever(young: duckdb.DuckDBPyConnection, story: str) -> None:
    caught(young, STORIES[story])


def test_what_counts_only_in_total_is_not_enough_to_hide_a_lost_county(today: duckdb.DuckDBPyConnection) -> None:
    STORIES["a county is lost and the others make up for it"].change(today)
    assert not {"drift.voters_by_state.warn", "drift.voters_by_state.error"} & fired(today)


def test_a_leak_of_one_percent_a_day_is_not_learned() -> None:
    con, world = open_world(), World(counties=25)
    for ordinal in range(1, 9):
        world.profile(con)
        publish(con, ordinal)
        world.live()
    found: list[set[str]] = []
    for ordinal in range(9, 19):
        world.cells = world.cells - world.rng.binomial(world.cells, 0.01)
        world.profile(con)
        found.append(fired(con))
        publish(con, ordinal)  # as if every alarm were ignored
        world.live()
    assert "drift.voters_by_state.warn" in found[0]
    days = [day for day, checks in enumerate(found, start=1) if "drift.voters_by_state.error" in checks]
    assert days, found
    assert 0.99 ** days[0] > 0.95  # before a twentieth of the state is gone
    assert days == list(range(days[0], 11))


def test_a_leak_is_caught_against_the_oldest_release_when_each_step_is_within_its_band(
    today: duckdb.DuckDBPyConnection,
) -> None:
    today.execute(f"update {PROFILE} set counted = counted * 0.955 where measure = 'voters'")
    # Every release but the oldest has leaked as much already.
    today.execute("update drift_past set counted = counted * 0.955 where measure = 'voters' and ordinal > 1")
    fired(today)
    rows = today.execute(
        "select against, level from drift_judged where measure = 'voters' and slice_kind = 'state' order by against"
    ).fetchall()
    assert rows == [("last", "ok"), ("oldest", "error")]


def test_a_county_that_was_not_there_before_fires(today: duckdb.DuckDBPyConnection) -> None:
    today.execute(
        f"insert into {PROFILE} select * replace ('NC:none' as slice_value, 900 as counted) from {PROFILE}"
        " where measure = 'voters' and slice_value = 'NC:37021'"
    )
    assert "drift.voters_by_county.error" in fired(today)


def test_a_handful_of_opt_outs_after_few_is_no_wave_and_a_wave_is(today: duckdb.DuckDBPyConnection) -> None:
    today.execute("update drift_past set counted = 4 where measure like 'opt\\_out%' escape '\\'")
    named = "measure like 'opt\\_out%' escape '\\'"
    checks = {f"drift.{m}.{level}" for m in ("opt_outs_by_channel", "opt_out_contacts_by_source")
              for level in ("warn", "error")}  # fmt: skip
    found = {}
    for counted in (3, 4, 9, 29, 400):
        today.execute(f"update {PROFILE} set counted = ? where {named}", [counted])
        found[counted] = {check.rsplit(".", 1)[1] for check in fired(today) & checks}
    assert found == {3: {"error"}, 4: set(), 9: set(), 29: set(), 400: {"error"}}
