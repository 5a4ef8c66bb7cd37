"""The logit shift: move every unit's log odds by one number so that the whole has a given share.

Belongs here: the shift and sums by group. Source: domain notes A6 (Rosenman, McCartan and Olivella 2023).
"""

from __future__ import annotations

import numpy as np

from .panel import Floats, Ints

STEPS = 60
WIDEST = 20.0


def logistic(value: Floats) -> Floats:
    """Share of log odds; safe for large values."""
    return 0.5 * (1 + np.tanh(value / 2))


def logit(share: Floats) -> Floats:
    """Log odds of a share, kept finite at 0 and 1."""
    kept = np.clip(share, 1e-6, 1 - 1e-6)
    return np.log(kept / (1 - kept))


def group_sums(values: Floats, group: Ints, groups: int) -> Floats:
    """Sums of ``values`` (NaN counts as nothing) over each of ``groups`` groups."""
    summed: Floats = np.bincount(group, weights=np.nan_to_num(values), minlength=groups).astype(np.float64)
    return summed


def shifts(log_odds: Floats, weight: Floats, group: Ints, target: Floats) -> Floats:
    """The shift of each group with which its weighted mean share is ``target``.

    ``log_odds``, ``weight``, ``group``: (units,); units with NaN in either are left out. ``target``: (groups,),
    share 0..1, NaN or a group without weight gives a shift of 0. Bisection, so that two runs agree to the bit.
    """
    usable = np.isfinite(log_odds) & np.isfinite(weight)
    odds = np.where(usable, log_odds, 0.0)
    weights = np.where(usable, weight, 0.0)
    whole = group_sums(weights, group, len(target))
    wanted = np.clip(target, 1e-6, 1 - 1e-6) * whole
    low, high = np.full(len(target), -WIDEST), np.full(len(target), WIDEST)
    for _ in range(STEPS):
        middle = (low + high) / 2
        reached = group_sums(weights * logistic(odds + middle[group]), group, len(target))
        low = np.where(reached < wanted, middle, low)
        high = np.where(reached < wanted, high, middle)
    return np.where(np.isfinite(target) & (whole > 0), (low + high) / 2, 0.0)
