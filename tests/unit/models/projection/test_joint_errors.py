from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from projection_tables import made_table

from orchestration.models.projection import (
    Component,
    ErrorModel,
    Panel,
    Projection,
    Scale,
    fit_errors,
    project,
    read_panel,
    share_band,
    simulate,
    votes_band,
    win_probability,
)
from orchestration.models.projection.errors import SHARE_PRIOR, Miss, fit, t_quantile
from orchestration.models.projection.level import StateResult

ERRORS = ErrorModel(
    Component(Scale(0.12, 8), Scale(0.06, 8), Scale(0.1, 8)),
    Component(Scale(0.05, 8), Scale(0.03, 8), Scale(0.04, 8)),
    0.1,
)


@pytest.fixture(scope="module")
def history(made: pl.DataFrame) -> Panel:
    return read_panel(made).before(2020)


@pytest.fixture(scope="module")
def projection(history: Panel) -> Projection:
    return project(history, 2020)


def test_quantiles_are_those_of_the_tables() -> None:
    for df, expected in ((3, 1.638), (5, 1.476), (10, 1.372), (30, 1.310)):
        assert t_quantile(0.9, df) == pytest.approx(expected, rel=0.003)


def test_without_experience_the_errors_are_the_prior() -> None:
    assert fit([], []).share.national == SHARE_PRIOR.national


def test_an_election_of_wild_counties_widens_the_county_error_and_only_that() -> None:
    rng = np.random.default_rng(4)
    calm, wild = (
        [Miss(0.05, 0.3, np.array([0.02, -0.02, 0.0]), rng.normal(0, sd, 300), np.zeros(300))] for sd in (0.05, 0.4)
    )
    small, large = fit(calm, calm).share, fit(wild, wild).share
    assert large.county.sd > 1.5 * small.county.sd
    assert large.national == small.national
    assert large.state == small.state


def test_the_only_state_of_a_table_teaches_the_national_error_its_own_part_once() -> None:
    miss = Miss(0.065, 1.0, np.array([0.0]), np.full(20, np.nan), np.zeros(20))
    component = fit([miss] * 9, [miss] * 9).share
    assert component.national.sd < SHARE_PRIOR.national.sd
    assert component.state.df == SHARE_PRIOR.state.df


def test_the_band_is_narrower_when_the_state_is_known(projection: Projection) -> None:
    for draw in (share_band, votes_band):
        told, untold = (draw(projection, ERRORS, state_known=known) for known in (True, False))
        assert (told.high - told.low < untold.high - untold.low).all()
        wide = draw(projection, ERRORS, state_known=False, level=0.95)
        assert (wide.low < untold.low).all()


def test_two_simulations_with_a_seed_agree_and_the_seed_is_fixed(projection: Projection) -> None:
    one, other = simulate(projection, ERRORS, draws=500), simulate(projection, ERRORS, draws=500)
    np.testing.assert_array_equal(one.share, other.share)
    np.testing.assert_array_equal(one.votes, other.votes)


def test_shared_errors_leave_the_sum_less_certain_than_independent_ones(projection: Projection) -> None:
    alone = ErrorModel(Component(Scale(1e-9, 8), Scale(1e-9, 8), Scale(0.17, 8)), ERRORS.votes, 0.0)
    spread = [np.std(simulate(projection, e, draws=4000).share) for e in (ERRORS, alone)]
    assert spread[0] > 2 * spread[1]


def test_the_simulated_band_of_one_county_is_its_band(projection: Projection) -> None:
    band = share_band(projection, ERRORS, state_known=False)
    (low, high), _ = simulate(projection, ERRORS, np.array([0])).band()
    assert (low, high) == pytest.approx((band.low[0], band.high[0]), abs=0.006)


def test_the_chance_to_win_is_even_at_a_tie_and_grows_with_the_share(history: Panel) -> None:
    chances = []
    for share in (0.4, 0.5, 0.6):
        told = dict.fromkeys(history.states, StateResult(share, 500_000.0))
        chances.append(win_probability(project(history, 2020, told), ERRORS))
    assert chances[0] < 0.05
    assert chances[1] == pytest.approx(0.5, abs=0.02)
    assert chances[2] > 0.95


def test_a_sum_of_counties_without_a_projection_is_refused(projection: Projection) -> None:
    with pytest.raises(ValueError, match="none of the counties"):
        simulate(projection, ERRORS, np.array([], dtype=np.int64))


def test_a_single_county_state_has_an_error_model() -> None:
    errors = fit_errors(read_panel(made_table({"CC": 1})))
    for component in (errors.share, errors.votes):
        assert all(np.isfinite(s.sd) and s.sd > 0 for s in (component.national, component.state, component.county))
