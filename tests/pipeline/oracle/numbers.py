"""How a whole number goes down to its parts, in exact arithmetic.

Belongs here: rounding, largest remainder, the logit shift. Does not belong here: what is handed down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

PLACES = 10**12  # logistic quotas are compared to this many parts, so that equal ones are equal


def half_up(value: Fraction) -> int:
    """The nearest whole number, halves up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def largest_remainder(
    numerators: Sequence[int], denominator: int, total: int, ids: Sequence[str], caps: Sequence[int] | None = None
) -> list[int]:
    """Whole numbers that add up to ``total``: quotas rounded down, the rest by remainder, then by id.

    A part's quota is its numerator over the common denominator. With ``caps`` a part that is full is passed over.
    """
    got = [n // denominator for n in numerators]
    order = sorted(range(len(ids)), key=lambda i: (-(numerators[i] % denominator), ids[i]))
    missing = total - sum(got)
    assert missing >= 0
    if caps is not None:
        assert all(g <= c for g, c in zip(got, caps, strict=True))
        assert sum(caps) >= total
    first = True
    while missing:
        for i in order:
            room = 1 if caps is None else caps[i] - got[i]
            if not missing:
                break
            # One place each in the first round; after it a capped part takes all the room it has.
            take = min(missing, room, 1 if first or caps is None else room)
            got[i] += take
            missing -= take
        first = False
    return got


def in_proportion(total: int, weights: Sequence[int], ids: Sequence[str]) -> list[int]:
    """``total`` handed down in proportion to whole weights."""
    whole = sum(weights)
    return largest_remainder([total * w for w in weights] if whole else [0] * len(ids), whole or 1, total, ids)


def shifted(goal: int, weights: Sequence[int], shares: Sequence[Decimal]) -> list[int]:
    """What each unit contributes to ``goal`` under the one logit shift that reaches it, in 1/PLACES.

    Solves sum of w x logistic(logit(share) + d) = goal for d, by halving and then by Newton's steps.
    """
    whole = sum(weights)
    if goal == 0:
        return [0] * len(weights)
    if goal == whole:
        return [w * PLACES for w in weights]
    with localcontext() as context:
        context.prec = 40
        grouped: dict[Decimal, int] = defaultdict(int)
        for weight, share in zip(weights, shares, strict=True):
            if weight:
                grouped[share] += weight
        odds = {share: share / (1 - share) for share in grouped}
        # In odds: w x o t / (1 + o t), with t = exp(d); as a function of t it rises from 0 to the whole.
        low = high = Decimal(1)
        while _reached(grouped, odds, low) > goal:
            low /= 4
        while _reached(grouped, odds, high) < goal:
            high *= 4
        for _ in range(20):
            middle = (low * high).sqrt()
            low, high = (middle, high) if _reached(grouped, odds, middle) < goal else (low, middle)
        t = (low * high).sqrt()
        for _ in range(6):
            slope = sum((w * odds[s] / (1 + odds[s] * t) ** 2 for s, w in grouped.items()), Decimal(0))
            t -= (_reached(grouped, odds, t) - goal) / slope
        assert abs(_reached(grouped, odds, t) - goal) < Decimal("1e-25")
        part = {s: o * t / (1 + o * t) for s, o in odds.items()}
        return [
            int((w * part[s] * PLACES).to_integral_value()) if w else 0 for w, s in zip(weights, shares, strict=True)
        ]


def _reached(weights: dict[Decimal, int], odds: dict[Decimal, Decimal], t: Decimal) -> Decimal:
    return sum((w * odds[s] * t / (1 + odds[s] * t) for s, w in weights.items()), Decimal(0))
