"""Which names people bear: lists by group and the weights they are drawn with.

The lists are data; who belongs to which group is decided in `people`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .data import names as lists


@dataclass(frozen=True)
class Names:
    """Lookup lists and, per group, the cumulative weights from which a code is drawn."""

    surnames: list[str]
    firsts: list[str]
    middles: list[str]
    surname_draw: np.ndarray
    first_draw: np.ndarray
    middle_draw: np.ndarray


@cache
def name_lists() -> Names:
    """All surnames, first and middle names, and how each group draws from them."""
    pools = (lists.SURNAMES_GENERAL, lists.SURNAMES_BLACK, lists.SURNAMES_HISPANIC, lists.SURNAMES_ASIAN)
    surnames = sorted({name for pool in pools for name in pool})
    # rows: white, Black, Hispanic, Asian, other; columns: shares of the four pools
    mix = ((0.96, 0.02, 0.01, 0.01), (0.45, 0.53, 0.01, 0.01), (0.10, 0.01, 0.88, 0.01), (0.12, 0.0, 0.02, 0.86),
           (0.60, 0.20, 0.15, 0.05))  # fmt: skip
    tilt = np.zeros((5, len(surnames)))
    for pool, share in zip(pools, np.array(mix).T, strict=True):
        weights = 1 / (np.arange(len(pool)) + 12.0)
        index = np.searchsorted(surnames, pool)
        tilt[:, index] += share[:, None] * (weights / weights.sum())[None, :]
    groups: list[list[str]] = []
    for by_decade, extra, hispanic, asian in (
        (lists.FEMALE, lists.FEMALE_EXTRA, lists.FEMALE_HISPANIC, lists.FEMALE_ASIAN),
        (lists.MALE, lists.MALE_EXTRA, lists.MALE_HISPANIC, lists.MALE_ASIAN),
    ):
        groups += [by_decade[decade] + extra for decade in sorted(by_decade)]
        groups += [hispanic, asian]
    firsts = sorted({name for group in groups for name in group})
    first = np.zeros((len(groups), len(firsts)))
    for number, group in enumerate(groups):
        weights = np.concatenate([1 / (np.arange(min(15, len(group))) + 6.0), np.full(max(0, len(group) - 15), 0.02)])
        first[number, np.searchsorted(firsts, group)] += weights / weights.sum()
    middles = ["", *sorted(set(lists.MIDDLE_FEMALE) | set(lists.MIDDLE_MALE))]
    middle = np.zeros((2, len(middles)))
    for sex, group in enumerate((lists.MIDDLE_FEMALE, lists.MIDDLE_MALE)):
        middle[sex, np.searchsorted(middles, group)] = 0.9 / len(group)
        middle[sex, 0] = 0.1
    return Names(surnames, firsts, middles, _cumulative(tilt), _cumulative(first), _cumulative(middle))


def _cumulative(weights: np.ndarray) -> np.ndarray:
    """Rows of cumulative weights, row r raised by r, flat: one sorted array to search for every group at once."""
    # Sums of shares may end a hair above 1, which would spoil the order.
    rows = np.minimum(np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1), 1.0)
    rows[:, -1] = 1.0
    flat: np.ndarray = (rows + np.arange(len(rows))[:, None]).ravel()
    return flat


def draw(flat: np.ndarray, size: int, group: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """A code per person, drawn from the weights of the person's group."""
    at = np.searchsorted(flat, group + chance.astype(np.float64), side="right") - group * size
    return np.clip(at, 0, size - 1).astype(np.uint16)
