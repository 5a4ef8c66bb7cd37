"""ActBlue: paid line items, refunds and cancelled recurring gifts of the own account.

The oldest years stand in an export made at the end of 2023, under the headers of that time; day 1 exports all that
came since; each later day exports sixty days again, in which some elections are named that were blank before.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from orchestration.sample.data.actblue import CANCELLED, OLDER, PAID
from orchestration.sample.elections import days
from orchestration.sample.feeds import _giving as giving
from orchestration.sample.output import write_bytes
from orchestration.sample.text import take

if TYPE_CHECKING:
    from pathlib import Path

    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

REPEATS = 0.06
WINDOW = 60
# The day the oldest years were exported.
OLD = date(2024, 1, 2)
COMMENTS = (
    "", "", "", "", "", "", "", "", "Go get them!", "Two lines\nof good wishes", '=HYPERLINK("http://example.com","x")',
    "For my mother, who said \"vote\"",
)  # fmt: skip


def line_items(crowd: Crowd, plan: SamplePlan) -> pl.DataFrame:
    """Every line item of the account with its donor: the columns of `giving` and receipt, lineitem, donor_id."""
    people = giving.accounts(crowd, "donors", giving.SHARE, "actblue", REPEATS)
    gifts = giving.gifts(len(people), plan, "actblue")
    # A recurring gift keeps its receipt; every ninth of the others shares one with the gift before by the same donor.
    receipt = (
        pl.when("recurring").then(700_000_000 + pl.col("account"))
        .when((pl.col("gift") % 9 == 8) & (pl.col("account") == pl.col("account").shift(1)))
        .then(300_000_000 + pl.col("gift") - 1)
        .otherwise(300_000_000 + pl.col("gift"))
    )  # fmt: skip
    return gifts.with_columns(
        receipt=pl.concat_str(pl.lit("AB"), receipt.cast(pl.String)),
        lineitem=(500_000_000 + pl.col("gift")).cast(pl.String),
        donor_id=(90_000_000 + pl.col("account")).cast(pl.String),
    ).join(people, on="account", how="left", maintain_order="left")


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes the three reports of every day; returns source, record_key, person of each donor account seen."""
    items = line_items(crowd, plan)
    for day in range(1, plan.days + 1):
        folder = landing / "actblue" / plan.snapshot(day).isoformat()
        today = days(plan.snapshot(day))
        since = days(OLD) if day == 1 else today - WINDOW
        printed = _printed(items, day)
        _export(printed, folder, since, today, PAID)
        if day == 1:
            _export(printed, landing / "actblue" / OLD.isoformat(), 1, days(OLD), OLDER)
        over = printed.filter(pl.col("ended").is_between(since, today - 1))
        over = over.unique("account", keep="last", maintain_order=True)
        write_bytes(folder / "cancelled_recurring_contributions.csv", giving.csv(_cancelled(over), CANCELLED, "\r\n"))
    seen = items.filter(pl.col("day") < days(plan.snapshot(plan.days))).unique("account", maintain_order=True)
    return seen.select(pl.lit("actblue").alias("source"), pl.col("donor_id").alias("record_key"), "person")


def _export(printed: pl.DataFrame, folder: Path, since: int, before: int, header: list[str]) -> None:
    """The paid and the refunded line items of some days."""
    paid = printed.filter(pl.col("day").is_between(since, before - 1))
    write_bytes(folder / "paid_contributions.csv", _file(paid, header))
    back = printed.filter(pl.col("refunded").is_between(since, before - 1)).with_columns(
        pl.concat_str(pl.lit("R"), "lineitem").alias("Refund ID"), giving.on("refunded").alias("Refund Date")
    )
    write_bytes(folder / "refunded_contributions.csv", _file(back, header))


def _printed(items: pl.DataFrame, day: int) -> pl.DataFrame:
    """The line items with ActBlue's columns beside the generator's."""
    time = (pl.from_epoch("second", time_unit="s")).dt.strftime(" %H:%M:%S")
    text = pl.Series(COMMENTS)
    return items.with_columns(
        pl.col("receipt").alias("Receipt ID"),
        pl.concat_str(giving.on("day"), time).alias("Date"),
        giving.dollars().alias("Amount"),
        pl.col("promised").alias("Recurring Total Months"),
        pl.when("recurring").then(pl.col("payment").cast(pl.String)).otherwise(pl.lit("")).alias("Recurrence Number"),
        take(giving.COMMITTEES, items["committee"].to_numpy()).alias("Recipient"),
        pl.lit("wex-main").alias("Fundraising Page"),
        pl.col("first_name").alias("Donor First Name"),
        pl.col("last_name").alias("Donor Last Name"),
        pl.col("address").alias("Donor Addr1"),
        pl.col("city").alias("Donor City"),
        pl.col("state").alias("Donor State"),
        pl.col("zip5").alias("Donor ZIP"),
        pl.lit("United States").alias("Donor Country"),
        pl.col("occupation").alias("Donor Occupation"),
        pl.col("employer").alias("Donor Employer"),
        pl.col("email").alias("Donor Email"),
        pl.col("phone").alias("Donor Phone"),
        text.gather(items["gift"] % len(COMMENTS)).alias("Comments"),
        pl.col("donor_id").alias("Donor ID"),
        pl.col("lineitem").alias("Lineitem ID"),
        take(giving.COMMITTEES, items["committee"].to_numpy()).alias("Recipient Committee"),
        take(giving.COMMITTEE_IDS, items["committee"].to_numpy()).alias("Recipient Gov ID"),
        giving.election(day).alias("Recipient Election"),
        pl.lit("page").alias("Kind"),
        pl.lit("unknown").alias("Text Message Opt In"),
    )


def _file(printed: pl.DataFrame, header: list[str]) -> bytes:
    columns = [
        (pl.col(name) if name in printed.columns else pl.lit("")).alias(f"{place}") for place, name in enumerate(header)
    ]
    return giving.csv(printed.select(columns), header, "\r\n")


def _cancelled(over: pl.DataFrame) -> pl.DataFrame:
    told = {
        "Receipt ID": pl.col("receipt"), "Recurrence Amount": giving.dollars(),
        "Recurrence Frequency": pl.lit("monthly"),
        "Initial Contribution Date": giving.on("day"), "Cancelled On": giving.on("ended"),
        "Donor First Name": pl.col("first_name"), "Donor Last Name": pl.col("last_name"),
        "Donor Address": pl.col("address"), "Donor City": pl.col("city"), "Donor State": pl.col("state"),
        "Donor ZIP": pl.col("zip5"), "Donor Email": pl.col("email"), "Donor Phone": pl.col("phone"),
        "Cancelation Reason": pl.lit("by donor"), "Sequence": pl.lit("1"), "FEC Id": pl.col("Recipient Gov ID"),
        "Committee Name": pl.col("Recipient Committee"), "Recurring Amount": giving.dollars(),
    }  # fmt: skip
    return over.select(told.get(name, pl.lit("")).alias(f"{place}") for place, name in enumerate(CANCELLED))
