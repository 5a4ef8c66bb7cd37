"""Counting the simulated ballots: by atom, way of voting and choice, for every contest with published results.

The counts are sums over the same people the voter and history files are printed from. How an office prints its
results belongs in the `results_*` modules.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .counties import logit
from .elections import DEM, LIB, NONE, OTHER, REP, SWING, Contest, Election, calendar
from .geography import Geography
from .kinds import GONE
from .people import People
from .plan import SamplePlan
from .rng import apportion, stream
from .voting import Votes

WAYS = 4
CHOICES = 5
UNCONTESTED = {"us_house": 0.03, "state_house": 0.14}


@dataclass
class Tally:
    """votes[(election day, office)][atom, way - 1, choice]; ballots and registered per election day [atom].

    ballots_gone: the part of the ballots cast by people removed since.
    """

    plan: SamplePlan
    geography: Geography
    votes: dict[tuple[int, str], np.ndarray] = field(default_factory=dict)
    ballots: dict[int, np.ndarray] = field(default_factory=dict)
    ballots_gone: dict[int, np.ndarray] = field(default_factory=dict)
    registered: dict[int, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        atoms = self.geography.atoms
        for election in self.elections():
            for kept in (self.ballots, self.ballots_gone, self.registered):
                kept[election.number] = np.zeros(atoms, dtype=np.int64)
            for contest in election.contests:
                self.votes[election.number, contest.office] = np.zeros((atoms, WAYS, CHOICES), dtype=np.int64)

    def elections(self) -> list[Election]:
        """The generals with published contests, oldest first."""
        return [election for election in calendar(self.geography.state) if election.contests]

    def add(self, people: People, votes: Votes) -> None:
        """Counts a chunk's ballots."""
        state, atoms = self.geography.state, self.geography.atoms
        rng = stream(self.plan.seed, state, "ballots", people.chunk)
        for number, election in enumerate(votes.elections):
            if not election.contests:
                continue
            place = votes.place(people, number)
            self.registered[election.number] += np.bincount(place[votes.registered[number]], minlength=atoms)
            voters = np.flatnonzero(votes.mode[number])
            place = place[voters]
            self.ballots[election.number] += np.bincount(place, minlength=atoms)
            removed = people.kind[voters] == GONE
            self.ballots_gone[election.number] += np.bincount(place[removed], minlength=atoms)
            lean = (
                people.lean[voters]
                + county_swing(self.plan, self.geography, election)[self.geography.atom_county[place]]
            )
            ways = place * WAYS + votes.mode[number, voters] - 1
            side = rng.random(len(voters), dtype=np.float32)
            minor = rng.random(len(voters), dtype=np.float32)
            for contest in election.contests:
                edge = contest_edge(self.plan, self.geography, election, contest)[place]
                choice = np.where(side < 1 / (1 + np.exp(-(lean + edge))), DEM, REP)
                choice = np.where(minor < contest.minor, np.where(minor < contest.minor * 0.6, LIB, OTHER), choice)
                choice = np.where(minor > 1 - contest.rolloff, NONE, choice)
                counted = np.bincount(ways * CHOICES + choice, minlength=atoms * WAYS * CHOICES)
                self.votes[election.number, contest.office] += counted.reshape(atoms, WAYS, CHOICES)

    def finish(self) -> None:
        """Drops candidates from uncontested seats and meets the shares of a table of real results exactly."""
        for election in self.elections():
            for contest in election.contests:
                if contest.office in UNCONTESTED:
                    self._uncontest(election, contest)
            if election.is_presidential and election.day.year in self.geography.counties.shares:
                self._meet(self.votes[election.number, "president"], self.geography.counties.shares[election.day.year])

    def uncontested(self, election: Election, contest: Contest) -> dict[int, int]:
        """Districts with one major candidate: district -> the party that has none (DEM or REP)."""
        if contest.office not in UNCONTESTED:
            return {}
        districts = self.districts(contest)
        votes = self.votes[election.number, contest.office].sum(axis=1)
        rng = stream(self.plan.seed, self.geography.state, "uncontested", election.number, contest.office)
        chosen = np.flatnonzero(rng.random(int(districts.max())) < UNCONTESTED[contest.office]) + 1
        sums = np.stack([np.bincount(districts, votes[:, choice], int(districts.max()) + 1) for choice in (DEM, REP)])
        return {int(district): DEM if sums[0, district] < sums[1, district] else REP for district in chosen}

    def districts(self, contest: Contest) -> np.ndarray:
        """The contest's district of each atom (0 for a statewide contest)."""
        if contest.scope == "cd":
            return self.geography.atom_cd
        return self.geography.atom_hd if contest.scope == "hd" else np.zeros(self.geography.atoms, dtype=np.int64)

    def _uncontest(self, election: Election, contest: Contest) -> None:
        votes = self.votes[election.number, contest.office]
        districts = self.districts(contest)
        for district, absent in self.uncontested(election, contest).items():
            atoms = np.flatnonzero(districts == district)
            part = votes[atoms]
            crossing = part[:, :, absent] * 3 // 10
            part[:, :, DEM + REP - absent] += crossing
            part[:, :, NONE] += part[:, :, absent] - crossing
            part[:, :, absent] = 0
            votes[atoms] = part

    def _meet(self, votes: np.ndarray, shares: np.ndarray) -> None:
        """Moves votes between the two parties inside each county until its share is the target's, rounded."""
        bounds = self.geography.county_atoms
        for county in range(len(self.geography.counties)):
            part = votes[bounds[county] : bounds[county + 1]]
            dem, rep = part[:, :, DEM].ravel(), part[:, :, REP].ravel()
            wanted = int(np.floor(shares[county] * (dem.sum() + rep.sum()) + 0.5))
            excess = int(dem.sum()) - wanted
            if not excess:
                continue
            given = _take(dem, excess) if excess > 0 else -_take(rep, -excess)
            part[:, :, DEM] -= given.reshape(part.shape[:2])
            part[:, :, REP] += given.reshape(part.shape[:2])


