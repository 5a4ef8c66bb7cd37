"""NGP: the compliance database, which repeats ActBlue's gifts under ActBlue's ids and adds cheques."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from orchestration.sample.elections import days
from orchestration.sample.feeds import _giving as giving
from orchestration.sample.feeds.actblue import line_items
from orchestration.sample.output import write_bytes
from orchestration.sample.text import take

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

# Fewer than ActBlue's, so that all of them are among those.
SHARE, WINDOW = 0.024, 45
HEADER = [
    "VANID", "Contribution ID", "ActBlue ID", "Date Received", "Amount", "Designation", "Committee ID",
    "Payment Method", "First Name", "Middle Name", "Last Name", "Suffix", "Preferred Email", "Preferred Phone",
    "Street Address", "City", "State/Province", "Zip/Postal", "Employer Name", "Occupation Name",
]  # fmt: skip


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes one export per day; returns source, record_key, person of each donor in it."""
    people = giving.accounts(crowd, "donors", SHARE, "ngp", 0.0)
    rows = pl.concat([_repeated(crowd, plan, people), _cheques(plan, people)]).sort("when", "number")
    for day in range(1, plan.days + 1):
        today = days(plan.snapshot(day))
        since = 0 if day == 1 else today - WINDOW
        told = rows.filter(pl.col("when").is_between(since, today - 1))
        file = landing / "ngp" / plan.snapshot(day).isoformat() / "contributions.csv"
        write_bytes(file, giving.csv(_file(told, people, day), HEADER))
    seen = rows.select("account").unique().join(people, on="account", how="left").sort("account")
    return seen.select(
        pl.lit("ngp").alias("source"), _van_id().alias("record_key"), pl.col("person").cast(pl.Int64)
    )  # fmt: skip


def _van_id() -> pl.Expr:
    return (pl.col("account") + 120_000).cast(pl.String)


_KEPT = ("account", "when", "number", "actblue", "cents", "committee", "election", "named_later", "unsaid", "method")


def _repeated(crowd: Crowd, plan: SamplePlan, people: pl.DataFrame) -> pl.DataFrame:
    """Line items of the last two years, entered a day later: two of three by line item, the others by receipt."""
    items = line_items(crowd, plan).drop("account").join(people.select("person", "account"), on="person")
    recent = items.filter((pl.col("day") > days(plan.first_day) - 730) & (pl.col("receipt").is_first_distinct()))
    return recent.select(
        "account",
        (pl.col("day") + 1).alias("when"),
        (pl.col("gift") + 2_000_000).alias("number"),
        pl.when(pl.col("gift") % 3 == 0).then("receipt").otherwise("lineitem").alias("actblue"),
        "cents", "committee", "election", "named_later", "unsaid",
        pl.lit("Credit Card").alias("method"),
    ).select(_KEPT)  # fmt: skip


def _cheques(plan: SamplePlan, people: pl.DataFrame) -> pl.DataFrame:
    """Gifts of their own; of some the cheque bounced, which is a negative row."""
    own = giving.gifts(len(people), plan, "ngp", planted=False).filter(~pl.col("recurring"))
    given = own.with_columns(
        when=pl.col("day"), number=pl.col("gift") + 5_000_000, actblue=pl.lit(""), method=pl.lit("Check")
    )
    bounced = given.filter(pl.col("refunded") > 0).with_columns(
        when=pl.col("refunded"), number=pl.col("gift") + 8_000_000, cents=-pl.col("cents")
    )
    return pl.concat([given.select(_KEPT), bounced.select(_KEPT)])


def _file(told: pl.DataFrame, people: pl.DataFrame, day: int) -> pl.DataFrame:
    name = take(giving.COMMITTEES, told["committee"].to_numpy())
    said = giving.election(day)
    frame = told.with_columns(
        designation=pl.when(said != "").then(pl.concat_str(name, pl.lit(" - "), said)).otherwise(name),
        committee_id=take(giving.COMMITTEE_IDS, told["committee"].to_numpy()),
    )
    return frame.join(people, on="account", how="left", maintain_order="left").select(
        _van_id().alias("a"), pl.col("number").cast(pl.String), "actblue", giving.on("when", "%m/%d/%Y").alias("d"),
        giving.dollars().alias("e"), "designation", "committee_id", "method", "first_name", "middle_name", "last_name",
        "name_suffix", "email", "phone", "address", "city", "state", "zip5", "employer", "occupation",
    )  # fmt: skip
