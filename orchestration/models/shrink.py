"""Rates of cells of people, small cells leaning on larger ones.

A cell is a combination of letters (state, past voting, age). Its rate is the cell's own record plus
``strength`` imaginary people who behave like the parent cell; the parent is estimated in the same way from
its own parent. Belongs here: the arithmetic and the measures that say how good such rates are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Key = tuple[str, ...]


@dataclass(frozen=True)
class Count:
    """How many people a cell has and how many of them did it (voted)."""

    people: int = 0
    did: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.people + other.people, self.did + other.did)


def total(counts: Iterable[Count]) -> Count:
    """The sum of counts."""
    people = did = 0
    for count in counts:
        people += count.people
        did += count.did
    return Count(people, did)


def roll_up(cells: dict[Key, Count], keep: Sequence[int]) -> dict[Key, Count]:
    """Counts by the letters at the positions ``keep``, summed over the others."""
    summed: dict[Key, Count] = {}
    for key, count in cells.items():
        short = tuple(key[position] for position in keep)
        summed[short] = summed.get(short, Count()) + count
    return summed


class ShrunkRates:
    """Rates of cells at a ladder of detail.

    ``ladder``: positions of the key kept at each rung, coarsest first; the last rung is the full key.
    ``strength``: imaginary people taken from the rung above (100 outweigh a cell of 100 people by half).
    A cell never seen has its parent's rate.
    """

    def __init__(self, cells: dict[Key, Count], ladder: Sequence[Sequence[int]], strength: float) -> None:
        self._ladder = [tuple(rung) for rung in ladder]
        self._strength = strength
        self._rungs = [roll_up(cells, rung) for rung in self._ladder]
        self._known: dict[tuple[int, Key], float] = {}
        whole = total(cells.values())
        self._start = whole.did / whole.people if whole.people else 0.5

    def rate(self, key: Key) -> float:
        """The rate of the cell ``key``, 0..1."""
        return self._rate(len(self._ladder) - 1, key)

    def people(self, key: Key) -> int:
        """How many people of the cell the rates were learned from."""
        return self._rungs[-1].get(key, Count()).people

    def _rate(self, rung: int, key: Key) -> float:
        if rung < 0:
            return self._start
        short = tuple(key[position] for position in self._ladder[rung])
        known = self._known.get((rung, short))
        if known is None:
            parent = self._rate(rung - 1, key)
            count = self._rungs[rung].get(short, Count())
            known = (count.did + self._strength * parent) / (count.people + self._strength)
            self._known[(rung, short)] = known
        return known


def area_under_curve(scored: Iterable[tuple[float, Count]]) -> float:
    """Probability that a random person who did it scores above one who did not (ties count half).

    NaN when everybody did it or nobody did.
    """
    by_score: dict[float, Count] = {}
    for score, count in scored:
        by_score[score] = by_score.get(score, Count()) + count
    below = wins = 0.0
    for score in sorted(by_score):
        count = by_score[score]
        idle = count.people - count.did
        wins += count.did * (below + idle / 2)
        below += idle
    did = sum(count.did for count in by_score.values())
    return wins / (did * below) if did and below else float("nan")


def brier(scored: Iterable[tuple[float, Count]]) -> float:
    """Mean squared distance between probability and outcome; NaN without people."""
    people = 0
    loss = 0.0
    for score, count in scored:
        people += count.people
        loss += count.did * (1 - score) ** 2 + (count.people - count.did) * score**2
    return loss / people if people else float("nan")
