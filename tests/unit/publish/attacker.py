"""Somebody outside who has every share of a table and works out what was withheld.

Knows every sum of every share, that counts are whole numbers from nothing upwards, and earlier shares; nothing of how
cells were chosen. Shares no code with the engine: sums are found from the keys alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import lil_array

Key = tuple[str, ...]
Share = Mapping[Key, int | None]  # a count, or None where it was withheld


def sums_of(keys: Sequence[Key], whole: str = "(all)") -> list[tuple[Key, list[Key]]]:
    """Every sum over one column that the keys of a table with margins have."""
    parts: dict[tuple[Key, int], list[Key]] = {}
    for key in keys:
        for place, value in enumerate(key):
            if value != whole:
                parts.setdefault(((*key[:place], whole, *key[place + 1 :]), place), []).append(key)
    return [(total, found) for (total, _), found in parts.items()]


def ranges(share: Share, sums: Sequence[tuple[Key, Sequence[Key]]]) -> dict[Key, tuple[float, float]]:
    """The least and greatest each withheld cell can be, by linear programs over the whole table."""
    names = list(share)
    place = {key: i for i, key in enumerate(names)}
    left, right = lil_array((len(sums), len(names))), np.zeros(len(sums))
    for row, (total, parts) in enumerate(sums):
        left[row, place[total]] = -1
        for part in parts:
            left[row, place[part]] = 1
    bounds = [(0, None) if share[k] is None else (share[k], share[k]) for k in names]
    found = {}
    for key in names:
        if share[key] is not None:
            continue
        goal = np.zeros(len(names))
        goal[place[key]] = 1
        low = linprog(goal, A_eq=left.tocsr(), b_eq=right, bounds=bounds, method="highs")
        high = linprog(-goal, A_eq=left.tocsr(), b_eq=right, bounds=bounds, method="highs")
        assert low.status == 0
        found[key] = (low.fun, -high.fun if high.status == 0 else float("inf"))
    return found
