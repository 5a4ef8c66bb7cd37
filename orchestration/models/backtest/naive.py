"""The naive rules that a projection has to beat (vote-goals section 6), from the same elections before.

Belongs here: the rules. ``KNOWN`` are those that are told the state's result. All give NaN for a county that lacks an
election which the rule needs.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from orchestration.models.projection.level import StateResult
from orchestration.models.projection.panel import Floats, Panel

KNOWN = ("previous_plus_known_swing", "previous_times_known_growth")


def share_rules(history: Panel, results: Mapping[str, StateResult]) -> dict[str, Floats]:
    """Two-party share 0..1 of each county of ``history`` in the election after it, by rule."""
    last, second, third = _last_three(history)
    one, two, three = (history.at(history.share, columns) for columns in (last, second, third))
    before = _state_values(history, history.state_dem / history.state_two_party)
    known = np.array([results[s].share if s in results else np.nan for s in history.states])
    return {
        "previous": one,
        "previous_plus_known_swing": one + (known - before)[history.state],
        "mean_of_last_three": (one + two + three) / 3,
        "previous_plus_half_trend": one + (one - two) / 2,
    }


def votes_rules(history: Panel, results: Mapping[str, StateResult]) -> dict[str, Floats]:
    """Total votes of each county of ``history`` in the election after it, by rule."""
    last, second, third = _last_three(history)
    one, two, three = (history.at(history.total, columns) for columns in (last, second, third))
    before = _state_values(history, history.state_total)
    known = np.array([results[s].votes if s in results else np.nan for s in history.states])
    return {
        "previous_total": one,
        "previous_times_known_growth": one * (known / before)[history.state],
        "mean_of_last_three_totals": (one + two + three) / 3,
        "previous_times_own_growth": one * one / two,
    }


def _last_three(history: Panel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    last = history.last_columns()
    second = history.columns_before(last)
    return last, second, history.columns_before(second)


def _state_values(history: Panel, values: Floats) -> Floats:
    latest = history.previous[:, len(history.years)]
    return values[np.arange(len(history.states)), latest]
