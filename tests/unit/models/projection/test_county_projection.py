from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from projection_tables import made_table

from orchestration.models.projection import StateResult, project, read_panel
from orchestration.models.projection.persistence import Lesson, Prior, slopes
from orchestration.models.projection.shift import logistic, shifts


def test_the_shift_hits_the_share_of_every_group() -> None:
    rng = np.random.default_rng(1)
    odds, weight, group = rng.normal(0, 1, 60), rng.uniform(1, 9, 60), np.arange(60) % 3
    target = np.array([0.2, 0.5, 0.83])
    moved = logistic(odds + shifts(odds, weight, group, target)[group])
    reached = [np.average(moved[group == g], weights=weight[group == g]) for g in range(3)]
    np.testing.assert_allclose(reached, target, atol=1e-9)


def test_the_counties_add_up_to_the_state_that_is_given(made: pl.DataFrame) -> None:
    history = read_panel(made).before(2020)
    told = {"AA": StateResult(0.61, 900_000.0), "BB": StateResult(0.4, 300_000.0)}
    made_up = project(history, 2020, told)
    for state, result in told.items():
        inside = made_up.state == made_up.states.index(state)
        assert made_up.votes[inside].sum() == pytest.approx(result.votes)
        won = (made_up.share * made_up.two_party)[inside].sum() / made_up.two_party[inside].sum()
        assert won == pytest.approx(result.share)


def test_level_and_distribution_are_apart(made: pl.DataFrame) -> None:
    history = read_panel(made).before(2020)
    alone, told = project(history, 2020), project(history, 2020, project(history, 2020).results)
    np.testing.assert_array_equal(alone.share, told.share)
    np.testing.assert_array_equal(alone.drift.swing, told.drift.swing)


def test_a_projection_refuses_a_history_that_holds_its_election(made: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match="may not see the election of 2020"):
        project(read_panel(made), 2020)


def test_a_lasting_trend_is_learned_from_earlier_elections() -> None:
    table = made_table({"AA": 120})
    early, late = read_panel(table).before(2008), read_panel(table).before(2020)
    assert project(late, 2020).drift.share_slopes[0] > project(early, 2008).drift.share_slopes[0]


def test_slopes_without_experience_are_the_prior_and_move_with_evidence() -> None:
    prior = Prior((0.3, 0.0), (0.2, 0.1))
    np.testing.assert_allclose(slopes([], prior), [0.3, 0.0])
    rng = np.random.default_rng(2)
    x = rng.normal(0, 1, (400, 2))
    lesson = Lesson(x, 3 * x[:, 0], np.ones(400))
    assert slopes([lesson] * 6, prior)[0] > 0.85
    # A handful of counties teaches little.
    few = Lesson(x[:3], 3 * x[:3, 0], np.ones(3))
    assert abs(slopes([few], prior)[0] - 0.3) < abs(slopes([lesson], prior)[0] - 0.3)


def test_counties_that_come_and_go_are_projected_from_what_they_have(made: pl.DataFrame) -> None:
    gone = (pl.col("county_fips") == "10001") & (pl.col("year") > 2012)
    new = (pl.col("county_fips") == "10003") & (pl.col("year") < 2016)
    history = read_panel(made.filter(~gone & ~new)).before(2020)
    result = project(history, 2020)
    assert np.isnan(result.share[result.fips.index("10001")])
    assert 0 < result.share[result.fips.index("10003")] < 1


def test_a_state_with_one_county_is_its_county(made: pl.DataFrame) -> None:
    history = read_panel(made.filter(pl.col("state") == "CC")).before(2020)
    result = project(history, 2020, {"CC": StateResult(0.55, 12_345.0)})
    assert result.share[0] == pytest.approx(0.55)
    assert result.votes[0] == pytest.approx(12_345)


def test_elections_at_another_spacing_are_projected() -> None:
    table = made_table({"AA": 12, "BB": 5}, years=(2001, 2003, 2005, 2011))
    result = project(read_panel(table).before(2011), 2011)
    assert np.isfinite(result.share).all()
    assert np.isfinite(result.votes).all()


def test_counties_with_no_votes_for_one_party_stay_finite(made: pl.DataFrame) -> None:
    first = pl.col("county_fips") == "10001"
    one_sided = made.with_columns(votes_rep=pl.when(first).then(0).otherwise(pl.col("votes_rep")))
    result = project(read_panel(one_sided).before(2020), 2020)
    assert np.isfinite(result.share).all()
