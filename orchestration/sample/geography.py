"""Precincts, precinct splits, districts, municipalities and ZIP codes of a state's sample.

The *atom* is the precinct split: one precinct, one district of each kind, one municipality. People live in
atoms; every larger area is a sum of them. Counties come from `counties`; nobody lives here yet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .counties import Counties, logit
from .data.places import TOWNS
from .plan import STATE_SIZE
from .rng import apportion, stream

DISTRICTS = {
    "NC": (14, 50, 120), "OH": (15, 33, 99), "FL": (28, 40, 120), "VA": (11, 40, 100), "PA": (17, 50, 203),
}  # fmt: skip
ZIP_RANGE = {
    "NC": (27000, 28999),
    "OH": (43000, 45899),
    "FL": (32000, 34999),
    "VA": (22000, 24699),
    "PA": (15000, 19699),
}
# Kinds of municipality: city, village or borough or town, township (where the whole state lies in one).
CITY, VILLAGE, TOWNSHIP = "C", "V", "T"
COVERED = ("OH", "PA")
# People removed in the fifteen years before day 1, per voter on file.
GONE_SHARE = 0.34


@dataclass(frozen=True)
class Geography:
    """Arrays by precinct and by atom; atoms are numbered by county, then precinct, and `county_atoms` bounds them."""

    counties: Counties
    precinct_county: np.ndarray
    precinct_code: list[str]
    precinct_name: list[str]
    muni_name: list[str]
    muni_kind: list[str]
    atom_precinct: np.ndarray
    atom_county: np.ndarray
    atom_muni: np.ndarray
    atom_cd: np.ndarray
    atom_sd: np.ndarray
    atom_hd: np.ndarray
    atom_split: np.ndarray
    atom_zip: np.ndarray
    atom_voters: np.ndarray
    atom_gone: np.ndarray
    atom_black: np.ndarray
    atom_hispanic: np.ndarray
    atom_asian: np.ndarray
    atom_lean: np.ndarray
    atom_turnout: np.ndarray
    county_atoms: np.ndarray

    @property
    def state(self) -> str:
        """Two-letter code."""
        return self.counties.state

    @property
    def atoms(self) -> int:
        """Number of atoms."""
        return len(self.atom_precinct)

    def city(self, atom: int) -> str:
        """The postal city of an atom."""
        muni = int(self.atom_muni[atom])
        return self.muni_name[muni] if muni >= 0 else self.counties.seat[int(self.atom_county[atom])]

    def municipality(self, atom: int) -> tuple[str, str]:
        """Name and kind of the atom's municipality; two blanks where there is none."""
        muni = int(self.atom_muni[atom])
        return (self.muni_name[muni], self.muni_kind[muni]) if muni >= 0 else ("", "")


def precinct_size(state: str, voters: int) -> float:
    """Voters per precinct: about 17 in a sample of 20 thousand over five states, 670 in one of ten million."""
    scaled = voters * sum(STATE_SIZE.values()) / STATE_SIZE[state]
    return float(np.clip(17 * (scaled / 20_000) ** 0.59, 12, 1500))


def build(counties: Counties, seed: int) -> Geography:
    """Precincts, atoms and districts for the counties' voters (deterministic by seed)."""
    state = counties.state
    rng = stream(seed, state, "geography")
    size = precinct_size(state, int(counties.voters.sum()))
    order = sorted(range(len(counties)), key=lambda index: (counties.region[index], counties.fips[index]))
    numbers = np.maximum(1, np.rint(counties.voters[order] / size)).astype(np.int64)
    precinct_county = np.repeat(np.array(order), numbers)
    voters = np.concatenate(
        [
            apportion(int(counties.voters[index]), np.exp(rng.normal(0, 0.45, count)), 1)
            for index, count in zip(order, numbers, strict=True)
        ]
    )
    edges = np.concatenate([[0], np.cumsum(voters)])
    munis = _municipalities(counties, order, numbers, voters, rng)
    bounds = [_bounds(count, edges, rng) for count in DISTRICTS[state]]

    inside = np.flatnonzero(munis.other != munis.first)
    cuts = edges[inside] + np.rint(voters[inside] * rng.uniform(0.3, 0.9, len(inside))).astype(np.int64)
    points = np.unique(np.concatenate([edges, *bounds, cuts]))
    start, length = points[:-1], np.diff(points)
    precinct = np.searchsorted(edges, start, side="right") - 1
    cut_of = np.full(len(voters), np.iinfo(np.int64).max)
    cut_of[inside] = cuts
    muni = np.where(start >= cut_of[precinct], munis.other[precinct], munis.first[precinct])
    district = [np.searchsorted(bound, start, side="right") for bound in bounds]
    area = np.unique(np.stack([precinct_county[precinct], muni]), axis=1, return_inverse=True)[1].ravel()
    low, high = ZIP_RANGE[state]
    zips = low + 1 + (area * ((high - low - 1) / (area.max() + 1))).astype(np.int64)

    # Renumber by county in official order, so that a county's atoms and precincts stand together.
    by_county = np.argsort(precinct_county[precinct], kind="stable")
    precinct_order = np.argsort(precinct_county, kind="stable")
    new_number = np.empty(len(voters), dtype=np.int64)
    new_number[precinct_order] = np.arange(len(voters))
    atom_precinct = new_number[precinct][by_county]
    precinct_county = precinct_county[precinct_order]
    atom_county = precinct_county[atom_precinct]
    first = np.concatenate([[True], atom_precinct[1:] != atom_precinct[:-1]])
    atom_split = np.arange(len(first)) - np.maximum.accumulate(np.where(first, np.arange(len(first)), 0)) + 1
    codes, names = _precinct_labels(counties, precinct_county, munis.names, munis.first[precinct_order])
    count = len(atom_precinct)
    noise = stream(seed, state, "atoms")
    atom_voters = length[by_county]
    return Geography(
        counties=counties,
        precinct_county=precinct_county,
        precinct_code=codes,
        precinct_name=names,
        muni_name=munis.names,
        muni_kind=munis.kinds,
        atom_precinct=atom_precinct,
        atom_county=atom_county,
        atom_muni=muni[by_county],
        atom_cd=district[0][by_county] + 1,
        atom_sd=district[1][by_county] + 1,
        atom_hd=district[2][by_county] + 1,
        atom_split=atom_split,
        atom_zip=zips[by_county],
        atom_voters=atom_voters,
        atom_gone=noise.poisson(GONE_SHARE * atom_voters),
        atom_black=_shifted(counties.black[atom_county], noise.normal(0, 0.9, count)),
        atom_hispanic=_shifted(counties.hispanic[atom_county], noise.normal(0, 0.6, count)),
        atom_asian=_shifted(counties.asian[atom_county], noise.normal(0, 0.5, count)),
        atom_lean=noise.normal(0, 0.3, count),
        atom_turnout=noise.normal(0, 0.15, count),
        county_atoms=np.searchsorted(atom_county, np.arange(len(counties) + 1)),
    )


