"""Turnout: the probability that a registered voter votes in the coming election.

A plain, well-known rule: people who look alike (state, what they did at the last four comparable generals
and the primaries of the last two even years, age) vote at the rate at which such people voted in a past
comparable election, using only what was known before it. The letters are those of
``dbt_project/macros/pattern.sql``. People who registered after the last general have letters of their own
(``x``), so new registrants are learned from new registrants, not from a default.

Belongs here: from counts of cells to a lookup table and its record. Source: vote-goals, section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from .shrink import Count, Key, ShrunkRates, area_under_curve, brier, roll_up, total

NAME = "turnout"
AGE_BANDS = ("18-24", "25-34", "35-49", "50-64", "65-79", "80+", "unknown")
TOO_YOUNG = "17-"
# A cell leans on its parent as if this many of the parent's people were in it.
STRENGTH = 25.0
# Key: state, general pattern (four letters), primary pattern (two letters), age band.
LADDER = ((), (1,), (0, 1), (0, 1, 2), (0, 1, 2, 3))
FLOOR, CEILING = 0.002, 0.998


@dataclass(frozen=True)
class Cell:
    """One row of the lookup table. ``p_turnout`` is 0..1, rounded to six decimals."""

    state: str
    general_pattern: str
    primary_pattern: str
    age_band: str
    p_turnout: float
    training_voters: int


@dataclass(frozen=True)
class Fit:
    """The lookup table and its record (metrics are out of sample: each half scored by the other)."""

    cells: list[Cell]
    metrics: dict[str, float]
    by_state: dict[str, dict[str, float]]


def fit(halves: Sequence[dict[Key, Count]], known: dict[str, tuple[str, str]]) -> Fit:
    """Rates for every cell that can occur.

    ``halves``: counts by key in two random halves of the people. ``known``: by state, which positions are
    known, as a mask of the general and of the primary pattern (``'?'`` known, ``'.'`` not).
    Raises ValueError when there is nobody to learn from.
    """
    whole = _merge(halves)
    if not total(whole.values()).people:
        raise ValueError(
            "turnout: nobody to learn from. No voter of the states in comparables (purpose turnout) was "
            "registered before that election; check winnumber.toml and the accepted voter files"
        )
    rates = ShrunkRates(whole, LADDER, STRENGTH)
    cells = [_cell(key, rates) for state in sorted(known) for key in _all_keys(state, *known[state])]
    scored = _out_of_sample(halves)
    metrics = {
        "auc": area_under_curve((rate, count) for _, rate, count in scored),
        "brier": brier((rate, count) for _, rate, count in scored),
        "auc_of_voting_in_the_last_comparable": area_under_curve(
            (1.0 if key[1][:1] == "1" else 0.0, count) for key, count in whole.items()
        ),
        "brier_of_the_state_mean": brier(_state_means(whole)),
    }
    return Fit(cells, metrics, {state: _record(scored, state) for state in sorted({key[0] for key in whole})})


def _cell(key: Key, rates: ShrunkRates) -> Cell:
    state, generals, primaries, band = key
    return Cell(state, generals, primaries, band, _rounded(rates.rate(key)), rates.people(key))


def _merge(halves: Iterable[dict[Key, Count]]) -> dict[Key, Count]:
    merged: dict[Key, Count] = {}
    for half in halves:
        for key, count in half.items():
            merged[key] = merged.get(key, Count()) + count
    return merged


def _all_keys(state: str, general: str, primary: str) -> Iterable[Key]:
    for generals in product(*("01x" if letter == "?" else "." for letter in general)):
        for primaries in product(*("01" if letter == "?" else "." for letter in primary)):
            for band in AGE_BANDS:
                yield state, "".join(generals), "".join(primaries), band


def _out_of_sample(halves: Sequence[dict[Key, Count]]) -> list[tuple[Key, float, Count]]:
    scored: list[tuple[Key, float, Count]] = []
    for index, half in enumerate(halves):
        others = _merge(other for position, other in enumerate(halves) if position != index)
        rates = ShrunkRates(others, LADDER, STRENGTH)
        scored += [(key, rates.rate(key), count) for key, count in half.items()]
    return scored


def _state_means(whole: dict[Key, Count]) -> list[tuple[float, Count]]:
    return [(count.did / count.people, count) for count in roll_up(whole, (0,)).values() if count.people]


def _record(scored: list[tuple[Key, float, Count]], state: str) -> dict[str, float]:
    own = [(rate, count) for key, rate, count in scored if key[0] == state]
    people = sum(count.people for _, count in own)
    return {
        "training_voters": people,
        "observed_rate": sum(count.did for _, count in own) / people,
        "expected_rate": sum(rate * count.people for rate, count in own) / people,
        "auc": area_under_curve(own),
        "brier": brier(own),
    }


def _rounded(rate: float) -> float:
    return round(min(max(rate, FLOOR), CEILING), 6)
