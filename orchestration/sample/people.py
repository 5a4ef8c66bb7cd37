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
from .kinds import ASIAN, BLACK, FEMALE, FUTURE, GONE, HISPANIC, MALE, MIXED, NEVER, ON_FILE, UNKNOWN, WHITE, YEAR
from .leaning import lean_of, party_of, with_party
from .lives import ages, moves, registered
from .naming import draw, name_lists
from .plan import SamplePlan
from .rng import stream


@dataclass
class People:
    """Arrays over people. Dates are days since 1970; NEVER where a thing does not happen.

    serial: number within the county. reg: registration date on file on day 1; first_reg: when first registered
    in the state. moved, moved_from: last move before day 1 and the atom left. away: moved away without telling.
    lean: log odds of a Democratic vote in President 2024; habit: disposition to vote that no record
    shows (`voting` adds the custom that voting forms).
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

    age = ages(rng, count, head, place, kind, state)
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

    first_reg = registered(rng, count, age, birth, snapshot)
    gone = np.full(count, NEVER, dtype=np.int64)
    is_gone = kind == GONE
    gone[is_gone] = snapshot - (rng.random(int(is_gone.sum())) * 15 * YEAR).astype(np.int64) - 1
    first_reg[is_gone] = np.minimum(
        first_reg[is_gone], gone[is_gone] - (400 + 6000 * rng.random(int(is_gone.sum()))).astype(np.int64)
    )
    birth[is_gone] = np.minimum(birth[is_gone], first_reg[is_gone] - int(18.1 * YEAR))
    first_reg = np.where(kind == FUTURE, snapshot + reg_day - 1, first_reg)
    first_reg = np.where(reg_day == 1, snapshot, first_reg)
    moved, moved_from = moves(rng, geography, atom, county, first_reg, gone, snapshot)
    crossed = (moved > 0) & (geography.atom_county[moved_from] != county)
    renews = crossed & (rng.random(count, dtype=np.float32) < (0.5 if state == "NC" else 0.2))
    reg = np.where(renews, moved, first_reg)
    away = np.where(
        (kind == ON_FILE) & (rng.random(count, dtype=np.float32) < 0.04),
        snapshot - (rng.random(count, dtype=np.float32) * 6 * YEAR).astype(np.int64),
        NEVER,
    )
    away = np.where((away != NEVER) & (away > np.maximum(reg, moved) + 60), away, NEVER)

    lean = lean_of(rng, geography, atom, county, head, race, age, sex)
    party = party_of(rng, lean, age)
    lean = with_party(lean, party, geography, county, age)
    habit = (
        rng.normal(-0.25, 0.1, count).astype(np.float32)
        + geography.atom_turnout[atom]
        + 0.1 * rng.standard_normal(count, dtype=np.float32)[head]
        + 0.16 * (np.minimum(np.abs(lean), 3) - 1.5)
        - np.where((race == HISPANIC) | (race == ASIAN), 0.25, 0.0)
    ).astype(np.float32)
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