def _take(stock: np.ndarray, wanted: int) -> np.ndarray:
    """`wanted` votes out of the cells, in proportion, none below zero."""
    taken = np.minimum(apportion(wanted, stock.astype(np.float64)), stock)
    short = wanted - int(taken.sum())
    for cell in np.argsort(-(stock - taken), kind="stable"):
        if short <= 0:
            break
        more = min(short, int(stock[cell] - taken[cell]))
        taken[cell] += more
        short -= more
    return taken


def county_swing(plan: SamplePlan, geography: Geography, election: Election) -> np.ndarray:
    """Log-odds change of each county against 2024 in an election."""
    counties, year = geography.counties, election.day.year
    if year in counties.shares:
        base = logit(np.clip(counties.share, 0.02, 0.98))
        return (logit(np.clip(counties.shares[year], 0.02, 0.98)) - base) * 1.15
    noise = stream(plan.seed, geography.state, "county swing", year).normal(0, 0.04, len(counties))
    swing: np.ndarray = SWING[year] + counties.trend * (year - 2024) / 4 + (noise if year != 2024 else 0)
    return swing


def contest_edge(plan: SamplePlan, geography: Geography, election: Election, contest: Contest) -> np.ndarray:
    """Log-odds advantage of the Democratic candidate by atom: the candidates, the district, the incumbent."""
    rng = stream(plan.seed, geography.state, "edge", election.number, contest.office)
    if contest.scope == "state":
        edge = 0.0 if contest.office == "president" else float(rng.normal(0, 0.15))
        return np.full(geography.atoms, edge)
    districts = geography.atom_cd if contest.scope == "cd" else geography.atom_hd
    edges: np.ndarray = rng.normal(0, 0.2, int(districts.max()) + 1)
    return edges[districts]
