"""Learning the errors from the past, each election projected with only what came before it.

Belongs here: the rolling residuals. Does not belong here: what is done with them (``errors``), scores and naive rules
(``models.backtest``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .distribution import expected_drift
from .errors import ErrorModel, Miss, fit
from .forecast import Projection, project
from .level import StateResult
from .panel import Floats, Ints, Panel
from .shift import group_sums, shifts


@dataclass(frozen=True)
class Outcome:
    """The counties' results of one election, aligned with a projection's counties; NaN where there is none."""

    share: Floats
    log_odds: Floats
    sampling: Floats
    two_party: Floats
    votes: Floats


def state_results(panel: Panel, year: int) -> dict[str, StateResult]:
    """What each state did in ``year``, for the states that have results."""
    column = panel.years.index(year)
    share = panel.state_dem[:, column] / panel.state_two_party[:, column]
    votes = panel.state_total[:, column]
    return {s: StateResult(float(share[i]), float(votes[i])) for i, s in enumerate(panel.states) if votes[i] > 0}


def outcome_of(panel: Panel, year: int, projection: Projection) -> Outcome:
    """The results of ``year`` in the order of the projection's counties."""
    column = panel.years.index(year)
    place = {(panel.states[s], f): row for row, (s, f) in enumerate(zip(panel.state, panel.fips, strict=True))}
    rows: Ints = np.array(
        [place[projection.states[s], f] for s, f in zip(projection.state, projection.fips, strict=True)], dtype=np.int64
    )
    return Outcome(
        share=panel.share[rows, column],
        log_odds=panel.logit[rows, column],
        sampling=panel.sampling[rows, column],
        two_party=panel.two_party[rows, column],
        votes=panel.total[rows, column],
    )


def fit_errors(history: Panel) -> ErrorModel:
    """The error model from every election of ``history`` that has two before it.

    With one before it there is no movement to learn from, and its miss would be that of another method.
    """
    share, votes = [], []
    for year in history.years[2:]:
        one, other = misses(history, year)
        share.append(one)
        votes.append(other)
    return fit(share, votes)


def misses(panel: Panel, year: int) -> tuple[Miss, Miss]:
    """What the projection of ``year`` from the elections before it missed: of share (log odds), of votes (log)."""
    history = panel.before(year)
    drift = expected_drift(history)
    told = project(history, year, state_results(panel, year), drift)
    untold = project(history, year, None, drift)
    actual = outcome_of(panel, year, told)
    share = _share_miss(told, untold, actual)
    votes = _votes_miss(told, untold, actual)
    return share, votes


def _share_miss(told: Projection, untold: Projection, actual: Outcome) -> Miss:
    groups = len(told.states)
    seen = np.isfinite(actual.share) & np.isfinite(untold.share)
    weight = np.where(seen, actual.two_party, np.nan)
    cast = group_sums(weight, told.state, groups)
    won = group_sums(weight * actual.share, told.state, groups)
    target = np.divide(won, cast, out=np.full(groups, np.nan), where=cast > 0)
    off = np.where(cast > 0, shifts(untold.log_odds, weight, told.state, target), np.nan)
    national, concentration = _mean(off, cast)
    return Miss(national, concentration, off - national, actual.log_odds - told.log_odds, actual.sampling)


def _votes_miss(told: Projection, untold: Projection, actual: Outcome) -> Miss:
    groups = len(told.states)
    seen = np.isfinite(actual.votes) & np.isfinite(untold.votes)
    cast = group_sums(np.where(seen, actual.votes, np.nan), told.state, groups)
    expected = group_sums(np.where(seen, untold.votes, np.nan), told.state, groups)
    ratio = np.divide(cast, expected, out=np.full(groups, np.nan), where=(expected > 0) & (cast > 0))
    off = np.log(ratio)
    national, concentration = _mean(off, cast)
    return Miss(national, concentration, off - national, np.log(actual.votes / told.votes), 1 / actual.votes)


def _mean(values: Floats, weight: Floats) -> tuple[float, float]:
    """The weighted mean and the sum of squared weights: 1 for one state, 1/n for n alike."""
    known = np.isfinite(values)
    if not known.any():
        return float("nan"), 1.0
    part = weight[known] / weight[known].sum()
    return float(part @ values[known]), float(part @ part)
