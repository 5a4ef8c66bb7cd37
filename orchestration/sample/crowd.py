"""The contact world: voters who give, answer, turn up or subscribe, with some who are on no voter file.

`Crowd.people` is the truth about each; `crowd.appear` is what one feed sees of some of them. Writers of feeds
(`feeds/`) take their people from here and nowhere else, so that one person is one person in every feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from . import dirt
from .fields import AREA_CODES
from .rng import stream
from .strangers import PLACE_CITY, PLACE_STATE, PLACE_ZIP, somewhere
from .text import digits, lines, table, take

# Who has moved without the voter file knowing; of those, who left the state.
MOVED, LEFT_STATE = 0.06, 0.3
# Households with one address for all; people without any e-mail.
FAMILY, NO_EMAIL = 0.12, 0.08
PEOPLE_COLUMNS = (
    "person", "voter_id", "state", "county_fips", "first_name", "nickname", "middle_name", "last_name", "name_suffix",
    "sex", "birth_date", "address", "city", "zip5", "email", "phone", "p_support_dem", "p_turnout", "is_protected",
    "media_market_id",
)  # fmt: skip


@dataclass(frozen=True)
class Crowd:
    """Everybody whom some feed may see.

    people: one row per person. person (0, 1, ...), voter_id ('NC-...', null for people on no voter file), state,
    county_fips, first_name, nickname (empty: none), middle_name, last_name, name_suffix, sex (F, M, U), birth_date,
    address ('12 OAK ST APT 3'), city, zip5, email, phone ('+1' and ten digits), p_support_dem, p_turnout,
    is_protected, media_market_id; names and places in capitals, as the states print them. Null where there is none.
    others: by the same rows, what they used or moved to: other_address, other_city, other_state, other_zip5 (null
    for most), other_email, other_phone, family_email.
    voters: voters on file on day 1. seed: the plan's.
    """

    people: pl.DataFrame
    others: pl.DataFrame
    voters: int
    seed: int

    def appear(
        self,
        feed: str,
        share: float,
        rng_name: str | None = None,
        columns: Sequence[str] | None = None,
        repeats: float = 0.0,
    ) -> pl.DataFrame:
        """Some people as a feed sees them: the columns of `people`, dirtied, ordered by person.

        `share`: of the voters on file, strangers included in the number. `feed` decides who, `feed` and `rng_name`
        decide the dirt: two senders that see the same people take one `feed` and two `rng_name`s. Whoever is active
        in one feed is likelier to be in another. `columns`: those wanted besides `person`; all when left out.
        `repeats`: share of these people with a second row, dirtied anew (a second account), directly below.
        voter_id, county_fips, sex, birth_date, p_... and is_protected stay true: take what the feed would know.
        Raises ValueError when the contact world is too small for `share`.
        """
        wanted = round(share * self.voters)
        if wanted > len(self.people):
            most = len(self.people) / max(self.voters, 1)
            raise ValueError(f"crowd {feed}: a share of {share:g} is more than the contact world holds ({most:.3f})")
        engaged = stream(self.seed, "crowd", "engaged").random(len(self.people))
        score = stream(self.seed, "crowd", feed).exponential(1.0, len(self.people)) / (0.25 + 1.5 * engaged)
        chosen = np.sort(np.argsort(score, kind="stable")[:wanted])
        rng = stream(self.seed, "crowd", feed, rng_name or feed)
        chosen = np.repeat(chosen, 1 + (rng.random(len(chosen)) < repeats))
        rows = pl.Series(chosen.astype(np.uint32))
        frame = pl.concat([self.people[rows], self.others[rows]], how="horizontal")
        frame = dirt.ways_of_contact(dirt.places(dirt.names(frame, rng), rng), rng)
        kept = PEOPLE_COLUMNS if columns is None else ("person", *(name for name in columns if name != "person"))
        return frame.select(kept)


def assemble(parts: Iterable[pl.DataFrame], voters: int, seed: int) -> Crowd:
    """The contact world out of the parts that `contacts.draw` made, in a fixed order of states and chunks."""
    frame = pl.concat(parts).with_row_index("person").with_columns(pl.col("person").cast(pl.Int64))
    count = len(frame)
    rng = stream(seed, "crowd", "people")
    user = _users(frame)
    number = pl.col("person").cast(pl.String)
    host = take(table(("example.com", "example.org", "example.net")), rng.integers(0, 3, count))
    invented = pl.concat_str(user, number, pl.lit("@"), host)
    has_none = pl.Series(rng.random(count) < NO_EMAIL)
    people = frame.with_columns(
        email=pl.when(pl.col("file_email").is_not_null()).then("file_email").when(~has_none).then(invented)
    ).select(PEOPLE_COLUMNS)
    moved = rng.random(count) < MOVED
    left = rng.random(count) < LEFT_STATE
    return Crowd(people, _others(frame, user, moved, left, rng), voters, seed)


def _users(frame: pl.DataFrame) -> pl.Series:
    """The part of an e-mail address that a person makes of the own name."""
    letters = pl.col("first_name", "last_name").str.to_lowercase().str.replace_all("[^a-z]", "")
    names = frame.select(letters).with_columns(style=pl.Series(np.arange(len(frame)) % 3))
    first, last = pl.col("first_name"), pl.col("last_name")
    made = pl.when(pl.col("style") == 0).then(first + pl.lit(".") + last)
    return names.select(made.when(pl.col("style") == 1).then(first.str.slice(0, 1) + last).otherwise(last + first))[
        "first_name"
    ]


def _others(
    frame: pl.DataFrame, user: pl.Series, moved: np.ndarray, left: np.ndarray, rng: np.random.Generator
) -> pl.DataFrame:
    """Second address, e-mail and phone by person; the household's e-mail where it has one."""
    count = len(frame)
    place = rng.integers(0, len(PLACE_CITY), count)
    # Within the state one moves to where somebody else of the state lives.
    state = pl.DataFrame({"state": frame["state"], "row": np.arange(count), "chance": rng.random(count)})
    swapped = state.with_columns(pl.col("row").sort_by("chance").over("state").alias("there"))["there"]
    near = frame.select("city", "state", "zip5")[swapped]
    old = lines([*_area(frame), *digits(rng.integers(2_120_000, 9_099_999, count), 7)], count)
    home = (frame["household"] % 1_000_003).cast(pl.String)
    number = frame["person"].cast(pl.String)
    both = pl.Series(moved & left)
    return pl.DataFrame(
        {"address": somewhere(rng, count), "gone": moved, "out": both, "user": user, "number": number, "home": home,
         "last": frame["last_name"], "phone": old, "family": frame["household"] // 7 % 1_000 < round(FAMILY * 1_000)}
    ).with_columns(near).with_columns(
        far_city=take(PLACE_CITY, place), far_state=take(PLACE_STATE, place), far_zip=take(PLACE_ZIP, place)
    ).select(
        other_address=pl.when("gone").then("address"),
        other_city=pl.when("out").then("far_city").when("gone").then("city"),
        other_state=pl.when("out").then("far_state").when("gone").then("state"),
        other_zip5=pl.when("out").then("far_zip").when("gone").then("zip5"),
        other_email=pl.concat_str("user", pl.lit("."), "number", pl.lit("@example.net")),
        other_phone="phone",
        family_email=pl.when("family").then(
            pl.concat_str(
                pl.lit("the"), pl.col("last").str.to_lowercase().str.replace_all("[^a-z]", ""), pl.lit("s."), "home",
                pl.lit("@example.org"),
            )
        ),
    )  # fmt: skip


def _area(frame: pl.DataFrame) -> list[pl.Series]:
    """'+1' and the area code of each person's state ('+1202' outside the sample's)."""
    return [frame["state"].replace_strict(AREA_CODES, default="202").str.replace("^", "+1")]
