"""Mobilize: house parties, canvasses, telephone banks and others; who signed up, who came, who hosts.

About a third of those who signed up do not come; attendance is recorded late and not always; some events are
online and a few are called off.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from orchestration.sample.crowd import Crowd
from orchestration.sample.plan import SamplePlan
from orchestration.sample.rng import stream

from ._field_files import FIRST_ID, at, days_after, utc, write_csv

SHARE = 0.01
KINDS = {"CANVASS": 0.30, "PHONE_BANK": 0.22, "HOUSE_PARTY": 0.24, "MEET_GREET": 0.08, "RALLY": 0.06,
         "TRAINING": 0.06, "FUNDRAISER": 0.04}  # fmt: skip
ONLINE = {"PHONE_BANK": 0.7, "TRAINING": 0.5}
FLAKES, RECORDED, CALLED_OFF = 0.33, 0.88, 0.05
BEFORE, AFTER, OVERLAP_DAYS = 60, 14, 10
# Sign-ups a person makes; how many there are for one event.
SIGN_UPS, PER_EVENT = 3.0, 9.0


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes `mobilize` every day: users and events whole, sign-ups of the last and next days after the first."""
    users = _users(crowd, plan)
    events = _events(users, plan)
    slots = _slots(events, plan)
    signups = _signups(users, events, slots, plan)
    for day in range(1, plan.days + 1):
        _write_day(landing / "mobilize" / plan.snapshot(day).isoformat(), users, events, slots, signups, plan, day)
    return users.select(pl.lit("mobilize").alias("source"), pl.col("id").alias("record_key"), "person")


def _users(crowd: Crowd, plan: SamplePlan) -> pl.DataFrame:
    """Those who have signed up; a few of them with a second account."""
    seen = crowd.appear("mobilize", SHARE, repeats=0.02)
    rng = stream(plan.seed, "mobilize", "users")
    joined = (
        pl.Series([at(plan.first_day)]).new_from_index(0, len(seen))
        - pl.Series(rng.integers(BEFORE, 500, len(seen))).cast(pl.Duration("us")) * 86_400_000_000
    )
    return seen.with_columns(
        id=(pl.int_range(pl.len()) * 11 + FIRST_ID).cast(pl.String), joined=joined, flakes=pl.Series(
            rng.beta(3 * FLAKES, 3 * (1 - FLAKES), len(seen))),
    )  # fmt: skip


