"""E-mail in Mailchimp's shape: campaigns by message and segment with their report, and the members of two lists.

The messages differ a little in how many click; members leave day by day; reports of the last days still grow.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from orchestration.sample.crowd import Crowd
from orchestration.sample.plan import SamplePlan
from orchestration.sample.rng import stream

from ._field_files import at, days_after, write_csv

SHARE, ON_VOLUNTEERS, LEAVING = 0.05, 0.12, 0.006
LISTS = ("a1c3e5f7b9", "b2d4f6a8c0")
STATUS = (("subscribed", 0.84), ("unsubscribed", 0.11), ("cleaned", 0.05))
MESSAGES = {"health care": 0.031, "jobs": 0.024, "schools": 0.027, "rights": 0.021}
SEGMENTS = {"women": 1.15, "men": 0.9, "volunteers": 1.8}
WEEKS, GROWING_DAYS = 8, 3


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes `mailchimp` every day: all campaigns and all members as they stand."""
    members = _members(crowd, plan)
    campaigns = _campaigns(len(members), plan)
    for day in range(1, plan.days + 1):
        folder = landing / "mailchimp" / plan.snapshot(day).isoformat()
        _write_campaigns(folder / "campaigns.csv", campaigns, plan, day)
        _write_members(folder / "members.csv", members, plan, day)
    key = pl.concat_str("list_id", pl.lit("-"), "id")
    return members.select(pl.lit("mailchimp").alias("source"), key.alias("record_key"), "person")


def _members(crowd: Crowd, plan: SamplePlan) -> pl.DataFrame:
    """One row per address and list; a household that shares an address is one member."""
    seen = crowd.appear("mailchimp", SHARE, repeats=0.02).filter(pl.col("email").is_not_null())
    rng = stream(plan.seed, "mailchimp", "members")
    helpers = seen.filter(pl.Series(rng.random(len(seen)) < ON_VOLUNTEERS))
    both = pl.concat([seen.with_columns(list_id=pl.lit(LISTS[0])), helpers.with_columns(list_id=pl.lit(LISTS[1]))])
    both = both.with_columns(pl.col("email").str.strip_chars()).unique(
        [pl.col("list_id"), pl.col("email").str.to_lowercase()], keep="first", maintain_order=True
    )
    count = len(both)
    chance = rng.random(count)
    bounds = np.cumsum([share for _, share in STATUS])
    status = np.array([name for name, _ in STATUS])[np.minimum(np.searchsorted(bounds, chance), len(STATUS) - 1)]
    joined, left = rng.integers(200, 1500, count), rng.integers(1, 200, count)
    leaves = np.where(rng.random(count) < LEAVING * plan.days, rng.integers(1, plan.days + 1, count), plan.days + 1)
    # Spread without repeats, as the hashes that the platform uses for ids are.
    number = (pl.int_range(pl.len()) + 1) * 2_654_435_761 % 1_099_511_627_689
    first = pl.Series([at(plan.first_day, 8)]).new_from_index(0, count)
    day = pl.Duration("us")
    return both.with_columns(
        id=number.cast(pl.String), status=pl.Series(status), leaves=pl.Series(leaves),
        joined=first - pl.Series(joined).cast(day) * 86_400_000_000,
        left=first - pl.Series(left).cast(day) * 86_400_000_000,
    )  # fmt: skip


def _campaigns(members: int, plan: SamplePlan) -> pl.DataFrame:
    """Every message to every segment once, in the weeks before the first day."""
    rng = stream(plan.seed, "mailchimp", "campaigns")
    frame = pl.DataFrame({"message": MESSAGES.keys(), "rate": MESSAGES.values()}).join(
        pl.DataFrame({"segment": SEGMENTS.keys(), "factor": SEGMENTS.values()}), how="cross"
    )
    count = len(frame)
    sent = np.maximum(20, (members * np.where(frame["segment"] == "volunteers", 0.12, 0.4)).astype(np.int64))
    before = np.sort(rng.integers(1, 7 * WEEKS, count))[::-1]
    clickers = rng.binomial(sent, frame["rate"].to_numpy() * frame["factor"].to_numpy())
    opens = np.maximum(clickers, rng.binomial(sent, rng.uniform(0.3, 0.45, count)))
    return frame.with_columns(
        number=pl.int_range(pl.len()), sent=pl.Series(sent), before=pl.Series(before), clickers=pl.Series(clickers),
        opens=pl.Series(opens), again=pl.Series(rng.integers(0, 1 + clickers // 2)),
    )  # fmt: skip


def _write_campaigns(path: Path, campaigns: pl.DataFrame, plan: SamplePlan, day: int) -> None:
    """Reports of the last days are not complete yet."""
    age = pl.col("before") + day - 1
    share = pl.min_horizontal(pl.lit(1.0), (age + 1) / (GROWING_DAYS + 1))
    grown = campaigns.with_columns(
        (pl.col(name) * share).cast(pl.Int64).alias(name) for name in ("clickers", "opens", "again")
    )
    report = pl.struct(
        (pl.col("opens") + pl.col("opens") // 3).alias("opens"), pl.col("opens").alias("unique_opens"),
        (pl.col("clickers") + pl.col("again")).alias("clicks"), pl.col("clickers").alias("subscriber_clicks"),
    )  # fmt: skip
    title = pl.col("message") + pl.lit(" / ") + pl.col("segment")
    sent_at = pl.lit(at(plan.first_day, 15)) - pl.duration(days=pl.col("before"))
    when = sent_at.dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    write_csv(path, grown.select(
        (pl.lit("c") + (pl.col("number") + 1000).cast(pl.String)).alias("id"), pl.lit("regular").alias("type"),
        pl.lit("sent").alias("status"), when.alias("create_time"), when.alias("send_time"),
        pl.col("sent").alias("emails_sent"),
        pl.struct(pl.lit(LISTS[0]).alias("list_id"), pl.col("segment").alias("segment_text")).struct.json_encode()
        .alias("recipients"),
        pl.struct(title.alias("title"), (pl.lit("About ") + pl.col("message")).alias("subject_line"))
        .struct.json_encode().alias("settings"),
        report.struct.json_encode().alias("report_summary"),
    ))  # fmt: skip


def _write_members(path: Path, members: pl.DataFrame, plan: SamplePlan, day: int) -> None:
    gone_now = (pl.col("status") == "subscribed") & (pl.col("leaves") < day)
    left_on = pl.lit(at(days_after(plan.first_day, -1), 20)) + pl.duration(days=pl.col("leaves"))
    changed = pl.when(gone_now).then(left_on).when(pl.col("status") == "subscribed").then("joined").otherwise("left")
    address = pl.struct(pl.col("address").alias("addr1"), pl.col("city"), pl.col("state"), pl.col("zip5").alias("zip"))
    fields = pl.struct(
        pl.col("first_name").alias("FNAME"), pl.col("last_name").alias("LNAME"), pl.col("phone").alias("PHONE"),
        address.alias("ADDRESS"),
    )  # fmt: skip
    write_csv(path, members.select(
        "list_id", "id", pl.col("email").alias("email_address"),
        pl.when(gone_now).then(pl.lit("unsubscribed")).otherwise("status").alias("status"),
        fields.struct.json_encode().alias("merge_fields"),
        pl.col("joined").dt.strftime("%Y-%m-%d %H:%M:%S").alias("timestamp_signup"),
        changed.dt.strftime("%Y-%m-%dT%H:%M:%S+00:00").alias("last_changed"),
    ))  # fmt: skip
