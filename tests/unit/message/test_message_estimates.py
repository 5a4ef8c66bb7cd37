"""The pooled response of segments to wordings: recomputed independently, and better than raw rates."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from orchestration.sample.feeds import _texting as texting

sys.path.insert(0, str(Path(__file__).parent))
from pooled import pool
from rendering import estimates

WORDINGS = list(texting.ARMS)
SEGMENTS = [f"{tier}{sex}" for tier in range(3) for sex in "fm"]
EXACT, QUADRATURE = 2e-6, 2e-3


def cells(campaign: str, sent: np.ndarray, responses: np.ndarray) -> pl.DataFrame:
    rows = [
        ("sms", campaign, campaign, f"{SEGMENTS[s]}", f"w{j}", int(sent[s, j]), int(responses[s, j]))
        for s in range(sent.shape[0])
        for j in range(sent.shape[1])
    ]
    names = ["channel", "campaign_id", "campaign_name", "segment", "message", "sent", "responses"]
    return pl.DataFrame(rows, schema=names, orient="row")


def answers(frames: list[pl.DataFrame]) -> pl.DataFrame:
    with duckdb.connect() as con, tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        pl.concat(frames).write_parquet(file.name)
        con.execute(f"create table int_message__cells as from read_parquet('{file.name}')")
        return pl.DataFrame(estimates(con), infer_schema_length=None)


def truth() -> np.ndarray:
    """The sample's true rates: three tiers of support by sex, by wording."""
    support, woman = np.repeat([0.2, 0.5, 0.8], 2), np.tile([1, 0], 3)
    arms = np.arange(3)
    answered = texting.response_chance(
        np.repeat(support, 3), np.repeat(woman, 3), np.tile(arms, 6)
    ) * (1 - texting.ANSWERED * texting.against_chance(np.repeat(support, 3)))  # fmt: skip
    return answered.reshape(6, 3)


CAMPAIGNS = {
    "plain": (np.array([[40, 60, 50], [80, 30, 70]]), np.array([[4, 12, 6], [20, 3, 15]])),
    "nobody answers": (np.array([[40, 60], [80, 30]]), np.zeros((2, 2), dtype=int)),
    "everybody answers": (np.array([[40, 60], [80, 30]]), np.array([[40, 60], [80, 30]])),
    "one segment": (np.array([[100, 120, 90]]), np.array([[10, 30, 12]])),
    "one wording": (np.array([[100], [120]]), np.array([[10], [30]])),
    "one cell": (np.array([[100]]), np.array([[10]])),
    "interplay": (np.array([[500, 500], [500, 500]]), np.array([[200, 50], [50, 200]])),
    "large": (np.full((6, 3), 100_000), np.arange(18).reshape(6, 3) * 1000 + 20_000),
}


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_the_estimates_are_those_of_an_independent_computation(name: str) -> None:
    sent, responses = CAMPAIGNS[name]
    found = answers([cells(name, sent, responses)])
    expected = pool(sent, responses)
    for row, segment in enumerate([*SEGMENTS[: len(sent)], "everyone"]):
        mine = found.filter(pl.col("segment") == segment).sort("message")
        for column, key in {"pooled_rate": "theta", "pooled_rate_low": "low", "pooled_rate_high": "high",
                            "own_weight": "weight"}.items():  # fmt: skip
            assert np.allclose(mine[column].cast(pl.Float64), expected[key][row], atol=EXACT), (segment, column)
        assert np.allclose(mine["p_best"].cast(pl.Float64), expected["p_best"][row], atol=QUADRATURE), segment
        assert abs(float(mine["p_best"].cast(pl.Float64).sum()) - 1) < 1e-5


def test_the_rate_with_everyone_is_that_of_everyone_and_not_of_a_middling_segment() -> None:
    sent = np.full((4, 2), 50_000)
    responses = np.array([[500, 600], [1_000, 1_100], [10_000, 11_000], [20_000, 21_000]])
    found = answers([cells("uneven", sent, responses)]).filter(pl.col("segment") == "everyone").sort("message")
    told = found["pooled_rate"].cast(pl.Float64).to_numpy()
    assert np.allclose(told, responses.sum(0) / sent.sum(0), atol=0.002)


def test_a_campaigns_estimates_do_not_depend_on_its_neighbours() -> None:
    frames = [cells(name, *CAMPAIGNS[name]) for name in ("plain", "interplay", "one cell")]
    together = answers(frames)
    for frame in frames:
        alone = answers([frame])
        assert together.filter(pl.col("campaign_id") == frame["campaign_id"][0]).equals(alone)


@pytest.fixture(scope="module")
def trials() -> pl.DataFrame:
    """Two hundred campaigns drawn from the sample's true rates, with the truth beside the estimates."""
    rng = np.random.default_rng(7)
    rates = truth()
    frames, known = [], []
    for number in range(200):
        sent = rng.integers(15, 120, rates.shape)
        frame = cells(f"c{number:03d}", sent, rng.binomial(sent, rates))
        frames.append(frame)
        known.append(frame.select("campaign_id", "segment", "message").with_columns(truth=pl.Series(rates.ravel())))
    found = answers(frames).join(pl.concat(known), on=["campaign_id", "segment", "message"])
    return found.with_columns(
        pl.col("raw_rate", "pooled_rate", "pooled_rate_low", "pooled_rate_high", "p_best").cast(pl.Float64)
    )


def test_pooled_rates_are_nearer_the_truth_than_raw_ones(trials: pl.DataFrame) -> None:
    error = trials.select(
        raw=((pl.col("raw_rate") - pl.col("truth")) ** 2).mean(),
        pooled=((pl.col("pooled_rate") - pl.col("truth")) ** 2).mean(),
    ).row(0, named=True)
    assert error["pooled"] < 0.75 * error["raw"]


def test_eighty_percent_intervals_hold_the_truth_about_that_often(trials: pl.DataFrame) -> None:
    inside = pl.col("truth").is_between(pl.col("pooled_rate_low"), pl.col("pooled_rate_high"))
    assert 0.70 < trials.select(inside.mean()).item() < 0.92


def test_a_probability_of_being_best_means_what_it_says(trials: pl.DataFrame) -> None:
    best = pl.col("truth") == pl.col("truth").max().over("campaign_id", "segment")
    sure = trials.filter(pl.col("p_best") >= 0.9)
    assert sure.height > 50
    assert sure.select(best.mean()).item() > 0.75
