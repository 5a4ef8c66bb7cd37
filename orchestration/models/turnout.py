"""Turnout: the probability that a registered voter votes in the coming election.

A scorecard (``scorecard``): points for what a person did at past generals, primaries and elections of odd years, for
age, tenure, party, sex and race, for the record of those they live with and of their precinct. It is learned from a
past comparable election with only what was known before it (``macros/turnout_features.sql`` writes both roles), and
new registrants have bins of their own. Gradient boosting on the same bins is fitted beside it, for the card.

Where an area has no person-level file, ``aggregated`` is the form to use: registration times comparable rates.

Belongs here: which features, how good, and what is put on top. Source: vote-goals, section 4; domain paper A9.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import scorecard
from .scorecard import Floats, Point, Scorecard
from .shrink import Count

if TYPE_CHECKING:
    import polars as pl

NAME = "turnout"
# As in turnout_features() of the SQL; a test holds the two together.
FEATURES = (
    "general", "older", "primary", "odd", "record", "age", "tenure", "party", "sex", "race", "household", "precinct",
)  # fmt: skip
FLOOR, CEILING = 0.002, 0.998
# At most this many people are learned from; which ones depends on their ids alone. At a million voters half a million
# bring counties of 96 % of people within one point, 240,000 of 93 %, all of them no more (2026-11-27).
MOST_LEARNED = 500_000
# Learning from those still on file cannot show what it means to be inactive today: whoever votes is made active
# again. Assumptions in its place, as shares of the chance: of those who voted in one of the last two generals and are
# inactive since (mail came back) one in five still votes here; who was silent is inactive for a silence that the
# record tells already, two thirds.
STILL_THERE = {"inactive since voting": 0.2, "inactive": 2 / 3}
# The training election had its own people who had voted lately and moved, unmarked in today's file and counted among
# those who stayed home; those whom the file now calls active are rid of them. How many moved is read from today's
# file, in the same place of the cycle. How many of those of then are still on file nobody can tell (a file is purged
# two federal generals after the mail came back): half is at most half of it wrong.
STILL_ON_FILE = 0.5
# A state that marked more than this is cleaning its rolls; that is no measure of how many move.
MOST_MOVED = 0.05
# The simpler model stays unless it loses more than this.
MOST_LOST_AUC = 0.005
# Boosting is compared on at most this many people of each half.
MOST_COMPARED = 40_000
LEAST_COMPARABLES = 3


@dataclass(frozen=True)
class Fit:
    """The lookup table and its record (metrics are out of sample: each half scored by the other)."""

    points: tuple[Point, ...]
    metrics: dict[str, float]
    by_state: dict[str, dict[str, float]]
    deciles: list[dict[str, float]]


def fit(people: pl.DataFrame, moved: Mapping[str, float]) -> Fit:
    """The scorecard of the training election.

    ``people``: one row each: state, the FEATURES (text), voted (boolean), half (0 or 1), in an order of their own.
    ``moved``: by state, of those who voted in one of the last two generals the share that is inactive today.
    Raises ValueError when there is nobody to learn from.
    """
    if not len(people) or people["voted"].n_unique() < 2:
        raise ValueError(
            "turnout: nobody to learn from. No voter of the states in comparables (purpose turnout) was "
            "registered before that election; check winnumber.toml and the accepted voter files"
        )
    voted = people["voted"].to_numpy()
    half = people["half"].to_numpy()
    expected: Floats = np.full(len(people), float(voted.mean()))
    boosted: Floats = np.full(len(people), np.nan)
    for part in (0, 1):
        learn, check = half != part, half == part
        if not check.any() or len(set(voted[learn])) < 2:
            continue
        card = scorecard.fit(people.filter(learn), voted[learn], FEATURES)
        expected[check] = np.nan_to_num(scorecard.logistic(card.scores(people.filter(check))), nan=voted.mean())
        boosted[check] = boosting(people.filter(learn), voted[learn], people.filter(check))
    whole = scorecard.fit(people, voted, FEATURES)
    status = [
        Point(state, "status", name, round(math.log(share), 6), 0)
        for state in sorted(set(people["state"]))
        for name, share in _standing(moved.get(state, 0.0)).items()
    ]
    metrics = {
        "auc": area(expected, voted),
        "brier": round(float(np.mean((expected - voted) ** 2)), 6),
        "brier_of_the_mean": round(float(np.mean((voted.mean() - voted) ** 2)), 6),
        "auc_of_voting_in_the_last_general": area((people["general"].str.slice(0, 1) == "1").to_numpy(), voted),
    }
    compared = np.isfinite(boosted)
    if compared.any():
        metrics["auc_of_boosting"] = area(boosted[compared], voted[compared])
        metrics["auc_lost_against_boosting"] = round(
            metrics["auc_of_boosting"] - area(expected[compared], voted[compared]), 4
        )
    return Fit((*whole.points, *status), metrics, _by_state(people, expected, voted), _deciles(expected, voted))


def _standing(moved: float) -> dict[str, float]:
    """What each status multiplies the chance of voting by; ``moved``: share of recent voters who are inactive."""
    lost = min(moved, MOST_MOVED) * STILL_ON_FILE * (1 - STILL_THERE["inactive since voting"])
    return {"active": 1.0, "active since voting": 1 / (1 - lost), **STILL_THERE}


def boosting(learn: pl.DataFrame, voted: NDArray[np.bool_], check: pl.DataFrame) -> Floats:
    """Probabilities of ``check`` by gradient boosting on the same bins: what the scorecard is held against."""
    import polars as pl
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    names = ("state", *FEATURES)
    code = {name: {text: i for i, text in enumerate(sorted(set(learn[name])))} for name in names}

    def coded(frame: pl.DataFrame) -> Floats:
        picked = [frame[name].replace_strict(code[name], default=None, return_dtype=pl.Float64) for name in names]
        matrix: Floats = np.column_stack([column.to_numpy() for column in picked]).astype(np.float64)
        return matrix

    model = HistGradientBoostingClassifier(max_iter=80, learning_rate=0.1, min_samples_leaf=40, random_state=0)
    # One thread: on a machine that does other work, threads that wait for each other take a hundred times longer.
    with threadpool_limits(1):
        model.fit(coded(learn.head(MOST_COMPARED)), voted[:MOST_COMPARED])
        found: Floats = np.full(len(check), np.nan)
        found[:MOST_COMPARED] = model.predict_proba(coded(check.head(MOST_COMPARED)))[:, 1]
    return found


def aggregated(registered: int, comparables: Sequence[Count]) -> float:
    """Expected voters of an area without person-level data: registration times the mean rate of comparable elections.

    ``comparables``: registered then and ballots cast, at least three elections. Source: vote-goals, section 4.
    """
    if len(comparables) < LEAST_COMPARABLES or any(count.people <= 0 for count in comparables):
        raise ValueError(
            f"turnout: an area without person-level data needs {LEAST_COMPARABLES} comparable elections with "
            f"registration and ballots; found {sum(count.people > 0 for count in comparables)}"
        )
    return registered * sum(count.did / count.people for count in comparables) / len(comparables)


def area(scores: Any, voted: NDArray[np.bool_]) -> float:
    """Area under the curve, four places; NaN when the outcome is the same for everybody."""
    from sklearn.metrics import roc_auc_score

    return round(float(roc_auc_score(voted, scores)), 4) if voted.any() and not voted.all() else float("nan")


def probabilities(card: Scorecard, people: pl.DataFrame) -> Floats:
    """What the SQL computes: the logistic of the points times the status' share, within FLOOR and CEILING.

    ``people``: the FEATURES and the status; six decimals.
    """
    share = np.exp(Scorecard(("status",), card.points).sums(people))
    bounded = np.clip(scorecard.logistic(card.scores(people)) * share, FLOOR, CEILING)
    return np.asarray(np.round(bounded, 6), dtype=np.float64)


def _by_state(people: pl.DataFrame, expected: Floats, voted: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    states = people["state"].to_numpy()
    found = {}
    for state in sorted(set(states)):
        own = states == state
        found[str(state)] = {
            "training_voters": int(own.sum()),
            "observed_rate": round(float(voted[own].mean()), 6),
            "expected_rate": round(float(expected[own].mean()), 6),
            "auc": area(expected[own], voted[own]),
            "brier": round(float(np.mean((expected[own] - voted[own]) ** 2)), 6),
        }
    return found


def _deciles(expected: Floats, voted: NDArray[np.bool_]) -> list[dict[str, float]]:
    groups = np.array_split(np.argsort(expected, kind="stable"), 10)
    return [
        {"expected": round(float(expected[g].mean()), 4), "observed": round(float(voted[g].mean()), 4)}
        for g in groups
        if len(g)
    ]
