"""The ledger's arithmetic a second time, in exact fractions and plain loops, to compare the SQL with.

Written from the definition (vote-goals sections 2 and 3), not from the SQL.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction


def half_up(value: Fraction) -> int:
    """The nearest whole number, halves up."""
    return math.floor(value + Fraction(1, 2))


def largest_remainder(
    quotas: Mapping[str, Decimal], total: int, caps: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Hamilton's rule with ties by id; where caps leave too few parts with room, the rest fills what room is left."""
    given = {unit: math.floor(quota) for unit, quota in quotas.items()}
    room = {unit: (caps[unit] - given[unit] if caps else total + 1) for unit in quotas}
    order = sorted(quotas, key=lambda unit: (room[unit] <= 0, -(quotas[unit] - given[unit]), unit))
    missing = total - sum(given.values())
    for unit in order[:missing]:
        if room[unit] > 0:
            given[unit] += 1
            room[unit] -= 1
    missing = total - sum(given.values())
    for unit in order:
        extra = min(room[unit], missing)
        if extra > 0:
            given[unit] += extra
            missing -= extra
    return given


def shift(units: Mapping[str, tuple[int, float]], goal: int) -> float:
    """The logit shift by plain bisection, to the last digit of a double."""
    low, high = -60.0, 60.0
    for _ in range(200):
        middle = (low + high) / 2
        reached = math.fsum(
            weight / (1 + math.exp(-(math.log(share / (1 - share)) + middle))) for weight, share in units.values()
        )
        low, high = (middle, high) if reached < goal else (low, middle)
    return (low + high) / 2
