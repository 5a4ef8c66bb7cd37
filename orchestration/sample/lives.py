"""Ages, registrations and moves of people: the dates of their lives as voters."""

from __future__ import annotations

import numpy as np

from .geography import Geography
from .kinds import FUTURE, GONE, YEAR

# Quantiles of age among voters on file, in years, and of those who register during the sample.
AGE_SHARE = np.array([0, 0.105, 0.27, 0.43, 0.59, 0.775, 0.91, 0.98, 1.0])
AGE_YEARS = np.array([18, 25, 35, 45, 55, 65, 75, 85, 100.9])


def ages(
    rng: np.random.Generator, count: int, head: np.ndarray, place: np.ndarray, kind: np.ndarray, state: str
) -> np.ndarray:
    """Ages on day 1 in years: heads from the distribution, spouses near them, grown children young."""
    chance = rng.random(count) ** (0.86 if state == "FL" else 1.0)
    age = np.interp(chance, AGE_SHARE, AGE_YEARS)
    near = np.clip(age[head] + rng.normal(0, 3.5, count), 18.05, 100)
    child = np.minimum(18.05 + rng.exponential(4.5, count), 45)
    age = np.where((place == 1) & (rng.random(count) < 0.72), near, age)
    age = np.where((place >= 2) & (rng.random(count) < 0.7), child, age)
    gone = np.where(rng.random(count) < 0.5, np.clip(rng.normal(84, 12, count), 40, 118), np.clip(age + 6, 26, 110))
    young = np.where(rng.random(count) < 0.6, 18.05 + rng.exponential(6, count), age)
    age = np.where(kind == GONE, gone, np.where(kind == FUTURE, np.minimum(young, 90), age))
    return np.maximum(age, 18.05)


def registered(rng: np.random.Generator, count: int, age: np.ndarray, birth: np.ndarray, snapshot: int) -> np.ndarray:
    """Dates of first registration: some at eighteen, the others spread over the years since, recent ones likelier."""
    adult = np.maximum(age - 18.02, 0.02)
    tenure = np.minimum(rng.gamma(1.7, 13, count), adult * rng.random(count) ** 0.15)
    at_once = rng.random(count) < 0.3
    tenure = np.where(at_once, np.maximum(adult - rng.exponential(0.6, count), adult * 0.05), tenure)
    number = snapshot - 1 - (tenure * YEAR).astype(np.int64)
    # People register in the months before a presidential election.
    year = (1970 + number / YEAR).astype(np.int64)
    surge = _october(year)
    number = np.where(
        (year % 4 == 0) & (rng.random(count) < 0.45) & (surge < snapshot), surge - rng.integers(5, 90, count), number
    )
    return np.maximum(number, birth + int(18.02 * YEAR))


def _october(year: np.ndarray) -> np.ndarray:
    """Day number of about 10 October of each year."""
    return ((year - 1970) * YEAR + 282).astype(np.int64)


def moves(
    rng: np.random.Generator, geography: Geography, atom: np.ndarray, county: np.ndarray, since: np.ndarray,
    gone: np.ndarray, snapshot: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Day of the last move within the state (0: none) and the atom moved from."""
    count = len(atom)
    first = np.maximum(since + 200, snapshot - int(16 * YEAR))
    last = np.minimum(gone, snapshot) - 40
    when = (first + rng.random(count) * np.maximum(last - first, 0)).astype(np.int64)
    goes = (rng.random(count, dtype=np.float32) < 0.26) & (last > first)
    weight = np.concatenate([[0], np.cumsum(geography.atom_voters)])
    starts, stops = weight[geography.county_atoms[:-1]], weight[geography.county_atoms[1:]]
    stays = rng.random(count, dtype=np.float32) < 0.62
    low = np.where(stays, starts[county], 0)
    high = np.where(stays, stops[county], weight[-1])
    came = np.searchsorted(weight, low + rng.random(count) * (high - low), side="right") - 1
    came = np.clip(came, 0, geography.atoms - 1)
    goes &= came != atom
    return np.where(goes, when, 0), np.where(goes, came, atom)
