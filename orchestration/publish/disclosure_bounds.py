"""What sums say of cells that are not shown: how low and how high each of them can be.

Belongs here: bounds from sums. Does not belong here: which cells are withheld (see ``disclosure``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# Unknown cells whose sums run in circles are solved together, as linear programs. A table of 2,020 cells, 705 of them
# withheld, took 8 s of one core (2026-11-26); with many more nobody waits for the answer.
MOST_UNKNOWN = 800
_ENDLESS = float("inf")

Known = tuple[tuple[tuple[int, int], ...], int]  # (cell, +1 or -1) of what is unknown, and what they add up to


class TooEntangled(ValueError):
    """So many cells are withheld that nobody can check what their sums give away; fewer columns have fewer sums."""


def reach(
    unknown: Sequence[int], sums: Sequence[Known], asked: Mapping[int, tuple[int, int]]
) -> dict[int, tuple[float, float]]:
    """How low and how high each asked cell can be, for all the sums say; asked: the span each must be able to take.

    Raises `TooEntangled`.
    """
    # Cells and sums are the two sides of a graph that hangs together: without circles it has one edge less than nodes.
    if sum(len(terms) for terms, _ in sums) == len(unknown) + len(sums) - 1:
        return spread(unknown, sums)
    if len(unknown) > MOST_UNKNOWN:
        raise TooEntangled(
            f"{len(unknown):,} withheld cells hang together by sums, more than {MOST_UNKNOWN:,} cannot be checked; "
            "share by fewer columns"
        )
    return solve(unknown, sums, asked)


def solve(
    unknown: Sequence[int], sums: Sequence[Known], asked: Mapping[int, tuple[int, int]]
) -> dict[int, tuple[float, float]]:
    """How low and how high each asked cell can be, by all sums at once; a cell that reaches its span is left there.

    asked: cell -> the least and the greatest value it must be able to take. Nobody counts below nothing.
    """
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    place = {n: i for i, n in enumerate(unknown)}
    entries = [(row, place[n], sign) for row, (terms, _) in enumerate(sums) for n, sign in terms]
    left = coo_array(
        ([e[2] for e in entries], ([e[0] for e in entries], [e[1] for e in entries])), shape=(len(sums), len(unknown))
    ).tocsr()
    right = [rest for _, rest in sums]
    least, most = np.full(len(unknown), np.inf), np.full(len(unknown), -np.inf)
    for n, (low, high) in asked.items():
        for sign in (1, -1):
            if least[place[n]] <= low if sign > 0 else most[place[n]] >= high:
                continue  # a solution for another cell has shown it
            goal = np.zeros(len(unknown))
            goal[place[n]] = sign
            # Far above any span is as good as without end, and keeps the program bounded.
            made: Any = linprog(goal, A_eq=left, b_eq=right, bounds=(0, 1e9), method="highs")
            if made.status != 0:
                raise TooEntangled(f"the sums of {len(unknown)} withheld cells could not be solved: {made.message}")
            least, most = np.minimum(least, made.x), np.maximum(most, made.x)
    return {n: (float(least[place[n]]), float(most[place[n]])) for n in asked}


def spread(unknown: Sequence[int], sums: Sequence[Known]) -> dict[int, tuple[float, float]]:
    """How low and how high each cell can be, by passing bounds from sum to sum; exact where sums run in no circle."""
    bounds = dict.fromkeys(unknown, (0.0, _ENDLESS))
    changed = True
    while changed:
        changed = False
        for terms, rest in sums:
            spans = [(bounds[n] if sign > 0 else (-bounds[n][1], -bounds[n][0])) for n, sign in terms]
            # Summed without the endless ones, of which a cell takes out its own.
            floor = sum(low for low, _ in spans if low > -_ENDLESS)
            roof = sum(high for _, high in spans if high < _ENDLESS)
            bottomless = sum(low == -_ENDLESS for low, _ in spans)
            topless = sum(high == _ENDLESS for _, high in spans)
            for (n, sign), (own_low, own_high) in zip(terms, spans, strict=True):
                least = (
                    -_ENDLESS
                    if bottomless - (own_low == -_ENDLESS)
                    else floor - (own_low if own_low > -_ENDLESS else 0)
                )
                most = _ENDLESS if topless - (own_high == _ENDLESS) else roof - (own_high if own_high < _ENDLESS else 0)
                low, high = (rest - most, rest - least) if sign > 0 else (least - rest, most - rest)
                now = (max(bounds[n][0], low), min(bounds[n][1], high))
                if now != bounds[n]:
                    bounds[n], changed = now, True
    return bounds
