from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from orchestration.models import scorecard
from orchestration.models.scorecard import Point, Scorecard

FEATURES = ("past", "age")


def people(count: int = 6000, seed: int = 1) -> tuple[pl.DataFrame, np.ndarray]:
    """People of two states; the past is worth +-1.5 in log odds, age 50 another 0.7, Ohio's level is lower."""
    rng = np.random.default_rng(seed)
    past, age = rng.integers(0, 2, count), rng.integers(0, 2, count)
    state = rng.integers(0, 2, count)
    odds = np.where(past == 1, 1.5, -1.5) + 0.7 * age - 0.5 * state
    voted = rng.random(count) < scorecard.logistic(odds)
    frame = pl.DataFrame(
        {
            "state": [("NC", "OH")[i] for i in state],
            "past": [str(i) for i in past],
            "age": [("20", "50")[i] for i in age],
        }
    )
    return frame, voted


def points(card: Scorecard, state: str) -> dict[tuple[str, str], float]:
    return {(p.feature, p.bin): p.points for p in card.points if p.state == state}


def test_points_recover_what_each_bin_is_worth() -> None:
    frame, voted = people(40_000)
    found = points(scorecard.fit(frame, voted, FEATURES), "NC")
    assert found["past", "1"] - found["past", "0"] == pytest.approx(3.0, abs=0.15)
    assert found["age", "50"] - found["age", "20"] == pytest.approx(0.7, abs=0.12)


def test_a_state_with_few_people_leans_on_the_others() -> None:
    frame, voted = people(8000)
    few = frame.with_columns(pl.when(pl.int_range(pl.len()) < 5).then(pl.lit("VA")).otherwise("state").alias("state"))
    card = scorecard.fit(few, voted, FEATURES)
    virginia, carolina = points(card, "VA"), points(card, "NC")
    assert virginia["past", "1"] - virginia["past", "0"] == pytest.approx(
        carolina["past", "1"] - carolina["past", "0"], abs=0.4
    )


def test_the_mean_score_of_every_state_is_its_rate() -> None:
    frame, voted = people(20_000)
    expected = scorecard.logistic(scorecard.fit(frame, voted, FEATURES).scores(frame))
    for state in ("NC", "OH"):
        own = (frame["state"] == state).to_numpy()
        assert expected[own].mean() == pytest.approx(voted[own].mean(), abs=0.003)


def test_two_fits_of_the_same_people_are_the_same() -> None:
    frame, voted = people()
    assert scorecard.fit(frame, voted, FEATURES) == scorecard.fit(frame, voted, FEATURES)


def test_scores_are_the_sum_of_the_points_of_ones_bins() -> None:
    card = Scorecard(
        FEATURES,
        (Point("NC", "intercept", "", 0.5, 0), Point("NC", "past", "1", 1.25, 0), Point("NC", "age", "50", -2.0, 0)),
    )
    frame = pl.DataFrame({"state": ["NC", "NC", "OH"], "past": ["1", "unheard of", "1"], "age": ["50", "50", "50"]})
    found = card.scores(frame)
    assert found[:2].tolist() == [-0.25, -1.5]
    assert np.isnan(found[2])


def test_an_outcome_that_never_varies_teaches_nothing() -> None:
    frame, voted = people(100)
    with pytest.raises(ValueError, match="same for everybody"):
        scorecard.fit(frame, np.ones_like(voted), FEATURES)
