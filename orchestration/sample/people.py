"""The people of some counties: who they are, where they live, how they lean and how likely they are to vote.

One call makes one *chunk* (whole counties) as plain arrays, one entry per person: voters on file on day 1,
people removed earlier (they voted once, and North Carolina keeps their rows) and people who register on a
later day of the sample. Votes belong in `voting`, changes during the sample in `days`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .elections import days
from .geography import Geography
from .naming import draw, name_lists
from .plan import SamplePlan
from .rng import stream

ON_FILE, GONE, FUTURE = 0, 1, 2
WHITE, BLACK, HISPANIC, ASIAN, MIXED = range(5)
FEMALE, MALE, UNKNOWN = range(3)
DEM, REP, IND, LIB, GRE = range(5)
NEVER = 2**30
YEAR = 365.2425
# Quantiles of age among voters on file, in years, and of those who register during the sample.
AGE_SHARE = np.array([0, 0.105, 0.27, 0.43, 0.59, 0.775, 0.91, 0.98, 1.0])
AGE_YEARS = np.array([18, 25, 35, 45, 55, 65, 75, 85, 100.9])
RACE_LEAN = np.array([-0.35, 2.6, 0.35, 0.7, 0.4])


@dataclass
class People:
    """Arrays over people. Dates are days since 1970; NEVER where a thing does not happen.

    serial: number within the county. reg: registration date on file on day 1; first_reg: when first registered
    in the state. moved, moved_from: last move before day 1 and the atom left. away: moved away without telling.
    lean: log odds of a Democratic vote in President 2024; habit: latent turnout.
    """

    chunk: int
    counties: range
    kind: np.ndarray
    atom: np.ndarray
    county: np.ndarray
    serial: np.ndarray
    surname: np.ndarray
    surname2: np.ndarray
    first: np.ndarray
    middle: np.ndarray
    suffix: np.ndarray
    sex: np.ndarray
    race: np.ndarray
    birth: np.ndarray
    reg: np.ndarray
    first_reg: np.ndarray
    gone: np.ndarray
    moved: np.ndarray
    moved_from: np.ndarray
    away: np.ndarray
    street: np.ndarray
    house: np.ndarray
    unit: np.ndarray
    phone: np.ndarray
    party: np.ndarray
    lean: np.ndarray
    habit: np.ndarray
    luck: np.ndarray

    def __len__(self) -> int:
        return len(self.atom)


def serial_starts(geography: Geography, newcomers: np.ndarray) -> np.ndarray:
    """First statewide number of each county's people (their serials count on from it). newcomers: by county."""
    atoms = geography.atom_voters + geography.atom_gone
    by_county = np.add.reduceat(atoms, geography.county_atoms[:-1]) + newcomers
    return np.concatenate([[0], np.cumsum(by_county)])


