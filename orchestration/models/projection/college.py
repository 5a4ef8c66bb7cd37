"""The electoral college by correlated simulation: who gets there, and which state decides.

Belongs here: states, their expected shares and electoral votes. Does not belong here: counties, or where the shares
come from. Source: domain notes A7 (shared national swing plus state noise; tipping point).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .errors import Component
from .intervals import DRAWS, SEED, drawn
from .panel import Floats, Ints
from .shift import logistic, logit


@dataclass(frozen=True)
class CollegeRow:
    """One state: expected two-party share, electoral votes, chance to win it and to be the tipping point."""

    state: str
    electoral_votes: int
    share: float
    share_low: float
    share_high: float
    win_probability: float
    tipping_point_probability: float


@dataclass(frozen=True)
class ElectoralCollege:
    """The table and the whole: chance of ``needed`` or more, of neither side reaching it, and the 80 % band."""

    rows: tuple[CollegeRow, ...]
    needed: int
    win_probability: float
    tie_probability: float
    expected_votes: float
    votes_low: int
    votes_high: int


def electoral_college(
    states: Sequence[str],
    share: Sequence[float] | Floats,
    electoral_votes: Sequence[int] | Ints,
    errors: Component,
    *,
    needed: int | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> ElectoralCollege:
    """Simulate the college for the party whose expected two-party ``share`` (0..1) is given, one entry per state.

    ``errors``: national and state parts in log odds. ``needed``: a majority of ``electoral_votes`` when None. The
    tipping point of a draw is the state that brings the winner to ``needed`` when states are counted from the winner's
    best; rows are ordered by expected share, highest first, so that the path can be read down. Raises ValueError when
    the lengths differ, a state is named twice or a share is not between 0 and 1.
    """
    names, mean, votes = list(states), np.asarray(share, dtype=float), np.asarray(electoral_votes, dtype=np.int64)
    _check(names, mean, votes)
    goal = needed if needed is not None else int(votes.sum()) // 2 + 1
    rng = np.random.default_rng(seed)
    odds = logit(mean) + drawn(rng, errors.national, (draws, 1)) + drawn(rng, errors.state, (draws, len(names)))
    won = odds > 0
    collected = (won * votes).sum(axis=1)
    lost = int(votes.sum()) - collected
    ahead, behind = collected >= goal, lost >= goal
    tipping = _tipping(odds, votes, goal, ahead) + _tipping(-odds, votes, goal, behind & ~ahead)
    simulated = np.quantile(logistic(odds), [0.1, 0.9], axis=0)
    order = sorted(range(len(names)), key=lambda i: (-mean[i], names[i]))
    rows = tuple(
        CollegeRow(
            names[i],
            int(votes[i]),
            float(mean[i]),
            float(simulated[0, i]),
            float(simulated[1, i]),
            float(won[:, i].mean()),
            float(tipping[i] / draws),
        )
        for i in order
    )
    low, high = np.quantile(collected, [0.1, 0.9], method="nearest")
    return ElectoralCollege(
        rows,
        goal,
        float(ahead.mean()),
        float((~ahead & ~behind).mean()),
        float(collected.mean()),
        int(low),
        int(high),
    )


def _tipping(odds: Floats, votes: Ints, goal: int, counted: np.ndarray) -> Floats:
    """How often each state is the one that brings the side with the high odds to ``goal``, over the draws counted."""
    best_first = np.argsort(-odds[counted], axis=1, kind="stable")
    running = np.cumsum(votes[best_first], axis=1)
    deciding = best_first[np.arange(len(best_first)), np.argmax(running >= goal, axis=1)]
    return np.bincount(deciding, minlength=len(votes)).astype(float)


def _check(names: list[str], share: Floats, votes: Ints) -> None:
    if not len(names) == len(share) == len(votes):
        raise ValueError(f"{len(names)} states, {len(share)} shares and {len(votes)} electoral votes do not fit")
    if not names or len(set(names)) != len(names):
        raise ValueError("each state is named once, and there is at least one")
    if not (np.isfinite(share).all() and (share > 0).all() and (share < 1).all()):
        raise ValueError("each state's share lies between 0 and 1")
    if (votes < 0).any():
        raise ValueError("electoral votes are never negative")