def _shifted(share: np.ndarray, by: np.ndarray) -> np.ndarray:
    value: np.ndarray = 1 / (1 + np.exp(-(logit(share) + by)))
    return value


def _bounds(count: int, edges: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Where districts end: equal populations, three in four moved to a near precinct's edge."""
    total = int(edges[-1])
    exact = np.rint(np.arange(1, count) * total / count).astype(np.int64)
    at = np.searchsorted(edges, exact)
    below, above = edges[np.maximum(at - 1, 0)], edges[np.minimum(at, len(edges) - 1)]
    nearest = np.where(exact - below <= above - exact, below, above)
    near = np.abs(nearest - exact) < 0.2 * total / count
    return np.where(near & (rng.random(count - 1) < 0.75), nearest, exact)


@dataclass(frozen=True)
class _Municipalities:
    """names, kinds: the state's list. first, other: municipality of a precinct's two parts (-1: none)."""

    names: list[str]
    kinds: list[str]
    first: np.ndarray
    other: np.ndarray


def _municipalities(
    counties: Counties, order: list[int], numbers: np.ndarray, voters: np.ndarray, rng: np.random.Generator
) -> _Municipalities:
    """Gives each county its seat and some towns; about one precinct in six straddles a border."""
    names: list[str] = []
    kinds: list[str] = []
    first: list[int] = []
    other: list[int] = []
    unused = [
        f"{before}{town}{after}"
        for before, after in (("", ""), ("NEW ", ""), ("", " PARK"), ("EAST ", ""), ("", " HEIGHTS"), ("NORTH ", ""))
        for town in TOWNS
        if not (before and town.startswith(before))
    ]
    town = 0
    for index, count in zip(order, numbers, strict=True):
        if counties.is_city[index]:
            # An independent city is its own locality: no town inside it.
            first += [-1] * int(count)
            other += [-1] * int(count)
            continue
        own = [len(names)]
        names.append(counties.seat[index])
        kinds.append(CITY if counties.voters[index] >= np.median(counties.voters) else VILLAGE)
        for extra in range(min(5, int(count) // 3)):
            own.append(len(names))
            names.append(unused[town % len(unused)])
            kinds.append(CITY if extra == 0 else VILLAGE)
            town += 1
        if counties.state in COVERED:
            for _ in range(max(1, min(8, int(count) // 4))):
                own.append(len(names))
                names.append(unused[town % len(unused)])
                kinds.append(TOWNSHIP)
                town += 1
        elif count > 1:
            own.append(-1)
        # Runs of precincts: the seat first (the largest run), then the towns, then the rest of the county.
        weights = np.array([2.0 if place == own[0] else 3.0 if place < 0 else 0.7 for place in own])
        runs = np.repeat(own, apportion(int(count), weights, 1 if count >= len(own) else 0))
        nexts = np.append(runs[1:], runs[-1])
        somewhere = np.array(own)[rng.integers(0, len(own), int(count))]
        straddles = rng.random(int(count)) < 0.16
        first += runs.tolist()
        other += np.where(straddles, somewhere, np.where(rng.random(int(count)) < 0.5, nexts, runs)).tolist()
    left, right = np.array(first), np.array(other)
    # A precinct of a few people is not cut.
    return _Municipalities(names, kinds, left, np.where(voters >= 4, right, left))


def _precinct_labels(
    counties: Counties, precinct_county: np.ndarray, munis: list[str], muni: np.ndarray
) -> tuple[list[str], list[str]]:
    """Codes unique within the county in the state's manner, and names after the place."""
    codes: list[str] = []
    names: list[str] = []
    starts = np.searchsorted(precinct_county, np.arange(len(counties)))
    for index, county in enumerate(precinct_county.tolist()):
        number = index - int(starts[county])
        place = munis[int(muni[index])] if muni[index] >= 0 else counties.name[county].upper()
        codes.append(_code(counties.state, number, counties.voters[county] >= np.sort(counties.voters)[-3]))
        names.append(f"{place[:24]} {number + 1}")
    return codes, names


def _code(state: str, number: int, is_large: bool) -> str:
    if state == "NC":
        return f"{number // 20 + 1:02d}-{number % 20 + 1:02d}" if is_large else f"{number + 1:02d}"
    if state == "OH":
        return "".join(chr(65 + number // 26**place % 26) for place in (2, 1, 0))
    if state == "VA":
        return f"{number // 30 + 1}{number % 30 + 1:02d}"
    if state == "PA":
        return str((number + 1) * 10)
    return str(101 + number)
