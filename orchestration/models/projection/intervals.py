"""Bands of counties, and simulated sums of counties: what the joint errors mean for a number.

Everything is drawn with a fixed seed, so two runs agree. Belongs here: bands and win probabilities of counties and
sums of them. Does not belong here: the sizes of the errors (``errors``), states and electoral votes (``college``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import Component, ErrorModel, Scale, t_quantile
from .forecast import Projection
from .panel import Floats, Ints
from .shift import logistic, logit

SEED = 20_001_107
DRAWS = 20_000
CELLS = 2_000_000


@dataclass(frozen=True)
class Band:
    """Lower and upper end, in the unit of the projection (share 0..1, votes); NaN where there is no projection."""

    low: Floats
    high: Floats


@dataclass(frozen=True)
class Sums:
    """Simulated outcomes of a sum of counties: (draws,) two-party share 0..1 and total votes."""

    share: Floats
    votes: Floats

    def band(self, level: float = 0.8) -> tuple[tuple[float, float], tuple[float, float]]:
        """The middle ``level`` of the draws: (low, high) of the share, (low, high) of the votes."""
        ends = [(1 - level) / 2, (1 + level) / 2]
        (a, b), (c, d) = np.quantile(self.share, ends), np.quantile(self.votes, ends)
        return (float(a), float(b)), (float(c), float(d))


def share_band(projection: Projection, errors: ErrorModel, *, state_known: bool, level: float = 0.8) -> Band:
    """The band that holds each county's share with probability ``level``; narrower when the state's result is known."""
    own = 1 / np.maximum(projection.two_party * projection.share * (1 - projection.share), 0.25)
    half = _half_width(errors.share, own, state_known, level)
    odds = projection.log_odds
    return Band(logistic(odds - half), logistic(odds + half))


def votes_band(projection: Projection, errors: ErrorModel, *, state_known: bool, level: float = 0.8) -> Band:
    """The band that holds each county's total votes with probability ``level``."""
    half = _half_width(errors.votes, 1 / np.maximum(projection.votes, 1), state_known, level)
    return Band(projection.votes * np.exp(-half), projection.votes * np.exp(half))


def _half_width(component: Component, own: Floats, state_known: bool, level: float) -> Floats:
    parts = [component.county] if state_known else [component.county, component.state, component.national]
    # Sampling noise is added with a known size; the rest is a sum of t's with the degrees of freedom of
    # Welch and Satterthwaite, those of the largest part counting most.
    total = sum(p.sd**2 for p in parts) + own
    df = total**2 / sum(p.sd**4 / p.df for p in parts)
    lowest = float(np.nanmin(df)) if np.isfinite(df).any() else 3.0
    steps = np.geomspace(min(lowest, 3.0), 1e6, 400)
    quantiles = np.array([t_quantile((1 + level) / 2, d) for d in steps])
    return np.interp(df, steps, quantiles) * np.sqrt(total)


def simulate(
    projection: Projection,
    errors: ErrorModel,
    units: Ints | None = None,
    *,
    state_known: bool = False,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Sums:
    """Simulated share and votes of the sum of the counties at the positions ``units`` (all when None).

    Counties of one state share its draw, all share the national one; when ``state_known`` only the counties' own
    errors are drawn. Raises ValueError when no county of ``units`` has a projection.
    """
    wanted = np.arange(len(projection.fips)) if units is None else np.asarray(units)
    chosen = wanted[np.isfinite(projection.share[wanted]) & np.isfinite(projection.votes[wanted])]
    if not len(chosen):
        raise ValueError("none of the counties asked for has a projection")
    rng = np.random.default_rng(seed)
    odds, state = logit(projection.share[chosen]), projection.state[chosen]
    weight, votes = projection.two_party[chosen], projection.votes[chosen]
    states, place = np.unique(state, return_inverse=True)
    share_sums, votes_sums = [], []
    batch = max(1, min(draws, CELLS // len(chosen)))
    for start in range(0, draws, batch):
        size = min(batch, draws - start)
        one, other = _county_errors(rng, errors, size, len(chosen))
        if not state_known:
            one += _shared(rng, errors.share, size, len(states))[:, place]
            other += _shared(rng, errors.votes, size, len(states))[:, place]
        grown = np.exp(other)
        two_party = (weight * grown).sum(axis=1)
        share_sums.append((weight * grown * logistic(odds + one)).sum(axis=1) / two_party)
        votes_sums.append((votes * grown).sum(axis=1))
    return Sums(np.concatenate(share_sums), np.concatenate(votes_sums))


def win_probability(
    projection: Projection,
    errors: ErrorModel,
    units: Ints | None = None,
    *,
    needed: float = 0.5,
    state_known: bool = False,
    draws: int = DRAWS,
    seed: int = SEED,
) -> float:
    """Probability that the Democratic share of the two-party vote over ``units`` exceeds ``needed``."""
    sums = simulate(projection, errors, units, state_known=state_known, draws=draws, seed=seed)
    return float(np.mean(sums.share > needed))


def drawn(rng: np.random.Generator, scale: Scale, shape: tuple[int, ...]) -> Floats:
    """Student-t errors of a scale."""
    return scale.sd * rng.standard_t(scale.df, shape)


def _shared(rng: np.random.Generator, component: Component, draws: int, states: int) -> Floats:
    return drawn(rng, component.national, (draws, 1)) + drawn(rng, component.state, (draws, states))


def _county_errors(rng: np.random.Generator, errors: ErrorModel, draws: int, units: int) -> tuple[Floats, Floats]:
    first = rng.standard_normal((draws, units))
    second = rng.standard_normal((draws, units))
    tied = errors.county_correlation
    second = tied * first + np.sqrt(max(0.0, 1 - tied**2)) * second
    # How far counties stray is a property of the election (2016): one size per draw, shared by all counties.
    sizes = []
    for component in (errors.share, errors.votes):
        df = component.county.df
        sizes.append(component.county.sd * np.sqrt(df / rng.chisquare(df, (draws, 1))))
    return first * sizes[0], second * sizes[1]
