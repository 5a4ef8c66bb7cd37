"""What changed between a state's consecutive elections, county by county, beyond what the state did.

Belongs here: measured past movements, in log odds (share) and logs (votes). Does not belong here: what they
say about the next election (``distribution``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .panel import Floats, Ints, Panel
from .shift import group_sums, shifts


@dataclass(frozen=True)
class Movements:
    """Movements into each election from the state's election before it; NaN where either is missing.

    ``swing``: (counties, years), change of log odds less the one logit shift that explains the state's result.
    ``growth``: (counties, years), change of log votes less the state's. ``noise``: variance that chance alone gives
    ``swing``. ``state_shift``, ``state_growth``: (states, years), what was taken out.
    """

    swing: Floats
    growth: Floats
    noise: Floats
    state_shift: Floats
    state_growth: Floats


def movements(panel: Panel) -> Movements:
    """Measure every movement that the panel holds."""
    shape, wide = panel.total.shape, (len(panel.states), len(panel.years))
    swing, growth, noise = (np.full(shape, np.nan) for _ in range(3))
    state_shift, state_growth = np.full(wide, np.nan), np.full(wide, np.nan)
    for column in range(len(panel.years)):
        here = np.full(shape[0], column)
        before = panel.columns_before(here)
        old, new = panel.at(panel.logit, before), panel.logit[:, column]
        weight = np.where(np.isfinite(old), panel.two_party[:, column], np.nan)
        won = group_sums(np.where(np.isfinite(old), panel.dem[:, column], np.nan), panel.state, wide[0])
        cast = group_sums(weight, panel.state, wide[0])
        held = cast > 0
        target = np.divide(won, cast, out=np.full(wide[0], np.nan), where=held)
        moved = shifts(old, weight, panel.state, target)
        swing[:, column] = new - old - moved[panel.state]
        noise[:, column] = panel.sampling[:, column] + panel.at(panel.sampling, before)
        old_votes = panel.at(panel.total, before)
        both = np.isfinite(old_votes) & np.isfinite(panel.total[:, column])
        after = group_sums(np.where(both, panel.total[:, column], np.nan), panel.state, wide[0])
        earlier = group_sums(np.where(both, old_votes, np.nan), panel.state, wide[0])
        grown = np.log(np.divide(after, earlier, out=np.ones(wide[0]), where=earlier > 0))
        growth[:, column] = np.log(panel.total[:, column] / old_votes) - grown[panel.state]
        state_shift[:, column] = np.where(held, moved, np.nan)
        state_growth[:, column] = np.where(held, grown, np.nan)
    return Movements(swing, growth, noise, state_shift, state_growth)


def centred(values: Floats, weight: Floats, group: Ints, groups: int) -> Floats:
    """Values less the weighted mean of their group."""
    usable = np.isfinite(values)
    whole = group_sums(np.where(usable, weight, 0.0), group, groups)
    mean = group_sums(np.where(usable, values * weight, 0.0), group, groups) / np.where(whole > 0, whole, 1.0)
    return values - mean[group]


def spread(values: Floats, weight: Floats) -> float:
    """Weighted root mean square; 0 when nothing is known."""
    usable = np.isfinite(values) & (weight > 0)
    if not usable.any():
        return 0.0
    return float(np.sqrt(np.average(values[usable] ** 2, weights=weight[usable])))
