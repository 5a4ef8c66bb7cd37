"""WinRed: transactions of the own account, under the headers its users chose, agencies at the far right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from orchestration.sample.elections import days
from orchestration.sample.feeds import _giving as giving
from orchestration.sample.output import write_bytes
from orchestration.sample.text import take

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

SHARE, WINDOW = 0.006, 30
HEADER = [
    "Revv Uid", "Created At", "Gross Amount", "Processing Fees", "Source Name", "Source Code", "Committee Name",
    "Committee FEC ID", "Election", "Recurring", "Donor ID", "First Name", "Last Name", "Email", "Phone", "Address",
    "City", "State", "Zip", "Employer", "Occupation", "agency", "agency", "agency",
]  # fmt: skip


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes one export per day: gifts, refunds as negative rows, fees of chargebacks as rows of 0."""
    people = giving.accounts(crowd, "winred_donors", SHARE, "winred", 0.04)
    gifts = giving.gifts(len(people), plan, "winred", planted=False).join(
        people, on="account", how="left", maintain_order="left"
    )
    rows = pl.concat([_transactions(gifts, "g"), _transactions(gifts, "r"), _transactions(gifts, "f")])
    rows = rows.sort("when", "uid")
    for day in range(1, plan.days + 1):
        today = days(plan.snapshot(day))
        since = 0 if day == 1 else today - WINDOW
        told = rows.filter(pl.col("when").is_between(since, today - 1))
        file = landing / "winred" / plan.snapshot(day).isoformat() / "winred_transactions.csv"
        write_bytes(file, giving.csv(_file(told, day), HEADER))
    seen = rows.unique("account", maintain_order=True).sort("account")
    return seen.select(pl.lit("winred").alias("source"), pl.col("donor_id").alias("record_key"), "person")


def _transactions(gifts: pl.DataFrame, kind: str) -> pl.DataFrame:
    """`g`: the gifts; `r`: what was paid back; `f`: the fees of every third of those, which were chargebacks."""
    rows = gifts.with_columns(
        uid=pl.concat_str(pl.lit(f"wr_{kind}"), (pl.col("gift") + 1_000_000).cast(pl.String)),
        donor_id=pl.concat_str(pl.lit("D"), (pl.col("account") + 40_000).cast(pl.String)),
        when=pl.col("day"),
    )
    if kind == "g":
        return rows
    rows = rows.filter(pl.col("refunded") > 0).with_columns(when=pl.col("refunded"), cents=-pl.col("cents"))
    return rows if kind == "r" else rows.filter(pl.col("gift") % 3 == 0).with_columns(cents=pl.col("cents") * 0)


def _file(told: pl.DataFrame, day: int) -> pl.DataFrame:
    # The account raises for the PAC and the candidate only.
    committee = told["committee"].to_numpy() % 2 * giving.PAC
    fee = pl.when(pl.col("cents") > 0).then(pl.col("cents") * 4 // 100).otherwise(0).alias("cents_fee")
    said = pl.when(pl.col("committee") % 2 == 0).then(giving.election(day)).otherwise(pl.lit(""))
    return told.with_columns(fee).select(
        "uid", giving.on("when").alias("b"), giving.dollars().alias("c"), giving.dollars("cents_fee").alias("d"),
        pl.lit("main page").alias("e"), pl.lit("").alias("f"), take(giving.COMMITTEES, committee).alias("g"),
        take(giving.COMMITTEE_IDS, committee).alias("h"), said.alias("i"),
        pl.when("recurring").then(pl.lit("true")).otherwise(pl.lit("false")).alias("j"), "donor_id", "first_name",
        "last_name", "email", "phone", "address", "city", "state", "zip5", "employer", "occupation",
        pl.lit("Example Agency").alias("k"), pl.lit("").alias("l"), pl.lit("").alias("m"),
    )  # fmt: skip
