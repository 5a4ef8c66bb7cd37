"""How people lean and which party they belong to; each county's leans give its share of President 2024."""

from __future__ import annotations

import numpy as np

from .geography import Geography
from .kinds import DEM, FEMALE, GRE, IND, LIB, REP

# What membership of a party adds to its side, in log odds.
LOYALTY = 1.0
# Log odds by race: white, Black, Hispanic, Asian, other.
RACE_LEAN = np.array([-0.35, 2.6, 0.35, 0.7, 0.4])


def lean_of(
    rng: np.random.Generator, geography: Geography, atom: np.ndarray, county: np.ndarray, head: np.ndarray,
    race: np.ndarray, age: np.ndarray, sex: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Log odds of voting Democratic, set so that each county's expected voters give its share of 2024."""
    count = len(atom)
    raw = (
        geography.atom_lean[atom]
        + RACE_LEAN[race]
        + 1.5 * rng.standard_normal(count, dtype=np.float32)[head]
        + rng.standard_normal(count, dtype=np.float32)
        - 0.012 * (age - 50)
        + np.where(sex == FEMALE, 0.18, -0.18)
    )
    return _at_target(raw, geography, county, age)


def with_party(
    lean: np.ndarray, party: np.ndarray, geography: Geography, county: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """Log odds after a party is joined: members are loyal, nine in ten, and each county keeps its share of 2024.

    About what validated-voter studies find of registered partisans; with it the true propensities rank as well as a
    published vendor's scores did on a survey (an AUC of 0.91, docs/scores.md).
    """
    loyal = np.where(party == DEM, LOYALTY, np.where(party == REP, -LOYALTY, 0.0))
    return _at_target(lean + loyal, geography, county, age)


def _at_target(raw: np.ndarray, geography: Geography, county: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Log odds moved by one shift per county to the county's share of 2024 among likely voters."""
    count = len(raw)
    weight = 1 / (1 + np.exp(-(0.03 * (np.minimum(age, 75) - 35) + 1.0)))
    first = int(county[0]) if count else 0
    local = county - first
    size = int(local.max()) + 1 if count else 0
    whole = np.bincount(local, weight, size)
    target = np.clip(geography.counties.share[first : first + size], 0.02, 0.98)
    shift = np.zeros(size)
    for _ in range(7):
        p = 1 / (1 + np.exp(-(raw + shift[local])))
        share = np.bincount(local, weight * p, size) / whole
        slope = np.maximum(np.bincount(local, weight * p * (1 - p), size) / whole, 0.01)
        shift += np.clip((target - share) / slope, -1.5, 1.5)
    return (raw + shift[local]).astype(np.float32)


def party_of(rng: np.random.Generator, lean: np.ndarray, age: np.ndarray) -> np.ndarray:
    """The party a person belongs to or leans to: DEM, REP, IND, LIB or GRE."""
    dem = np.exp(1.1 * lean + 0.006 * (age - 45) - 0.15)
    rep = np.exp(-1.15 * lean + 0.008 * (age - 45) - 0.25)
    none = np.exp(0.8 - 0.012 * (age - 45) - 0.02 * lean)
    whole = dem + rep + none
    chance = rng.random(len(lean))
    party = np.where(chance < dem / whole, DEM, np.where(chance < (dem + rep) / whole, REP, IND))
    small = rng.random(len(lean))
    party = np.where((small < 0.007) & (party != DEM), LIB, party)
    return np.where((small > 0.998) & (party != REP), GRE, party).astype(np.uint8)
