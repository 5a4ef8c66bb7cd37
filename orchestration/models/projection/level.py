"""What a whole state will do: its two-party share and its total votes, with priors and the reasons for them.

Mostly unknowable from past results; the numbers here are central values, and ``errors`` carries how far off such
values were. Belongs here: the state's level and its priors. Does not belong here: counties.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .panel import Floats, Panel
from .shift import logistic, logit, shifts
from .swings import movements

# The party in the White House on election day: known long before each election (it is no result of that election).
# A year that is not here has no such effect.
WHITE_HOUSE = {1980: "D", 1984: "R", 1988: "R", 1992: "R", 1996: "D", 2000: "D", 2004: "R", 2008: "R"}
WHITE_HOUSE |= {2012: "D", 2016: "D", 2020: "R", 2024: "D", 2028: "R"}

# Cost of ruling. Governing parties lose about 2 1/4 points per term (Nannestad and Paldam 2002, over democracies);
# the party in the White House lost 2.5 points of the two-party vote against its last result over the 13 elections
# 1952-2000, with a standard error of 2.2. So uncertain a mean is halved: 1.15 points, 0.046 in log odds at 50 %.
COST_OF_RULING, COST_ELECTIONS = 0.046, 13.0
# Turnout. The nation's presidential votes grew by 0.0475 (log) per four years over 1952-2000, twelve times; a surge was
# followed by a fall (lag-one autocorrelation of the twelve -0.77; -0.7 here, twelve are few).
USUAL_GROWTH, GROWTH_ELECTIONS, REVERSION = 0.0475, 12.0, 0.7
# A state's growth beyond that of all states counts once this many elections outweigh chance.
STATE_GROWTH_ELECTIONS = 3.0
CYCLE = 4.0


@dataclass(frozen=True)
class StateResult:
    """A state's outcome, known or expected: two-party Democratic share 0..1 and total votes."""

    share: float
    votes: float


def expected_states(panel: Panel, year: int) -> dict[str, StateResult]:
    """Central forecast of each state of the panel for ``year``, from the elections in the panel."""
    latest = panel.previous[:, len(panel.years)]
    rows = np.arange(len(panel.states))
    share = panel.state_dem[rows, latest] / panel.state_two_party[rows, latest]
    moved = logistic(logit(share) + _expected_shift(panel, year))
    votes = panel.state_total[rows, latest] * np.exp(_expected_growth(panel, year))
    return {s: StateResult(float(moved[i]), float(votes[i])) for i, s in enumerate(panel.states)}


def common_shift(panel: Panel, column: int) -> float:
    """The logit shift of all the panel's states together into the election of ``column``; NaN if it has no other."""
    before = panel.columns_before(np.full(len(panel.fips), column))
    old = panel.at(panel.logit, before)
    weight = np.where(np.isfinite(old), panel.two_party[:, column], np.nan)
    cast = np.nansum(weight)
    if not cast > 0:
        return float("nan")
    won = np.nansum(np.where(np.isfinite(old), panel.dem[:, column], np.nan))
    return float(shifts(old, weight, np.zeros(len(old), dtype=np.int64), np.array([won / cast]))[0])


def _expected_shift(panel: Panel, year: int) -> float:
    losses, elections = COST_OF_RULING * COST_ELECTIONS, COST_ELECTIONS
    for column, past in enumerate(panel.years):
        shift = common_shift(panel, column)
        if np.isfinite(shift) and past in WHITE_HOUSE:
            losses -= shift * _sign(past)
            elections += 1
    return -_sign(year) * losses / elections


def _sign(year: int) -> float:
    return {"D": 1.0, "R": -1.0}.get(WHITE_HOUSE.get(year, ""), 0.0)


def _expected_growth(panel: Panel, year: int) -> Floats:
    """Log growth of each state's total votes into ``year``, (states,)."""
    common, own = _past_growth(panel)
    usual = (USUAL_GROWTH * GROWTH_ELECTIONS + sum(common)) / (GROWTH_ELECTIONS + len(common))
    ahead = usual - (REVERSION * (common[-1] - usual) if common else 0.0)
    counted = np.isfinite(own).sum(axis=1)
    beyond = np.nansum(own, axis=1) / (counted + STATE_GROWTH_ELECTIONS)
    return (ahead + beyond) * _cycles(panel, year)


def _past_growth(panel: Panel) -> tuple[list[float], Floats]:
    """Growth per four years of all states together, by election, and of each state beyond it: (states, years)."""
    past = movements(panel).state_growth
    common: list[float] = []
    own = np.full_like(past, np.nan)
    for column in range(1, len(panel.years)):
        before = panel.previous[:, column]
        known = np.isfinite(past[:, column]) & (before >= 0)
        if not known.any():
            continue
        old = panel.state_total[np.arange(len(before)), np.maximum(before, 0)][known]
        grown = float(np.log(np.sum(old * np.exp(past[known, column])) / np.sum(old)))
        gaps = np.array([panel.years[column] - panel.years[b] for b in before[known]]) / CYCLE
        common.append(grown / float(np.mean(gaps)))
        own[known, column] = (past[known, column] - grown) / gaps
    return common, own


def _cycles(panel: Panel, year: int) -> Floats:
    latest = panel.previous[:, len(panel.years)]
    return np.array([year - panel.years[c] for c in latest]) / CYCLE
