"""People of the contact world who are on no voter file: neighbours never registered, friends in other states.

Belongs here: making them out of the voters they live with or beside. They are what a link must not reach for.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from .fields import streets
from .naming import name_lists
from .text import digits, lines, table, take

# Places outside every sample state; towns are made up, ZIP codes lie in the named state's range.
PLACES = (
    ("HARTWELL CREEK", "GA", "30390"), ("ELLISON", "SC", "29390"), ("MARROW BRIDGE", "TN", "37390"),
    ("DUNMORE FALLS", "KY", "40390"), ("KESWICK", "MD", "21190"), ("STAFFORD MILLS", "NY", "12290"),
    ("ORIENT POINT", "NJ", "07990"), ("COLD HARBOR", "MI", "48590"), ("PRAIRIE GLEN", "IL", "60990"),
    ("MESA ALTA", "CA", "92090"),
)  # fmt: skip
PLACE_CITY, PLACE_STATE, PLACE_ZIP = (table(place[part] for place in PLACES) for part in range(3))
# How many there are per voter of the contact world, and where they live: with a voter, in the state, elsewhere.
SHARE, WITH_VOTER, IN_STATE = 0.06, 0.35, 0.3


def somewhere(rng: np.random.Generator, count: int) -> pl.Series:
    """Street addresses, one per row."""
    house, street = rng.integers(1, 9_800, count), rng.integers(0, len(streets()), count)
    named = table(f" {name} {kind}" for name, kind in streets())
    return lines([take(HOUSES, house), take(named, street)], count)


def strangers(voters: pl.DataFrame, rng: np.random.Generator, area: str) -> pl.DataFrame:
    """New people with the columns of `voters` (some people of a state's contact world, in a fixed order).

    `area`: the state's telephone area code. A third live at a voter's address under the voter's last name.
    """
    count = round(SHARE * len(voters))
    lists = name_lists()
    near = voters[pl.Series(rng.integers(0, max(len(voters), 1), count))] if count else voters.clear()
    kind = rng.random(count)
    with_voter, in_state = kind < WITH_VOTER, kind < WITH_VOTER + IN_STATE
    place = rng.integers(0, len(PLACES), count)
    surname = take(table(lists.surnames), rng.integers(0, len(lists.surnames), count))
    first = take(table(lists.firsts), rng.integers(0, len(lists.firsts), count))
    middle = take(table(lists.middles), rng.integers(0, len(lists.middles), count))
    phone = lines([f"+1{area}", *digits(rng.integers(2_120_000, 9_099_999, count), 7)], count)
    made = pl.DataFrame(
        {
            "w": with_voter, "s": in_state, "new_last": surname, "new_first": first, "new_middle": middle,
            "new_address": somewhere(rng, count), "new_city": take(PLACE_CITY, place),
            "new_state": take(PLACE_STATE, place), "new_zip": take(PLACE_ZIP, place), "new_phone": phone,
            "new_birth": rng.integers(-15_000, 13_000, count).astype(np.int32),
            "new_sex": take(table("FM"), rng.integers(0, 2, count)),
            "new_household": rng.integers(0, 2**63, count, dtype=np.uint64),
            "new_support": 1 / (1 + np.exp(-rng.normal(0.8, 1.2, count))),
        }
    )  # fmt: skip
    home = pl.col("s")
    return (
        pl.concat([near, made], how="horizontal")
        .with_columns(
            voter_id=pl.lit(None, dtype=pl.String),
            state=pl.when(home).then("state").otherwise("new_state"),
            county_fips=pl.when(home).then("county_fips"),
            first_name="new_first",
            nickname=pl.lit(""),
            middle_name="new_middle",
            last_name=pl.when("w").then("last_name").otherwise("new_last"),
            name_suffix=pl.lit(""),
            sex="new_sex",
            birth_date=pl.col("new_birth").cast(pl.Date),
            address=pl.when("w").then("address").otherwise("new_address"),
            city=pl.when(home).then("city").otherwise("new_city"),
            zip5=pl.when(home).then("zip5").otherwise("new_zip"),
            phone="new_phone",
            p_support_dem="new_support",
            p_turnout=pl.lit(0.0),
            is_protected=pl.lit(False),
            media_market_id=pl.when(home).then("media_market_id"),
            household=pl.when("w").then("household").otherwise("new_household"),
            file_email=pl.lit(None, dtype=pl.String),
            file_phone=pl.lit(None, dtype=pl.String),
        )
        .select(voters.columns)
    )


HOUSES = table(str(number) for number in range(10_000))
