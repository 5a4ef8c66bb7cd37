"""How much of what is known before an election shows up in it: slopes in standard units, leaning on a prior.

Elections differ in how far counties move apart (2016 twice as far as 2012), so a slope in raw units learned from one
does not fit the next. In standard units it does: each predictor and each outcome is divided by its spread in that
election, the slope becomes a correlation, and the forecast is brought back to the spread that elections usually have.

Belongs here: the arithmetic. Does not belong here: which predictors are used (``distribution``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .panel import Floats
from .swings import spread

# How far the slope of one election lies from the long-run slope (correlations scatter; nothing here is fitted to a
# target year). It says how many past elections outweigh the prior: with equal sizes, the prior counts as one.
BETWEEN = 0.2
NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class Prior:
    """Belief about slopes before any election was seen: means and standard deviations, one per predictor."""

    mean: tuple[float, ...]
    sd: tuple[float, ...]


@dataclass(frozen=True)
class Lesson:
    """One past election: ``predictors`` (units, slopes) known before it, ``outcome`` (units,), ``weight`` (units,)."""

    predictors: Floats
    outcome: Floats
    weight: Floats


def standardised(predictors: Floats, weight: Floats) -> Floats:
    """Each predictor divided by its spread; 0 where a unit has no value or nobody differs."""
    scaled = np.zeros_like(predictors)
    for column in range(predictors.shape[1]):
        width = spread(predictors[:, column], weight)
        if width > NEGLIGIBLE:
            scaled[:, column] = np.nan_to_num(predictors[:, column] / width)
    return scaled


def slopes(lessons: Sequence[Lesson], prior: Prior) -> Floats:
    """The slopes to use next: the prior, corrected by each past election. One per predictor."""
    precision = np.diag(1 / np.square(prior.sd))
    pull = np.array(prior.mean) / np.square(prior.sd)
    for lesson in lessons:
        usable = np.isfinite(lesson.outcome) & np.isfinite(lesson.predictors).any(axis=1) & (lesson.weight > 0)
        width = spread(lesson.outcome[usable], lesson.weight[usable])
        if not usable.any() or width <= NEGLIGIBLE:
            continue
        part = lesson.weight[usable] / lesson.weight[usable].sum()
        x = standardised(lesson.predictors[usable], lesson.weight[usable])
        y = lesson.outcome[usable] / width
        # A correlation of few counties is a noisy one: 1/n on top of the scatter between elections.
        certainty = 1 / (BETWEEN**2 + float(np.sum(part**2)))
        precision += (x * part[:, None]).T @ x * certainty
        pull += (x * part[:, None]).T @ y * certainty
    return np.asarray(np.linalg.solve(precision, pull), dtype=np.float64)


def usual_spread(lessons: Sequence[Lesson]) -> float:
    """The geometric mean of the outcomes' spreads; 0 when there is none."""
    widths = [spread(lesson.outcome, lesson.weight) for lesson in lessons]
    known = [w for w in widths if w > NEGLIGIBLE]
    return float(np.exp(np.mean(np.log(known)))) if known else 0.0
