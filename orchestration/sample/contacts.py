"""Who of the people made are in the contact world, and their ways of being reached: a chunk of voters at a time.

Belongs here: choosing people and writing out their names, address, phone and e-mail. What a feed then sees of
them is in `crowd` and `dirt`.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from .data.nicknames import NICKNAMES
from .days import Snapshot
from .fields import AREA_CODES, Chunk, addresses, name_tables, second_surnames, streets
from .fl import mailbox
from .geography import Geography
from .kinds import ON_FILE
from .naming import name_lists
from .plan import SamplePlan
from .reference import market_ids
from .rng import stream
from .strangers import HOUSES, strangers
from .text import ascii_only, digits, lines, table, take
from .truth import voter_ids
from .voting import Votes

# Share of the voters on file who are in the contact world: half are drawn one by one, half by household.
POOL = 0.16
SUFFIXES = ("", "JR", "SR", "II", "III", "IV")


def draw(
    plan: SamplePlan, geography: Geography, chunk: Chunk, votes: Votes, snapshot: Snapshot, pool: float = POOL
) -> pl.DataFrame:
    """One row per person of the chunk who is in the contact world (columns: see `Crowd.people`), day 1's facts.

    `pool`: share of the voters on file. Besides: `household` (a number shared by those who live together) and
    `file_email`, `file_phone` (as the voter file has them).
    """
    people, state = chunk.people, geography.state
    on_file = np.flatnonzero(people.kind == ON_FILE)
    home = _household(people.atom[on_file], people.street[on_file], people.house[on_file], people.unit[on_file])
    chosen = (chunk.trait(on_file, 20) < 10_000 * pool / 2) | (home % np.uint64(10_000) < 10_000 * pool / 2)
    rows, home = on_file[chosen], home[chosen]
    count = len(rows)
    is_ascii = state in ("FL", "PA")
    surnames, firsts, middles = name_tables("", "", is_ascii)
    lives, atom = addresses(people, snapshot, rows), snapshot.atom[rows]
    atoms = range(geography.atoms)
    hidden = _is_protected(state, chunk, rows)
    voters = pl.DataFrame(
        {
            "voter_id": lines([f"{state}-", voter_ids(chunk, geography, rows)], count),
            "state": take(table([state]), np.zeros(count, dtype=np.int64)),
            "county_fips": take(table(geography.counties.fips), snapshot.county[rows]),
            "first_name": take(firsts, people.first[rows]),
            "nickname": take(_nicknames(), people.first[rows].astype(np.int64) * 2 + chunk.trait(rows, 21) // 6_500),
            "middle_name": take(middles, people.middle[rows]),
            "last_name": lines(
                [take(surnames, people.surname[rows]), take(second_surnames("", is_ascii), people.surname2[rows])],
                count,
            ),
            "name_suffix": take(table(SUFFIXES), people.suffix[rows]),
            "sex": take(table("FMU"), people.sex[rows]),
            "birth_date": pl.Series(people.birth[rows].astype(np.int32)).cast(pl.Date),
            "address": lines(
                [take(HOUSES, lives.house), take(_streets(), lives.street), take(UNITS, lives.unit)], count
            ),
            "city": take(table(geography.city(a) for a in atoms), atom),
            "zip5": take(table(str(geography.atom_zip[a]) for a in atoms), atom),
            "phone": _phones(plan, geography, chunk, rows),
            "p_support_dem": 1 / (1 + np.exp(-people.lean[rows].astype(np.float64))),
            "p_turnout": votes.chance[rows].astype(np.float64),
            "is_protected": hidden,
            "media_market_id": take(table(market_ids(geography.counties)), snapshot.county[rows]),
            "household": home,
            "file_email": _file_emails(state, chunk, rows, hidden),
            "file_phone": _file_phones(state, chunk, rows, hidden),
        }
    )
    rng = stream(plan.seed, state, "strangers", people.chunk)
    return pl.concat([voters, strangers(voters, rng, AREA_CODES[state])])


def _household(atom: np.ndarray, street: np.ndarray, house: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """A number for each place to live, spread evenly."""
    value = np.zeros(len(atom), dtype=np.uint64)
    for part in (atom, street, house, unit):
        value = (value + part.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        value ^= value >> np.uint64(31)
    return value


def _is_protected(state: str, chunk: Chunk, rows: np.ndarray) -> np.ndarray:
    """Whom the state's file hides or marks (the same traits as in the writers)."""
    if state == "FL":
        return chunk.trait(rows, 1) < 180
    if state == "NC":
        return (chunk.trait(rows, 1) < 40) | (chunk.trait(rows, 5) < 6)
    return np.zeros(len(rows), dtype=bool)


def _phones(plan: SamplePlan, geography: Geography, chunk: Chunk, rows: np.ndarray) -> pl.Series:
    """The number on the voter file for those who gave one, otherwise a number the file does not know."""
    on_file = chunk.people.phone[rows]
    invented = stream(plan.seed, geography.state, "phones", chunk.people.chunk).integers(
        2_120_000, 9_099_999, len(rows)
    )
    number = np.where(on_file > 0, on_file, invented)
    text = lines([f"+1{AREA_CODES[geography.state]}", *digits(number, 7)], len(rows))
    # No exchange ends in 11, and one person in twelve gives no number to anybody.
    missing = (number // 10_000 % 100 == 11) | (chunk.trait(rows, 22) < 800)
    return pl.select(pl.when(~pl.Series(missing)).then(text)).to_series()


def _file_phones(state: str, chunk: Chunk, rows: np.ndarray, hidden: np.ndarray) -> pl.Series:
    """The number in the voter files of the states that print one."""
    number = chunk.people.phone[rows]
    text = lines([AREA_CODES[state], *digits(number, 7)], len(rows))
    has = (number > 0) & ~hidden & (state in ("NC", "FL", "PA"))
    return pl.select(pl.when(pl.Series(has)).then(text)).to_series()


def _file_emails(state: str, chunk: Chunk, rows: np.ndarray, hidden: np.ndarray) -> pl.Series:
    """The address in Florida's extract, which is the only file that has any."""
    if state != "FL":
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(rows))
    lists = name_lists()
    text = lines(
        [
            take(table(mailbox(name).lower() for name in lists.firsts), chunk.people.first[rows]),
            ".",
            take(table(mailbox(name).lower() for name in lists.surnames), chunk.people.surname[rows]),
            "@example.com",
        ],
        len(rows),
    )
    has = (chunk.trait(rows, 4) % 25 == 0) & ~hidden
    return pl.select(pl.when(pl.Series(has)).then(text)).to_series()


def _nicknames() -> pl.Series:
    """Two per first name, in the order of the names' codes; empty where nobody shortens it."""
    called = [NICKNAMES.get(ascii_only(name), [""]) for name in name_lists().firsts]
    return table(name for names in called for name in (names[0], names[-1]))


def _streets() -> pl.Series:
    return table(f" {name} {kind}" for name, kind in streets())


UNITS = table(["", *(f" APT {number}" for number in range(1, 400))])
