"""Who gives what when: donor accounts of the contact world and their gifts, for the platforms that print them.

Belongs here: the gifts themselves, the same for every platform that tells of them. Does not belong here: a platform's
columns (`actblue`, `winred`, `ngp`). Shares and amounts are ours; no measurement stands behind them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample.elections import days
from orchestration.sample.rng import stream
from orchestration.sample.text import table, take

if TYPE_CHECKING:
    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

SHARE = 0.04
CANDIDATE, PARTY, PAC, OTHER = range(4)
# The committees of the shipped winnumber.toml, and somebody else's that shares a page with them.
COMMITTEE_IDS = table(("C99900001", "C99900002", "C99900003", "C99900009"))
COMMITTEES = table(
    (
        "Worked Example for Senate",
        "Worked Example State Party, federal account",
        "Worked Example PAC",
        "A Friend for House",
    )
)
AMOUNTS = np.array([300, 500, 1000, 1500, 2500, 5000, 10000, 25000, 50000, 100000])
OFTEN = np.array([0.06, 0.14, 0.2, 0.1, 0.22, 0.14, 0.08, 0.04, 0.015, 0.005])
EMPLOYERS = table(
    ("", "", "Not Employed", "Self", "Self-Employed", "County Schools", "Riverside Hospital", "State University",
     "Oak & Sons, Inc.", "Information Requested", "Blue Ridge Mill", "City of Fairview", "Retired", "Bay Freight Lines",
     '"The Corner" Bakery')
)  # fmt: skip
OCCUPATIONS = table(
    ("", "Not Employed", "Retired", "Teacher", "Nurse", "Attorney", "Engineer", "Information Requested", "Farmer",
     "Sales", "Professor", "Driver", "Carpenter", "Home Maker", "Physician")
)  # fmt: skip
PRIMARY = date(2026, 3, 3)
# How far back gifts go.
HISTORY = 1500


def accounts(crowd: Crowd, feed: str, share: float, rng_name: str, repeats: float) -> pl.DataFrame:
    """Donor accounts: the columns of the crowd, and account (0, 1, ...), employer, occupation."""
    people = crowd.appear(feed, share, rng_name, repeats=repeats)
    rng = stream(crowd.seed, "giving", rng_name)
    return people.with_columns(
        account=pl.int_range(0, len(people), dtype=pl.Int64),
        employer=take(EMPLOYERS, rng.integers(0, len(EMPLOYERS), len(people))),
        occupation=take(OCCUPATIONS, rng.integers(0, len(OCCUPATIONS), len(people))),
    )


def gifts(count: int, plan: SamplePlan, name: str, planted: bool = True) -> pl.DataFrame:
    """Gifts of `count` accounts up to the last day of the plan, in order of time.

    Columns: gift (0, 1, ...), account, day (days since 1970), second (of the day), cents, committee (0 to 3), election
    (P2026; empty: nobody said), named_later (empty at first, named from the second day on), recurring, payment (1, 2,
    ...), promised ('unlimited', a number or empty), ended (day it was cancelled; 0: never), refunded (day; 0: never).
    `planted`: the first accounts give more than the law allows, or just as much.
    """
    rng = stream(plan.seed, "giving", name, "gifts")
    last = days(plan.snapshot(plan.days))
    start = last - 2 - (HISTORY * rng.random(count) ** 1.6).astype(np.int64)
    recurring = rng.random(count) < 0.16
    twelve = recurring & (rng.random(count) < 0.4)
    ended = np.where(recurring & (rng.random(count) < 0.35), start + rng.integers(20, 700, count), 0)
    until = np.where(ended > 0, np.minimum(ended, last), last)
    payments = np.minimum((until - start) // 30 + 1, np.where(twelve, 12, 48))
    occasional = np.where(rng.random(count) < 0.5, 1, 1 + rng.geometric(0.3, count))
    number = np.maximum(np.where(recurring, payments, occasional), 1)
    account = np.repeat(np.arange(count), number)
    payment = np.arange(len(account)) - np.repeat(np.cumsum(number) - number, number) + 1
    later = start[account] + (rng.random(len(account)) * (last - start[account])).astype(np.int64)
    day = np.where(
        recurring[account], start[account] + 30 * (payment - 1), np.where(payment == 1, start[account], later)
    )
    base = rng.choice(AMOUNTS, count, p=OFTEN)
    # A running gift is a tenth of what one gives at once.
    cents = np.where(recurring[account], np.maximum(base[account] // 10, 300), base[account])
    cents = cents * np.where(recurring[account], 1, rng.choice([1, 1, 1, 2, 3], len(account)))
    mine = rng.choice(4, count, p=[0.7, 0.14, 0.1, 0.06])
    each = rng.choice(4, len(account), p=[0.7, 0.14, 0.1, 0.06])
    frame = pl.DataFrame(
        {
            "account": account, "day": day, "cents": cents,
            "committee": np.where(recurring[account], mine[account], each),
            "recurring": recurring[account], "payment": np.where(recurring[account], payment, 0),
            "promised": np.where(recurring[account], np.where(twelve[account], 12, -1), 0), "ended": ended[account],
            "unsaid": rng.random(len(account)) < 0.15, "second": rng.integers(0, 86_400, len(account)),
            "back": rng.random(len(account)) < 0.015, "wait": rng.integers(3, 20, len(account)),
            "named_later": rng.random(len(account)) < 0.4,
        }
    )  # fmt: skip
    if planted:
        frame = pl.concat([frame, _planted(frame.schema, last)])
    frame = frame.filter(pl.col("day") < last).sort("day", "second", "account", "payment")
    return _finished(frame)


def _planted(schema: pl.Schema, last: int) -> pl.DataFrame:
    """Over the limit of the general (4,500), at it (3,500), and 8,000 for no election in particular."""
    rows = {"account": [0, 0, 1, 2, 2], "day": [last - 40, last - 20, last - 30, last - 35, last - 25],
            "cents": [200_000, 250_000, 350_000, 400_000, 400_000],
            "unsaid": [False, False, False, True, True]}  # fmt: skip
    fixed = {"committee": CANDIDATE, "recurring": False, "payment": 0, "promised": 0, "ended": 0, "second": 36_000,
             "back": False, "wait": 0, "named_later": False}  # fmt: skip
    frame = pl.DataFrame(rows).with_columns(pl.lit(value).alias(name) for name, value in fixed.items())
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())


def _finished(frame: pl.DataFrame) -> pl.DataFrame:
    day = pl.col("day")
    cycle = (
        pl.when(day <= days(date(2022, 11, 8))).then(pl.lit("G2022"))
        .when(day <= days(date(2024, 11, 5))).then(pl.lit("G2024"))
        .when(day <= days(PRIMARY)).then(pl.lit("P2026"))
        .otherwise(pl.lit("G2026"))
    )  # fmt: skip
    said = (
        pl.when((pl.col("committee") == CANDIDATE) | (pl.col("committee") == OTHER)).then(cycle).otherwise(pl.lit(""))
    )
    return frame.with_row_index("gift").select(
        pl.col("gift").cast(pl.Int64), "account", "day", "second", "cents", "committee", "recurring", "payment",
        "ended", "named_later", "unsaid",
        election=said,
        promised=pl.when(pl.col("promised") < 0).then(pl.lit("unlimited"))
        .when(pl.col("promised") > 0).then(pl.col("promised").cast(pl.String)).otherwise(pl.lit("")),
        refunded=pl.when("back").then(day + pl.col("wait")).otherwise(0),
    )  # fmt: skip


def election(sample_day: int) -> pl.Expr:
    """The election as an export of the sample's day 1, 2, ... prints it: some are named on the second day only."""
    named = pl.col("named_later") & pl.lit(sample_day > 1)
    return pl.when(pl.col("unsaid") & ~named).then(pl.lit("")).otherwise("election")


def dollars(column: str = "cents") -> pl.Expr:
    """Cents as dollars with two decimals."""
    size = pl.col(column).abs()
    sign = pl.when(pl.col(column) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    rest = (size % 100).cast(pl.String).str.zfill(2)
    return pl.concat_str(sign, (size // 100).cast(pl.String), pl.lit("."), rest)


def on(column: str, form: str = "%Y-%m-%d") -> pl.Expr:
    """Days since 1970 as text; empty for 0."""
    text = pl.col(column).cast(pl.Int32).cast(pl.Date).dt.strftime(form)
    return pl.when(pl.col(column) == 0).then(pl.lit("")).otherwise(text)


def csv(frame: pl.DataFrame, header: list[str], end: str = "\n") -> bytes:
    """A file with quotes only where they are needed; header cells may share a name."""
    body = frame.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))
    text = body.write_csv(include_header=False, line_terminator=end, quote_style="necessary")
    return (",".join(header) + end + text).encode()
