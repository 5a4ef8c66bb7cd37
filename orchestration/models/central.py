"""Votes counted in no precinct (central absentee, one-stop sites), put back where their voters live.

Belongs here: the allocation, in whole votes, with every county's certified total kept. Does not belong here: how
results are read (``int_results__precinct_shares``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .scorecard import Floats
from .shifts import shift_shares

# Fourteen votes counted in a precinct, all on one side, do not say that forty central ones were too.
STRENGTH = 20.0


def allocated(counted: Floats, county_votes: Floats, county: NDArray[np.int64]) -> Floats:
    """Votes for and against by precinct, central votes included; per county they add up to ``county_votes``.

    ``counted``: 2 x precincts, for and against, counted in the precinct. ``county_votes``: 2 x counties, all rows.
    ``county``: of each precinct. A county's central votes go to its precincts in proportion to the votes counted
    there, and are for or against as those are (and as the county's are, as if by ``STRENGTH`` votes), moved by one
    logit shift to the central count's own result. Where a county has no precinct with votes, its votes stay in the
    county.
    """
    size = county_votes.shape[1]
    votes = counted.sum(axis=0)
    inside = np.stack([np.bincount(county, side, size) for side in counted])
    outside = np.maximum(county_votes - inside, 0)
    whole, held = outside.sum(axis=0), np.bincount(county, votes, size)
    takes = (whole > 0) & (held > 0)
    if not takes.any():
        return counted.copy()
    central = largest_remainder(
        np.where(takes[county], whole[county] * votes / np.maximum(held[county], 1), 0.0),
        county,
        np.where(takes, whole, 0),
    )
    goal = np.where(takes, outside[0] / np.maximum(whole, 1), 0.5)
    around = (inside[0] / np.maximum(held, 1))[county]
    share = shift_shares((counted[0] + STRENGTH * around) / (votes + STRENGTH), central, county, goal)
    ours = largest_remainder(np.minimum(central * share, central), county, np.where(takes, outside[0], 0), central)
    return counted + np.stack([ours, central - ours])


def largest_remainder(values: Floats, group: NDArray[np.int64], totals: Floats, most: Floats | None = None) -> Floats:
    """Whole numbers near ``values`` that add up to the total of their group; ties by position, none above ``most``."""
    whole = np.floor(values + 1e-9)
    rest = np.rint(totals - np.bincount(group, whole, len(totals))).astype(np.int64)
    room = np.full(len(values), np.inf) if most is None else most - whole
    order = np.lexsort((np.arange(len(values)), -(values - whole)))
    for index in np.flatnonzero(rest):
        left = int(rest[index])
        own = order[group[order] == index]
        while left > 0:
            able = own[room[own] > 0][:left]
            if not len(able):
                raise ValueError(f"{left} votes find no room among the precincts of a county")
            whole[able] += 1
            room[able] -= 1
            left -= len(able)
        while left < 0:
            able = own[::-1][whole[own[::-1]] > 0][:-left]
            whole[able] -= 1
            left += len(able)
    return whole
