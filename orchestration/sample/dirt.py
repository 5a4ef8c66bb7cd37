"""What happens to a person's particulars on the way into somebody's system: typing errors, nicknames, old addresses.

Belongs here: spoiling columns of a frame, by seeded chance, whole columns at a time. Who appears where is in
`crowd`. Shares are guesses at what campaigns meet; they are ours, no measurement stands behind them.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from .text import ACCENTS

TITLE, CAPITALS = 0.82, 0.95
LETTERS = "ABCDEFGHIJKLMNOPRSTUVWY"
STREET_TYPES = {
    "ST": "STREET", "RD": "ROAD", "DR": "DRIVE", "LN": "LANE", "AVE": "AVENUE", "CT": "COURT", "CIR": "CIRCLE",
    "BLVD": "BOULEVARD", "PL": "PLACE", "TRL": "TRAIL", "TER": "TERRACE",
}  # fmt: skip


def names(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """First, middle, last name and suffix as somebody typed them."""
    count = len(frame)
    chance = {name: pl.Series(rng.random(count)) for name in ("nick", "middle", "swap", "suffix", "accents", "initial")}
    first, middle, last = pl.col("first_name"), pl.col("middle_name"), pl.col("last_name")
    by_nickname = (chance["nick"] < 0.14) & (pl.col("nickname") != "")
    goes_by_middle = (chance["swap"] < 0.012) & (middle.str.len_chars() > 1)
    swapped = (chance["swap"] > 0.996) & (last != "")
    frame = frame.with_columns(
        first_name=pl.when(swapped).then(last).when(goes_by_middle).then(middle).when(by_nickname).then("nickname")
        .when(chance["initial"] < 0.006).then(first.str.slice(0, 1)).otherwise(first),
        middle_name=pl.when(goes_by_middle).then(first.str.slice(0, 1)).when(chance["middle"] < 0.45).then(pl.lit(""))
        .when(chance["middle"] < 0.8).then(middle.str.slice(0, 1)).otherwise(middle),
        last_name=pl.when(swapped).then(first).otherwise(last),
        name_suffix=pl.when(chance["suffix"] < 0.5).then(pl.lit("")).otherwise("name_suffix"),
    )  # fmt: skip
    frame = frame.with_columns(
        first_name=mistyped(frame["first_name"], rng, 0.015), last_name=mistyped(frame["last_name"], rng, 0.02)
    )
    columns = ("first_name", "middle_name", "last_name")
    marks, letters = [chr(mark) for mark in ACCENTS], [str(letter) for letter in map(chr, ACCENTS.values())]
    plain = chance["accents"] < 0.5
    frame = frame.with_columns(
        pl.when(plain).then(pl.col(name).str.replace_many(marks, letters)).otherwise(pl.col(name)).alias(name)
        for name in columns
    )
    return in_some_case(frame, (*columns, "name_suffix"), rng)


def mistyped(values: pl.Series, rng: np.random.Generator, share: float) -> pl.Series:
    """A letter dropped, doubled, exchanged with its neighbour or replaced in a share of the longer values."""
    count = len(values)
    kind = pl.Series(rng.integers(0, 4, count))
    frame = pl.DataFrame(
        {
            "value": values, "kind": kind, "hit": rng.random(count) < share, "spot": rng.random(count),
            "pick": rng.integers(0, len(LETTERS), count), "letters": pl.Series([LETTERS]).new_from_index(0, count),
        }
    ).with_columns(at=(pl.col("spot") * (pl.col("value").str.len_chars() - 1)).cast(pl.Int64))  # fmt: skip
    value, at = pl.col("value"), pl.col("at")
    head, here, following = value.str.slice(0, at), value.str.slice(at, 1), value.str.slice(at + 1, 1)
    wrong = (
        pl.when(pl.col("kind") == 0)
        .then(head + value.str.slice(at + 1))
        .when(pl.col("kind") == 1)
        .then(head + here + here + value.str.slice(at + 1))
        .when(pl.col("kind") == 2)
        .then(head + following + here + value.str.slice(at + 2))
        .otherwise(head + pl.col("letters").str.slice(pl.col("pick"), 1) + value.str.slice(at + 1))
    )
    hit = pl.col("hit") & (value.str.len_chars() >= 4)
    return frame.select(pl.when(hit).then(wrong).otherwise(value).alias(values.name)).to_series()


def in_some_case(frame: pl.DataFrame, columns: tuple[str, ...], rng: np.random.Generator) -> pl.DataFrame:
    """Most rows in title case, some in capitals, a few in lower case; a row keeps to one."""
    style = pl.Series(rng.random(len(frame)))
    return frame.with_columns(
        pl.when(style < TITLE)
        .then(pl.col(name).str.to_titlecase())
        .when(style < CAPITALS)
        .then(pl.col(name))
        .otherwise(pl.col(name).str.to_lowercase())
        .alias(name)
        for name in columns
    )


def places(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Address, city, state and ZIP: the other address for those who moved, written in one of many ways, or missing."""
    count = len(frame)
    there = pl.Series(rng.random(count) < 0.75) & frame["other_address"].is_not_null()
    style, unit, gap = (pl.Series(rng.random(count)) for _ in range(3))
    frame = frame.with_columns(
        pl.when(there).then(f"other_{name}").otherwise(name).alias(name)
        for name in ("address", "city", "state", "zip5")
    )
    address = pl.col("address")
    spelled = address
    for short, long in STREET_TYPES.items():
        spelled = spelled.str.replace(rf" {short}($| APT)", f" {long}$1")
    frame = frame.with_columns(address=pl.when(style < 0.3).then(spelled).otherwise(address))
    frame = frame.with_columns(
        address=pl.when(unit < 0.12).then(address.str.replace(r" APT \d+$", ""))
        .when(unit < 0.35).then(address.str.replace(" APT ", " #"))
        .when(unit < 0.5).then(address.str.replace(" APT ", " UNIT ")).otherwise(address),
    )  # fmt: skip
    frame = frame.with_columns(address=mistyped(frame["address"], rng, 0.012), city=mistyped(frame["city"], rng, 0.01))
    frame = frame.with_columns(
        address=pl.when(gap >= 0.015).then("address"),
        city=pl.when((gap < 0.95) | (gap >= 0.96)).then("city"),
        zip5=pl.when((gap >= 0.015) & (gap < 0.985)).then("zip5"),
    )
    return in_some_case(frame, ("address", "city"), rng)


def ways_of_contact(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """E-mail (own, another of one's own, the household's) and phone (own, an old one), or none."""
    mail, phone, case = (pl.Series(rng.random(len(frame))) for _ in range(3))
    frame = frame.with_columns(
        email=pl.when(mail < 0.06)
        .then("other_email")
        .when((mail < 0.6) & pl.col("family_email").is_not_null())
        .then("family_email")
        .when(mail < 0.93)
        .then("email"),
        phone=pl.when(phone < 0.05).then("other_phone").when(phone < 0.82).then("phone"),
    )
    return frame.with_columns(email=pl.when(case < 0.05).then(pl.col("email").str.to_uppercase()).otherwise("email"))