def _events(users: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    rng = stream(plan.seed, "mobilize", "events")
    count = max(len(plan.states), round(len(users) * SIGN_UPS / PER_EVENT))
    kind = rng.choice(np.array(list(KINDS)), count, p=np.array(list(KINDS.values())) / sum(KINDS.values()))
    host = rng.integers(0, len(users), count)
    online = rng.random(count) < np.array([ONLINE.get(name, 0.03) for name in kind.tolist()])
    hosts = users[pl.Series(host.astype(np.uint32))]
    central = (hosts["state"] == "FL").to_numpy() & (rng.random(count) < 0.15)
    off = rng.random(count) < CALLED_OFF
    start = rng.integers(-BEFORE, AFTER, count)
    return hosts.select("state", "city", "zip5", pl.col("id").alias("host")).with_columns(
        id=(pl.int_range(pl.len()) * 5 + FIRST_ID).cast(pl.String), row=pl.int_range(pl.len()), kind=pl.Series(kind),
        is_online=pl.Series(online), is_central=pl.Series(central), is_off=pl.Series(off), day=pl.Series(start),
        made=pl.Series([at(plan.first_day, 9)]).new_from_index(0, count)
        - pl.Series(np.maximum(12 - start, 1)).cast(pl.Duration("us")) * 86_400_000_000,
    )  # fmt: skip


def _slots(events: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """One to three times per event: the local clock's hour, told in UTC."""
    rng = stream(plan.seed, "mobilize", "slots")
    shifts = np.where(np.isin(events["kind"].to_numpy(), ["CANVASS", "PHONE_BANK"]), rng.integers(1, 4, len(events)), 1)
    which = np.repeat(np.arange(len(events)), shifts)
    order = np.arange(len(which)) - np.repeat(np.cumsum(shifts) - shifts, shifts)
    held = events[pl.Series(which.astype(np.uint32))]
    hour = np.array([10, 13, 17])[order]
    local = (
        pl.Series([at(plan.first_day)]).new_from_index(0, len(which))
        + held["day"].cast(pl.Duration("us")) * 86_400_000_000
        + pl.Series(hour).cast(pl.Duration("us")) * 3_600_000_000
    )
    frame = held.select("row", "is_central", "state", "kind", pl.col("id").alias("event_id")).with_columns(local=local)
    east, centre = (
        pl.col("local").dt.replace_time_zone(zone).dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        for zone in ("America/New_York", "America/Chicago")
    )
    length = pl.when(pl.col("kind") == "RALLY").then(pl.duration(minutes=90)).when(
        pl.col("kind") == "CANVASS").then(pl.duration(minutes=180)).otherwise(pl.duration(minutes=120))  # fmt: skip
    return frame.with_columns(
        id=(pl.int_range(pl.len()) * 7 + FIRST_ID).cast(pl.String),
        starts=pl.when("is_central").then(centre).otherwise(east),
    ).with_columns(ends=pl.col("starts") + length)


def _signups(users: pl.DataFrame, events: pl.DataFrame, slots: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """Who signed up for what, mostly in the own state; nobody twice for one timeslot."""
    rng = stream(plan.seed, "mobilize", "signups")
    who = np.repeat(np.arange(len(users)), 1 + rng.poisson(SIGN_UPS - 1, len(users)))
    count = len(who)
    states = users["state"].to_numpy()[who]
    # Timeslots ordered by state: a person draws among those of the own state, or among all.
    order = np.argsort(slots["state"].to_numpy(), kind="stable")
    sorted_states = slots["state"].to_numpy()[order]
    low = np.searchsorted(sorted_states, states, side="left")
    high = np.searchsorted(sorted_states, states, side="right")
    anywhere = (rng.random(count) < 0.06) | (high == low)
    low, high = np.where(anywhere, 0, low), np.where(anywhere, len(slots), high)
    slot = order[(low + rng.random(count) * (high - low)).astype(np.int64)]
    frame = pl.DataFrame({"who": who, "slot": slot}).unique(["who", "slot"], keep="first", maintain_order=True)
    count = len(frame)
    held = slots[frame["slot"].cast(pl.UInt32)]
    own = users[frame["who"].cast(pl.UInt32)]
    host = events[held["row"].cast(pl.UInt32)]["host"]
    chance = rng.random(count)
    status = np.where(chance < 0.14, "CANCELLED", np.where(chance < 0.5, "CONFIRMED", "REGISTERED"))
    came = pl.Series(rng.random(count)) >= own["flakes"]
    lead = pl.Series(rng.integers(1, 11, count)).cast(pl.Duration("us")) * 86_400_000_000
    return own.select("first_name", "last_name", "email", "phone", "zip5", pl.col("id").alias("user_id")).with_columns(
        id=(pl.int_range(pl.len()) * 13 + FIRST_ID).cast(pl.String), event_id=held["event_id"],
        timeslot_id=held["id"], kind=held["kind"], starts=held["starts"], ends=held["ends"], status=pl.Series(status),
        came=came | (own["id"] == host), is_recorded=pl.Series(rng.random(count) < RECORDED),
        recorded=held["ends"] + pl.Series(rng.integers(1, 4, count)).cast(pl.Duration("us")) * 86_400_000_000,
        made=held["starts"] - lead,
    )  # fmt: skip


def _write_day(
    folder: Path, users: pl.DataFrame, events: pl.DataFrame, slots: pl.DataFrame, signups: pl.DataFrame,
    plan: SamplePlan, day: int,
) -> None:  # fmt: skip
    """The account's tables in the night before the day."""
    night = at(plan.snapshot(day))
    # Half of those called off are called off during the sample, so that a deletion arrives later than the event.
    called_off = pl.when("is_off").then(
        pl.when(pl.col("row") % 2 == 0).then(pl.col("made")).otherwise(pl.lit(at(plan.first_day, 18)))
    )
    gone = pl.when(called_off < night).then(called_off.dt.strftime("%Y-%m-%dT%H:%M:%SZ")).alias("deleted_date")
    zone = pl.when("is_central").then(pl.lit("America/Chicago")).otherwise(pl.lit("America/New_York"))
    title = pl.col("kind").str.replace("_", " ").str.to_titlecase() + pl.lit(" in ") + pl.col("city").fill_null("town")
    write_csv(folder / "events.csv", events.select(
        "id", title.alias("title"), pl.col("kind").alias("event_type"), pl.col("host").alias("owner_id"),
        pl.col("host").alias("creator_id"), zone.alias("timezone"), pl.col("is_online").alias("is_virtual"),
        (pl.col("kind") == "HOUSE_PARTY").alias("created_by_volunteer_host"),
        pl.when(~pl.col("is_online")).then("city").alias("location__locality"),
        pl.when(~pl.col("is_online")).then("state").alias("location__region"),
        pl.when(~pl.col("is_online")).then("zip5").alias("location__postal_code"), utc("made").alias("created_date"),
        utc("made").alias("modified_date"), gone,
    ))  # fmt: skip
    write_csv(folder / "timeslots.csv", slots.select(
        "id", "event_id", utc("starts").alias("start_date"), utc("ends").alias("end_date"),
        pl.lit(None, pl.String).alias("deleted_date"),
    ))  # fmt: skip
    write_csv(folder / "users.csv", users.select(
        "id", pl.col("first_name").alias("given_name"), pl.col("last_name").alias("family_name"),
        pl.col("email").alias("email_address"), pl.col("phone").alias("phone_number"),
        pl.col("zip5").alias("postal_code"), utc("joined").alias("created_date"),
    ))  # fmt: skip
    write_csv(folder / "participations.csv", _shown(signups, night, day))


def _shown(signups: pl.DataFrame, night: datetime, day: int) -> pl.DataFrame:
    """Sign-ups as known in the night; after the first day only those of events round about it."""
    is_known = (pl.col("status") != "CANCELLED") & pl.col("is_recorded") & (pl.col("recorded") < night)
    near = pl.col("starts") >= at(days_after(night.date(), -OVERLAP_DAYS))
    kept = signups.filter((pl.col("made") < night) & (pl.lit(day == 1) | near))
    came = pl.when(is_known).then(pl.when("came").then(pl.lit("true")).otherwise(pl.lit("false")))
    changed = pl.when(is_known).then("recorded").otherwise("made").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return kept.select(
        "id", "user_id", "event_id", "timeslot_id", "status", came.alias("attended"),
        pl.col("kind").alias("event_type"), utc("starts").alias("start_date"), utc("ends").alias("end_date"),
        pl.col("first_name").alias("given_name_at_signup"), pl.col("last_name").alias("family_name_at_signup"),
        pl.col("email").alias("email_at_signup"), pl.col("phone").alias("phone_number_at_signup"),
        pl.col("zip5").alias("postal_code_at_signup"), utc("made").alias("created_date"),
        changed.alias("modified_date"),
    )  # fmt: skip
