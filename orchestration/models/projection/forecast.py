"""The projection of every county to a coming election: level and distribution put together.

Belongs here: joining the two and the arrays that come out. Does not belong here: how wrong they may be (``errors``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .distribution import Drift, expected_drift
from .level import StateResult, expected_states
from .panel import Floats, Ints, Panel
from .shift import group_sums, logistic, shifts


@dataclass(frozen=True)
class Projection:
    """Central forecast for ``year``; arrays have one value per county of ``history``, NaN where none can be made.

    ``share``: two-party Democratic share 0..1. ``votes``: total votes. ``two_party``: votes for the two parties.
    ``states``: the state results it adds up to. ``drift``: what was added county by county.
    """

    year: int
    states: tuple[str, ...]
    state: Ints
    fips: tuple[str, ...]
    share: Floats
    votes: Floats
    two_party: Floats
    results: Mapping[str, StateResult]
    drift: Drift

    @property
    def log_odds(self) -> Floats:
        """Log odds of ``share``."""
        return np.log(self.share / (1 - self.share))


def project(
    history: Panel, year: int, results: Mapping[str, StateResult] | None = None, drift: Drift | None = None
) -> Projection:
    """Project each county of ``history``, which must end before ``year``.

    ``results``: each state's outcome, given or assumed; states left out, or all when None, get their expected level.
    ``drift``: what ``expected_drift(history)`` returned, to save computing it twice. The counties of a state add up
    to its result: votes exactly, share after one logit shift. Raises ValueError when history reaches into ``year``.
    """
    if history.years[-1] >= year:
        raise ValueError(f"a projection of {year} may not see the election of {history.years[-1]}; use Panel.before")
    known = drift or expected_drift(history)
    levels = expected_states(history, year)
    levels.update({s: r for s, r in (results or {}).items() if s in levels})
    target_share = np.array([levels[s].share for s in history.states])
    target_votes = np.array([levels[s].votes for s in history.states])
    groups = len(history.states)
    last = history.last_columns()

    raw = history.at(history.total, last) * np.exp(known.growth)
    whole = group_sums(raw, history.state, groups)
    scale = np.divide(target_votes, whole, out=np.ones(groups), where=whole > 0)
    votes = raw * scale[history.state]
    two_party = votes * history.at(history.two_party, last) / history.at(history.total, last)

    odds = history.at(history.logit, last) + known.swing
    share = logistic(odds + shifts(odds, two_party, history.state, target_share)[history.state])
    return Projection(year, history.states, history.state, history.fips, share, votes, two_party, levels, known)
