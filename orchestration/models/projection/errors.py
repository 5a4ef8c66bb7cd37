"""The joint error model: how far projections were off, split into what is shared and what is not.

An error has three parts: one for all states in an election (national), one per state, one per county; share errors in
log odds, turnout errors in logs of votes. Each part has a size and a number of occasions it was seen on, so that
little experience gives wider bands (Student's t). Sizes are a prior averaged with the residuals of earlier elections
(``rolling``). Independent errors would understate the tail: a miss in one state says something about the next.

Belongs here: the components and how they are estimated. Does not belong here: forecasting, drawing (``intervals``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from .panel import Floats


@dataclass(frozen=True)
class Scale:
    """Size of an error (standard deviation) and the degrees of freedom behind it."""

    sd: float
    df: float


@dataclass(frozen=True)
class Component:
    """The three parts of the error of one measure."""

    national: Scale
    state: Scale
    county: Scale


@dataclass(frozen=True)
class ErrorModel:
    """Errors of share (log odds) and of votes (log), and how a county's two errors go together (-1..1)."""

    share: Component
    votes: Component
    county_correlation: float


@dataclass(frozen=True)
class Miss:
    """What one election's projection missed, outcome less projection.

    ``national``: the weighted mean of the states' misses. ``concentration``: sum of its squared weights (1 for one
    state). ``state``: (states,) beyond the national miss. ``county``: (counties,) given the state's result, NaN where
    there is none. ``noise``: (counties,) variance that chance alone gives ``county``.
    """

    national: float
    concentration: float
    state: Floats
    county: Floats
    noise: Floats


# Priors from general knowledge, each with the number of elections it counts as; no target year went into them.
# Share: forecasts of a state from fundamentals are off by 3.2 points on average (Campbell and others), which is a
# t-scale of 0.128 in log odds with four degrees of freedom, most of it common: 0.11 national and 0.065 per state (root
# of the sum of squares: 0.128). County beyond state: two to three points, 0.10.
SHARE_PRIOR = Component(Scale(0.11, 4), Scale(0.065, 4), Scale(0.10, 2))
# Votes: national votes of 1956-2000 about the expectation of ``level`` scatter by 0.035, eleven times; nearly as much
# for a state beyond the nation. County beyond state: populations move apart by about 1 % a year, 4 % in four.
VOTES_PRIOR = Component(Scale(0.035, 11), Scale(0.03, 4), Scale(0.04, 2))
CORRELATION_ELECTIONS = 2.0
# A spread of nothing (two counties that happen to agree) is no evidence of certainty.
LEAST_OF_PRIOR = 0.1


def fit(share: Sequence[Miss], votes: Sequence[Miss]) -> ErrorModel:
    """The error model after the misses of past elections, one per election and in the same order in both."""
    return ErrorModel(_component(SHARE_PRIOR, share), _component(VOTES_PRIOR, votes), _county_correlation(share, votes))


def _component(prior: Component, misses: Sequence[Miss]) -> Component:
    state = _pooled(prior.state, [_spread(m.state, np.zeros(len(m.state)), lost=1) for m in misses])
    # Given the state's result one county per state is no longer free.
    county = _pooled(prior.county, [_spread(m.county, m.noise, int(np.isfinite(m.state).sum())) for m in misses])
    # The national miss is a mean over states and holds their own errors too, which are counted apart.
    seen = [max(m.national**2 - state.sd**2 * m.concentration, 0.0) for m in misses if np.isfinite(m.national)]
    df = prior.national.df + len(seen)
    size = float(np.sqrt((prior.national.sd**2 * prior.national.df + sum(seen)) / df))
    return Component(Scale(size, df), state, county)


def _spread(values: Floats, noise: Floats, lost: int) -> tuple[float, float]:
    """How far values strayed in one election, and how much that says: nearly 1 for many units, 0 for none."""
    seen = np.isfinite(values)
    free = int(seen.sum()) - lost
    if free < 1:
        return 0.0, 0.0
    beyond = float(np.sum(values[seen] ** 2 - noise[seen])) / free
    return float(np.sqrt(max(beyond, 0.0))), free / (free + 1)


def _pooled(prior: Scale, seen: Sequence[tuple[float, float]]) -> Scale:
    """The scale whose draws have the geometric mean of the spreads seen and the prior's.

    Spreads differ between elections by factors (2016), so they are averaged as logs; all units of one election share
    its factor, so an election counts once. The scale of a t lies below the centre of the spreads it draws: log of
    sqrt(df / chi squared) has the mean (ln h - digamma(h)) / 2 with h = df / 2.
    """
    known = [(max(width, prior.sd * LEAST_OF_PRIOR), weight) for width, weight in seen if weight > 0]
    df = prior.df + sum(weight for _, weight in known)
    logs = prior.df * np.log(prior.sd) + sum(weight * np.log(width) for width, weight in known)
    half = df / 2
    centre = (1 / (2 * half) + 1 / (12 * half**2) - 1 / (120 * half**4)) / 2
    return Scale(float(np.exp(logs / df - centre)), float(df))


def _county_correlation(share: Sequence[Miss], votes: Sequence[Miss]) -> float:
    found = 0.0
    for one, other in zip(share, votes, strict=True):
        both = np.isfinite(one.county) & np.isfinite(other.county)
        size = float(np.sqrt(np.sum(one.county[both] ** 2) * np.sum(other.county[both] ** 2)))
        found += float(np.sum(one.county[both] * other.county[both])) / size if size > 0 else 0.0
    return found / (len(share) + CORRELATION_ELECTIONS)


def t_quantile(probability: float, df: float) -> float:
    """Quantile of Student's t with ``df`` > 2 degrees of freedom, by its expansion about the normal quantile.

    Off by less than 0.3 % for probabilities 0.05..0.95 (Abramowitz and Stegun 26.7.5).
    """
    z = NormalDist().inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / df**power for power, term in enumerate(terms, start=1))