def build(plan: SamplePlan, geography: Geography, chunk: int, counties: range, newcomers: np.ndarray) -> People:
    """The people of consecutive counties. newcomers: per day 1.. and county, people who register that day."""
    state = geography.state
    rng = stream(plan.seed, state, "people", chunk)
    first_atom, last_atom = geography.county_atoms[counties.start], geography.county_atoms[counties.stop]
    atoms = np.arange(first_atom, last_atom)
    future_atoms, future_days = _future(plan, geography, counties, newcomers, rng)
    atom = np.concatenate(
        [np.repeat(atoms, geography.atom_voters[atoms]), np.repeat(atoms, geography.atom_gone[atoms]), future_atoms]
    )
    kind = np.repeat(
        np.array([ON_FILE, GONE, FUTURE], dtype=np.uint8),
        [geography.atom_voters[atoms].sum(), geography.atom_gone[atoms].sum(), len(future_atoms)],
    )
    reg_day = np.concatenate([np.zeros(len(atom) - len(future_atoms), dtype=np.int64), future_days])
    order = np.argsort(atom, kind="stable")
    atom, kind, reg_day = atom[order], kind[order], reg_day[order]
    count = len(atom)
    county = geography.atom_county[atom]
    snapshot = days(plan.first_day)

    # Households: people next to each other in an atom; the first member sets name, address and race.
    starts = (rng.random(count, dtype=np.float32) < 0.47) | (np.diff(atom, prepend=-1) != 0)
    at = np.arange(count)
    head = np.maximum.accumulate(np.where(starts, at, 0))
    place = at - head
    chance = rng.random(count, dtype=np.float32)[head]
    black, hispanic, asian = geography.atom_black[atom], geography.atom_hispanic[atom], geography.atom_asian[atom]
    scale = 1 / np.maximum(1, (black + hispanic + asian) / 0.95)
    race = np.select(
        [chance < black * scale, chance < (black + hispanic) * scale, chance < (black + hispanic + asian) * scale],
        [BLACK, HISPANIC, ASIAN],
        default=WHITE,
    ).astype(np.int64)
    race[rng.random(count, dtype=np.float32) < 0.03] = MIXED

    age = _ages(rng, count, head, place, kind, state)
    sex = np.where(rng.random(count, dtype=np.float32) < 0.53, FEMALE, MALE)
    sex = np.where((place == 1) & (rng.random(count, dtype=np.float32) < 0.85), 1 - sex[head], sex)
    birth = (snapshot - age * YEAR).astype(np.int64)
    lists_ = name_lists()
    surname = draw(lists_.surname_draw, len(lists_.surnames), race, rng.random(count, dtype=np.float32))
    own_name = rng.random(count, dtype=np.float32) < 0.13
    surname = np.where(own_name, surname, surname[head]).astype(np.uint16)
    second = draw(lists_.surname_draw, len(lists_.surnames), race, rng.random(count, dtype=np.float32))
    # 0: no second surname; else one more than its code
    surname2 = np.where((sex == FEMALE) & (rng.random(count, dtype=np.float32) < 0.02), second + 1, 0).astype(np.uint16)
    decade = np.clip((1970 + birth / YEAR - 1920) // 10, 0, 8).astype(np.int64)
    group = np.where((race == HISPANIC) & (chance * 997 % 1 < 0.6), 9, np.where(race == ASIAN, 10, decade)) + 11 * sex
    first = draw(lists_.first_draw, len(lists_.firsts), group, rng.random(count, dtype=np.float32))
    middle = draw(lists_.middle_draw, len(lists_.middles), sex, rng.random(count, dtype=np.float32))
    suffix_chance = rng.random(count, dtype=np.float32)
    suffix = np.where(sex == MALE, np.searchsorted([0.012, 0.02, 0.024, 0.028, 0.029], suffix_chance), 5)
    suffix = np.array([1, 2, 3, 4, 5, 0], dtype=np.uint8)[suffix]

    first_reg = _registered(rng, count, age, birth, snapshot)
    gone = np.full(count, NEVER, dtype=np.int64)
    is_gone = kind == GONE
    gone[is_gone] = snapshot - (rng.random(int(is_gone.sum())) * 15 * YEAR).astype(np.int64) - 1
    first_reg[is_gone] = np.minimum(
        first_reg[is_gone], gone[is_gone] - (400 + 6000 * rng.random(int(is_gone.sum()))).astype(np.int64)
    )
    birth[is_gone] = np.minimum(birth[is_gone], first_reg[is_gone] - int(18.1 * YEAR))
    first_reg = np.where(kind == FUTURE, snapshot + reg_day - 1, first_reg)
    first_reg = np.where(reg_day == 1, snapshot, first_reg)
    moved, moved_from = _moves(rng, geography, atom, county, first_reg, gone, snapshot)
    crossed = (moved > 0) & (geography.atom_county[moved_from] != county)
    renews = crossed & (rng.random(count, dtype=np.float32) < (0.5 if state == "NC" else 0.2))
    reg = np.where(renews, moved, first_reg)
    away = np.where(
        (kind == ON_FILE) & (rng.random(count, dtype=np.float32) < 0.075),
        snapshot - (rng.random(count, dtype=np.float32) * 6 * YEAR).astype(np.int64),
        NEVER,
    )
    away = np.where((away != NEVER) & (away > np.maximum(reg, moved) + 60), away, NEVER)

    lean = _lean(rng, geography, atom, county, head, race, age, sex)
    habit = (
        rng.normal(0.05, 1.05, count).astype(np.float32)
        + geography.atom_turnout[atom]
        + 0.5 * rng.standard_normal(count, dtype=np.float32)[head]
        + 0.16 * (np.minimum(np.abs(lean), 3) - 1.5)
        - np.where((race == HISPANIC) | (race == ASIAN), 0.25, 0.0)
    ).astype(np.float32)
    party = _party(rng, lean, age)
    street = rng.integers(0, 2**31, count)[head]
    return People(
        chunk=chunk,
        counties=counties,
        kind=kind,
        atom=atom,
        county=county,
        serial=at - np.searchsorted(county, county),
        surname=surname,
        surname2=surname2,
        first=first,
        middle=middle,
        suffix=suffix,
        sex=np.where(rng.random(count, dtype=np.float32) < 0.02, UNKNOWN, sex).astype(np.uint8),
        race=race.astype(np.uint8),
        birth=birth,
        reg=reg,
        first_reg=first_reg,
        gone=gone,
        moved=moved,
        moved_from=moved_from,
        away=away,
        street=street,
        house=(1 + (rng.random(count, dtype=np.float32)[head] ** 2 * 9800)).astype(np.int64),
        unit=np.where(rng.random(count, dtype=np.float32)[head] < 0.12, rng.integers(1, 400, count)[head], 0),
        phone=np.where(rng.random(count, dtype=np.float32) < 0.3, rng.integers(2_000_000, 9_999_999, count), 0),
        party=party,
        lean=lean,
        habit=habit,
        luck=rng.random(count, dtype=np.float32),
    )


def _future(
    plan: SamplePlan, geography: Geography, counties: range, newcomers: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Atoms and day numbers of the people who register on a day after the first."""
    atoms: list[np.ndarray] = []
    numbers: list[np.ndarray] = []
    for county in counties:
        low, high = geography.county_atoms[county], geography.county_atoms[county + 1]
        wanted = newcomers[1:, county]
        atoms.append(rng.integers(low, high, int(wanted.sum())))
        numbers.append(np.repeat(np.arange(2, len(wanted) + 2), wanted))
    return np.concatenate(atoms), np.concatenate(numbers)


def _ages(
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


def _registered(rng: np.random.Generator, count: int, age: np.ndarray, birth: np.ndarray, snapshot: int) -> np.ndarray:
    """Dates of first registration: some at eighteen, the others spread over the years since, recent ones likelier."""
    adult = np.maximum(age - 18.02, 0.02)
    tenure = np.minimum(rng.gamma(1.7, 13, count), adult * rng.random(count) ** 0.15)
    at_once = rng.random(count) < 0.3
    tenure = np.where(at_once, np.maximum(adult - rng.exponential(0.6, count), adult * 0.05), tenure)
    number = snapshot - 1 - (tenure * YEAR).astype(np.int64)
    # People register in the months before a presidential election.
    year = (1970 + number / YEAR).astype(np.int64)
    surge = days_of_october(year)
    number = np.where(
        (year % 4 == 0) & (rng.random(count) < 0.45) & (surge < snapshot), surge - rng.integers(5, 90, count), number
    )
    return np.maximum(number, birth + int(18.02 * YEAR))


def days_of_october(year: np.ndarray) -> np.ndarray:
    """Day number of about 10 October of each year."""
    return ((year - 1970) * YEAR + 282).astype(np.int64)


def _moves(
    rng: np.random.Generator, geography: Geography, atom: np.ndarray, county: np.ndarray, since: np.ndarray,
    gone: np.ndarray, snapshot: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Day of the last move within the state (0: none) and the atom moved from."""
    count = len(atom)
    first = np.maximum(since + 200, snapshot - int(16 * YEAR))
    last = np.minimum(gone, snapshot) - 40
    when = (first + rng.random(count) * np.maximum(last - first, 0)).astype(np.int64)
    moves = (rng.random(count, dtype=np.float32) < 0.26) & (last > first)
    weight = np.concatenate([[0], np.cumsum(geography.atom_voters)])
    starts, stops = weight[geography.county_atoms[:-1]], weight[geography.county_atoms[1:]]
    stays = rng.random(count, dtype=np.float32) < 0.62
    low = np.where(stays, starts[county], 0)
    high = np.where(stays, stops[county], weight[-1])
    came = np.searchsorted(weight, low + rng.random(count) * (high - low), side="right") - 1
    came = np.clip(came, 0, geography.atoms - 1)
    moves &= came != atom
    return np.where(moves, when, 0), np.where(moves, came, atom)


def _lean(
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


def _party(rng: np.random.Generator, lean: np.ndarray, age: np.ndarray) -> np.ndarray:
    """The party a person belongs to or leans to: DEM, REP, IND, LIB or GRE."""
    dem = np.exp(0.85 * lean + 0.006 * (age - 45) - 0.15)
    rep = np.exp(-0.9 * lean + 0.008 * (age - 45) - 0.25)
    none = np.exp(0.45 - 0.012 * (age - 45) - 0.02 * lean)
    whole = dem + rep + none
    chance = rng.random(len(lean))
    party = np.where(chance < dem / whole, DEM, np.where(chance < (dem + rep) / whole, REP, IND))
    small = rng.random(len(lean))
    party = np.where((small < 0.007) & (party != DEM), LIB, party)
    return np.where((small > 0.998) & (party != REP), GRE, party).astype(np.uint8)
