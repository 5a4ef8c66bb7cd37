"""Logit shifts: moving probabilities so that they add up to what is known of an area.

Belongs here: the arithmetic of one shift per area, over cells of people or over shares. Does not belong here: what
the areas must add up to (``support``). Source: Rosenman, McCartan and Olivella (2023).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .scorecard import Floats, logistic

MOST_SHIFT = 14.0


def logit(share: Floats) -> Floats:
    """Log odds."""
    odds: Floats = np.log(share) - np.log1p(-share)
    return odds


def shift_areas(
    odds: Floats, weights: Floats, area: NDArray[np.int64], targets: Floats, floor: float, ceiling: float
) -> Floats:
    """Per area, the shift after which the weighted mean probability of its people is the target.

    ``odds``, ``weights``, ``area``: one entry per cell of people. ``targets``: per area, 0..1; a negative one (or
    NaN) means that nothing is known: no shift. Probabilities stay within ``floor`` and ``ceiling``.
    """
    low, high = np.full(len(targets), -MOST_SHIFT), np.full(len(targets), MOST_SHIFT)
    people = np.bincount(area, weights, len(targets))
    wanted = targets * people
    for _ in range(64):
        middle = (low + high) / 2
        reached = np.bincount(area, weights * np.clip(logistic(odds + middle[area]), floor, ceiling), len(targets))
        is_low = reached < wanted
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    shift: Floats = np.where((people > 0) & (targets >= 0), (low + high) / 2, 0.0)
    return shift


def shift_shares(shares: Floats, weights: Floats, area: NDArray[np.int64], targets: Floats) -> Floats:
    """Shares moved by one logit shift per area, so that their weighted mean in each area is its target."""
    odds = logit(np.clip(shares, 1e-4, 1 - 1e-4))
    shift = shift_areas(odds, weights, area, targets, 0.0, 1.0)
    return logistic(odds + shift[area])
