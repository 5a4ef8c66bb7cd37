"""What a voter file says on a given day: day 1 as generated, later days with moves, switches, removals, newcomers.

Changes are drawn once per chunk, so a change made on day 2 stays on day 3. Formatting belongs to the writers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .elections import calendar, days
from .geography import Geography
from .kinds import DEM, FUTURE, GONE, IND, NEVER, ON_FILE, REP
from .people import People
from .plan import SamplePlan
from .rng import apportion, stream
from .voting import Votes

ACTIVE, INACTIVE, REMOVED, DENIED, TEMPORARY = range(5)
# Shares of the voters on file to whom a thing happens on a day.
MOVES, SWITCHES, STATUS_CHANGES, REMOVALS, NEWCOMERS = 0.0015, 0.0007, 0.0008, 0.0008, 0.0007
KEPT_DAYS = 3653
NOTHING, MOVE, SWITCH, STATUS, REMOVAL = range(5)


@dataclass(frozen=True)
class Changes:
    """Per person at most one change: what, on which day (2, 3, ...; 0 never), and the new atom or party."""

    what: np.ndarray
    day: np.ndarray
    atom: np.ndarray
    party: np.ndarray
    status: np.ndarray


@dataclass(frozen=True)
class Snapshot:
    """The chunk as printed on a day: one entry per person of the chunk; `rows` are those with a row in the file.

    number: day of the sample; date: days since 1970. status: ACTIVE .. TEMPORARY. changed: date of the last change.
    """

    number: int
    date: int
    rows: np.ndarray
    atom: np.ndarray
    county: np.ndarray
    party: np.ndarray
    status: np.ndarray
    reg: np.ndarray
    changed: np.ndarray
    moved: np.ndarray
    crossed: np.ndarray


def newcomers(plan: SamplePlan, geography: Geography) -> np.ndarray:
    """People who register on each day, by day (row 0: day 1) and county; at least two a day in the state.

    Day 1's are made among the people on file, so they are not counted here: row 0 is zero.
    """
    counties = geography.counties
    wanted = np.zeros((plan.days, len(counties)), dtype=np.int64)
    total = int(counties.voters.sum())
    for day in range(1, plan.days):
        rng = stream(plan.seed, counties.state, "newcomers", day)
        count = max(2, int(rng.poisson(NEWCOMERS * total)))
        wanted[day] = apportion(count, counties.voters * rng.gamma(2.0, 0.5, len(counties)))
    return wanted


def register_today(plan: SamplePlan, geography: Geography, people: People) -> None:
    """Lets a few people of the largest county have registered on day 1 itself (in place)."""
    largest = int(np.argmax(geography.counties.voters))
    if largest not in people.counties:
        return
    count = max(2, int(NEWCOMERS * geography.counties.voters.sum()))
    able = np.flatnonzero(
        (people.county == largest) & (people.kind == ON_FILE) & (people.moved == 0) & (people.away == NEVER)
        & (people.birth < days(plan.first_day) - 7000)
    )  # fmt: skip
    rng = stream(plan.seed, geography.state, "today")
    chosen = rng.choice(able, min(count, len(able) // 4 + 2), replace=False)
    people.reg[chosen] = people.first_reg[chosen] = days(plan.first_day)


def draw_changes(plan: SamplePlan, geography: Geography, people: People, votes: Votes) -> Changes:
    """Who changes what on which day, and each person's status on day 1."""
    rng = stream(plan.seed, geography.state, "changes", people.chunk)
    count = len(people)
    what = np.zeros(count, dtype=np.uint8)
    day = np.zeros(count, dtype=np.int16)
    rates = np.array([MOVES, SWITCHES, STATUS_CHANGES, REMOVALS])
    chance = rng.random(count)
    daily = rates.sum()
    later = plan.days - 1
    happens = (chance < daily * later) & (people.kind == ON_FILE) & (people.reg < days(plan.first_day))
    when = (chance / daily).astype(np.int64)
    which = np.searchsorted(np.cumsum(rates / daily), chance / daily % 1, side="right") + 1
    day[happens] = when[happens] + 2
    what[happens] = np.minimum(which[happens], REMOVAL)
    low = geography.county_atoms[np.where(rng.random(count) < 0.7, people.county, people.counties.start)]
    high = np.where(
        low == geography.county_atoms[people.county], geography.county_atoms[people.county + 1],
        geography.county_atoms[people.counties.stop],
    )  # fmt: skip
    atom = low + (rng.random(count) * (high - low)).astype(np.int64)
    party = np.where(people.party == DEM, np.where(rng.random(count) < 0.6, IND, REP), people.party)
    party = np.where(people.party == REP, np.where(rng.random(count) < 0.6, IND, DEM), party)
    party = np.where(people.party >= IND, np.where(people.lean > 0, DEM, REP), party)
    return Changes(what, day, atom, party.astype(np.uint8), _status(rng, plan, geography, people, votes))


def _status(
    rng: np.random.Generator, plan: SamplePlan, geography: Geography, people: People, votes: Votes
) -> np.ndarray:
    """Status on day 1: those who moved away or have long not voted are inactive."""
    count = len(people)
    recent = np.array([election.day.year >= 2021 for election in calendar(geography.state)])
    silent = ~(votes.mode[recent] > 0).any(axis=0) & (people.first_reg < days(plan.first_day) - 5 * 365)
    away = people.away < days(plan.first_day) - 120
    chance = rng.random(count)
    inactive = (away & (chance < 0.9)) | (silent & (chance < 0.4)) | (chance < 0.004)
    status = np.where(inactive, INACTIVE, ACTIVE)
    status = np.where((chance > 0.9992) & ~inactive, TEMPORARY, status)
    status = np.where(people.kind == GONE, REMOVED, status)
    # A few of those without any ballot were never admitted.
    never = ~(votes.mode > 0).any(axis=0) & (people.kind == GONE)
    return np.where(never & (chance < 0.25), DENIED, status).astype(np.uint8)


def view(plan: SamplePlan, geography: Geography, people: People, changes: Changes, number: int) -> Snapshot:
    """The chunk as the file of day `number` (1, 2, ...) prints it. Removed people have rows in North Carolina only."""
    date = days(plan.snapshot(number))
    happened = (changes.day > 0) & (changes.day <= number)
    moved = happened & (changes.what == MOVE)
    atom = np.where(moved, changes.atom, people.atom)
    county = geography.atom_county[atom]
    crossed = moved & (county != people.county)
    removed = happened & (changes.what == REMOVAL)
    party = np.where(happened & (changes.what == SWITCH), changes.party, people.party)
    flipped = np.where(changes.status == INACTIVE, ACTIVE, INACTIVE)
    status = np.where(happened & (changes.what == STATUS), flipped, changes.status)
    status = np.where(removed, REMOVED, status)
    when = days(plan.first_day) + changes.day - 1
    reg = np.where(crossed, when, people.reg)
    changed = np.where(happened, when, np.maximum(people.reg, people.moved))
    exists = (people.kind != FUTURE) | (people.first_reg <= date)
    if geography.state == "NC":
        # Rows of removed people are kept for ten years.
        exists &= people.gone > date - KEPT_DAYS
    else:
        exists &= (people.kind != GONE) & ~removed
    return Snapshot(
        number=number,
        date=date,
        rows=np.flatnonzero(exists),
        atom=atom,
        county=county,
        party=party,
        status=status,
        reg=reg,
        changed=changed,
        moved=moved,
        crossed=crossed,
    )
