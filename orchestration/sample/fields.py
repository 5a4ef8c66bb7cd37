"""What several states' writers share: identity numbers, addresses, name tables, pseudo-random traits.

A trait (is the record confidential, has it a PO box) is a function of the person's number, so that it is the
same on every day without being stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from .data.places import STREET_TYPES, STREETS
from .days import Snapshot
from .naming import name_lists
from .people import People
from .text import ascii_only, table

# Rows formatted at once: bounds memory, large enough to keep Polars busy.
SLICE = 120_000
# The largest prime below a thousand million: (number * MIX + SHIFT) mod PRIME spreads numbers without collisions.
PRIME, MIX, SHIFT = 999_999_937, 387_420_489, 104_729
AREA_CODES = {"NC": "919", "OH": "614", "FL": "850", "VA": "804", "PA": "717"}


@dataclass(frozen=True)
class Chunk:
    """A chunk's people with the statewide number of the first person of each county."""

    people: People
    starts: np.ndarray

    def number(self, rows: np.ndarray) -> np.ndarray:
        """A nine-digit number per person, unique in the state and unrelated to the order of rows."""
        whole = self.starts[self.people.county[rows]] + self.people.serial[rows]
        number: np.ndarray = (whole * MIX + SHIFT) % PRIME
        return number

    def trait(self, rows: np.ndarray, purpose: int) -> np.ndarray:
        """Numbers in 0 .. 9999 that depend on person and purpose only."""
        value = (self.starts[self.people.county[rows]] + self.people.serial[rows]).astype(np.uint64)
        value = (value + np.uint64(purpose * 7_919 + 1)) * np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        number: np.ndarray = ((value ^ (value >> np.uint64(32))) % np.uint64(10_000)).astype(np.int64)
        return number


@dataclass(frozen=True)
class Addresses:
    """House number (1 .. 9801), street code, unit (0: none) of some rows on a day."""

    house: np.ndarray
    street: np.ndarray
    unit: np.ndarray


def slices(rows: np.ndarray) -> Iterator[np.ndarray]:
    """The rows in pieces of bounded size."""
    for start in range(0, len(rows), SLICE):
        yield rows[start : start + SLICE]


def addresses(people: People, snapshot: Snapshot, rows: np.ndarray) -> Addresses:
    """Addresses on the day; somebody who moved during the sample has a new one."""
    moved = snapshot.moved[rows]
    house, street, unit = people.house[rows], people.street[rows], people.unit[rows]
    return Addresses(
        house=np.where(moved, house * 7 % 9_800 + 1, house),
        street=(street + np.where(moved, 1_009, 0)) % len(streets()),
        unit=np.where(moved, 0, unit),
    )


@cache
def streets() -> tuple[tuple[str, str], ...]:
    """All streets: name and type."""
    return tuple((name, kind) for kind in STREET_TYPES for name in STREETS)


@cache
def name_tables(before: str, after: str, is_ascii: bool, width: int = 99) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Surnames (no end: a second one may follow), first names, middle names, with marks round them."""
    lists = name_lists()
    clean = ascii_only if is_ascii else str
    return (
        table(f"{before}{clean(name)}" for name in lists.surnames),
        table(f"{before}{clean(name)}{after}" for name in lists.firsts),
        table(f"{before}{clean(name)}{after}" for name in lists.middles),
    )


@cache
def second_surnames(after: str, is_ascii: bool) -> pl.Series:
    """The rest of a surname field: nothing, or a hyphen and a second surname."""
    clean = ascii_only if is_ascii else str
    return table([after, *(f"-{clean(name)}{after}" for name in name_lists().surnames)])


def title(name: str) -> str:
    """A place name in title case, as results print it."""
    small = {"And", "Of"}
    words = [word.capitalize() for word in name.replace("-", " - ").split()]
    text = " ".join(word.lower() if word in small else word for word in words)
    return text.replace(" - ", "-")
