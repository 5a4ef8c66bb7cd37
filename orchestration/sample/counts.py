"""Sums of the tally by precinct, district and county: the shape every office's results start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .elections import Contest, Election
from .tally import Tally


@dataclass(frozen=True)
class Counts:
    """One entry per precinct and district of a contest: votes[entry, way - 1, choice]; district 0 is statewide."""

    precinct: np.ndarray
    county: np.ndarray
    district: np.ndarray
    votes: np.ndarray

    def __len__(self) -> int:
        return len(self.precinct)

    def by_county(self) -> Counts:
        """The same by county and district (precinct -1)."""
        return _grouped(np.full(len(self), -1), self.county, self.district, self.votes)


def counts(tally: Tally, election: Election, contest: Contest) -> Counts:
    """A contest's votes by precinct (and district where it has districts)."""
    geography = tally.geography
    votes = tally.votes[election.number, contest.office]
    return _grouped(geography.atom_precinct, geography.atom_county, tally.districts(contest), votes)


def by_precinct(tally: Tally, values: np.ndarray) -> np.ndarray:
    """Sums of a number per atom, by precinct."""
    sums: np.ndarray = np.bincount(tally.geography.atom_precinct, values, len(tally.geography.precinct_code)).astype(
        np.int64
    )
    return sums


def _grouped(precinct: np.ndarray, county: np.ndarray, district: np.ndarray, votes: np.ndarray) -> Counts:
    keys, entry = np.unique(np.stack([county, precinct, district]), axis=1, return_inverse=True)
    sums = np.zeros((keys.shape[1], *votes.shape[1:]), dtype=np.int64)
    np.add.at(sums, entry.ravel(), votes)
    return Counts(precinct=keys[1], county=keys[0], district=keys[2], votes=sums)
