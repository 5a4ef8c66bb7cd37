"""Where in a state its votes will be: each county's movement beyond the state's own.

*Share*: part of a county's last swing beyond the state's goes on, and growing counties drift. *Votes*: part of a
county's growth beyond the state's goes on, and counties that lean one way turn out differently. How much is learned
from the elections before, over all states in the table together (``persistence``).

Belongs here: the predictors and the priors on them. Does not belong here: the state's own movement (``level``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .panel import Floats, Ints, Panel
from .persistence import Lesson, Prior, slopes, standardised, usual_spread
from .swings import Movements, centred, movements, spread

# Priors, from general knowledge and not from any year projected here.
# Trend of the share: positive, well below one; practice uses a half ("previous + half of the last trend"), and
# measured gains shrink on the next occasion (regression to the mean), so a little lower. 0.2 lets one past election
# count as much as the prior. Growth: no direction assumed, and a side show to the trend (a third of its width).
SHARE_PRIOR = Prior(mean=(0.3, 0.0), sd=(0.2, 0.07))
# Growth of the votes: people keep moving to where they moved before, so stronger than a political trend, blurred by
# the turnout of one election. Lean: no direction assumed.
VOTES_PRIOR = Prior(mean=(0.4, 0.0), sd=(0.2, 0.2))


@dataclass(frozen=True)
class Drift:
    """Expected movements beyond the state's, (counties,), and the slopes they come from."""

    swing: Floats
    growth: Floats
    share_slopes: tuple[float, ...]
    votes_slopes: tuple[float, ...]


def expected_drift(panel: Panel) -> Drift:
    """What each county is expected to do beyond its state in the election after the panel; 0 where unknown."""
    past = movements(panel)
    swing, share_slopes = _expected(panel, past.swing, lambda c: _share_predictors(panel, past, c), SHARE_PRIOR)
    growth, votes_slopes = _expected(panel, past.growth, lambda c: _votes_predictors(panel, past, c), VOTES_PRIOR)
    return Drift(swing, growth, tuple(share_slopes.tolist()), tuple(votes_slopes.tolist()))


def _expected(
    panel: Panel, outcome: Floats, predictors: Callable[[Ints], Floats], prior: Prior
) -> tuple[Floats, Floats]:
    counties = len(panel.fips)
    lessons = []
    for column in range(1, len(panel.years)):
        before = panel.columns_before(np.full(counties, column))
        weight = _weight(panel, before)
        result = centred(outcome[:, column], weight, panel.state, len(panel.states))
        lessons.append(Lesson(predictors(before), result, weight))
    last = panel.last_columns()
    learned = slopes(lessons, prior)
    moved = standardised(predictors(last), _weight(panel, last)) @ learned * usual_spread(lessons)
    return moved, learned


def _weight(panel: Panel, columns: Ints) -> Floats:
    """Root of the votes: between every county alike (small ones rule) and every vote alike (one city rules)."""
    return np.sqrt(np.nan_to_num(panel.at(panel.two_party, columns)))


def _share_predictors(panel: Panel, past: Movements, columns: Ints) -> Floats:
    weight = _weight(panel, columns)
    swing, noise = panel.at(past.swing, columns), panel.at(past.noise, columns)
    width = spread(swing, weight) ** 2
    if width > 0:
        # A hundred voters' swing is mostly chance; keep the part that is not.
        swing = swing * width / (width + noise)
    return _centred(panel, weight, swing, panel.at(past.growth, columns))


def _votes_predictors(panel: Panel, past: Movements, columns: Ints) -> Floats:
    weight = _weight(panel, columns)
    latest = panel.at(past.growth, columns)
    earlier = panel.at(past.growth, panel.columns_before(columns))
    # One election's growth is migration plus that election's turnout; over two the turnout partly cancels.
    pace = np.where(np.isfinite(earlier), (latest + earlier) / 2, latest)
    return _centred(panel, weight, pace, panel.at(panel.logit, columns))


def _centred(panel: Panel, weight: Floats, *predictors: Floats) -> Floats:
    return np.column_stack([centred(p, weight, panel.state, len(panel.states)) for p in predictors])
