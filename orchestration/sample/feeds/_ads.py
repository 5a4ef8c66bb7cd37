"""The ads that the sample's campaign ran: who was shown what where, and what the platforms say of it when asked.

Belongs here: the true figures of every ad and day, how much of them an export of a given day knows, and the
hold-outs with their true lift. Does not belong here: the layout of any file (the feeds beside this one).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import polars as pl

from orchestration.sample import counties, targets
from orchestration.sample.plan import SamplePlan
from orchestration.sample.reference import market_ids, market_name
from orchestration.sample.rng import stream

# Days before the first delivery that its export reaches back; later exports cover the trailing window only.
HISTORY, WINDOW = 40, 28
# A conversion is credited to the day of its click up to this many days later.
ATTRIBUTION = 28
NO_PEOPLE = {"source": pl.String, "record_key": pl.String, "person": pl.Int64}
# Hold-outs: people assigned to each arm, sign-ups in the control arm, true lift. The last is too small to tell.
TESTS = (("big", 24_000, 0.012, 0.006), ("null", 24_000, 0.012, 0.0), ("tiny", 400, 0.012, 0.006))


@dataclass(frozen=True)
class Market:
    """One media market. voters: voters on file in it on day 1; `place`: 1 is the state's largest."""

    market_id: str
    name: str
    state: str
    voters: int
    place: int


@dataclass(frozen=True)
class Test:
    """One hold-out. lift: true difference of sign-ups per person assigned, treatment minus control."""

    test_id: str
    platform: str
    state: str
    people: int
    control: float
    lift: float


@lru_cache(maxsize=4)
def markets(plan: SamplePlan) -> tuple[Market, ...]:
    """Every media market of the plan's states, by state and size."""
    table = None if plan.results is None else targets.read(plan.results)
    found = []
    for state, voters in plan.split().items():
        built = counties.build(state, voters, plan.seed, table)
        sizes: dict[str, int] = {}
        names: dict[str, str] = {}
        for county, market in enumerate(market_ids(built)):
            sizes[market] = sizes.get(market, 0) + int(built.voters[county])
            names[market] = market_name(built, county)
        found += [Market(m, names[m], state, sizes[m], place) for place, m in enumerate(sorted(sizes), 1)]
    return tuple(found)


def tests(plan: SamplePlan, platform: str) -> list[Test]:
    """The hold-outs of a platform, one per state; the kinds take turns."""
    first = 0 if platform == "google" else 1
    return [
        Test(f"{platform[0].upper()}-{state}-{kind}", platform, state, people, control, lift)
        for number, state in enumerate(plan.states, first)
        for kind, people, control, lift in [TESTS[number % len(TESTS)]]
    ]


def true_lifts(plan: SamplePlan) -> pl.DataFrame:
    """What the hold-outs would show with endless people: platform, test_id, state, people, control_share, lift."""
    return pl.DataFrame(
        [
            (t.platform, t.test_id, t.state, t.people, t.control, t.lift)
            for platform in ("google", "meta")
            for t in tests(plan, platform)
        ],
        schema={
            "platform": pl.String, "test_id": pl.String, "state": pl.String, "people": pl.Int64,
            "control_share": pl.Float64, "lift": pl.Float64,
        },
        orient="row",
    )  # fmt: skip


def ads(plan: SamplePlan, platform: str) -> pl.DataFrame:
    """One row per ad and market it runs in: the ad's ids and names, state, market, size, arm and final sign-ups.

    Ordinary ads run in the three largest markets of each state, two ads each; the arms of a hold-out run in one.
    `signups` is what an arm will have gathered over all days; null for ordinary ads, whose sign-ups follow clicks.
    """
    rows: list[tuple[object, ...]] = []
    for market in (m for m in markets(plan) if m.place <= 3):
        for version in ("a", "b"):
            mark = f"WN | state={market.state} | geo={market.market_id} | goal=signup"
            rows.append((f"{mark} | {version}", mark, "broad", market, market.voters, None, None))
    by_state = {m.state: m for m in markets(plan) if m.place == 1}
    for test in tests(plan, platform):
        rng = stream(plan.seed, "ads", platform, test.test_id)
        for arm, share in (("treatment", test.control + test.lift), ("control", test.control)):
            mark = f"WN | state={test.state} | goal=signup | test={test.test_id}"
            group = f"{test.test_id} | arm={arm} | n={test.people}"
            signups = int(rng.binomial(test.people, share))
            rows.append(
                (f"{test.test_id} {arm}", mark, group, by_state[test.state], test.people, test.test_id, signups)
            )
    number = np.arange(len(rows))
    base = {"google": 14_000_000_000, "meta": 2_385_000_000_000_000}[platform]
    groups = {key: n for n, key in enumerate(dict.fromkeys((r[1], r[2]) for r in rows))}
    campaigns = {key: n for n, key in enumerate(dict.fromkeys(r[1] for r in rows))}
    return pl.DataFrame(
        {
            "campaign_id": [str(base + 1_000 + campaigns[r[1]]) for r in rows],
            "campaign_name": [r[1] for r in rows],
            "group_id": [str(base + 100_000 + groups[r[1], r[2]]) for r in rows],
            "group_name": [r[2] for r in rows],
            "ad_id": [str(base + 5_000_000 + int(n) * 17) for n in number],
            "ad_name": [r[0] for r in rows],
            "state": [r[3].state for r in rows],  # type: ignore[attr-defined]
            "market_id": [r[3].market_id for r in rows],  # type: ignore[attr-defined]
            "market_name": [r[3].name for r in rows],  # type: ignore[attr-defined]
            "size": [r[4] for r in rows],
            "test_id": [r[5] for r in rows],
            "signups": [r[6] for r in rows],
        },
        schema_overrides={"test_id": pl.String, "signups": pl.Int64, "size": pl.Int64},
    )


def figures(plan: SamplePlan, platform: str) -> pl.DataFrame:
    """The final figures: one row per ad and day, `day`, impressions, clicks, cost_cents and signups."""
    frame = ads(plan, platform)
    last = plan.snapshot(plan.days) - timedelta(days=1)
    first = plan.first_day - timedelta(days=HISTORY)
    length = (last - first).days + 1
    rng = stream(plan.seed, "ads", platform, "figures")
    size = np.clip(frame["size"].to_numpy(), 200, 40_000)[:, None]
    impressions = rng.poisson(size * 0.08 * np.exp(rng.normal(0, 0.35, (len(frame), length)))).astype(np.int64)
    clicks = rng.binomial(impressions, 0.018)
    cents = np.rint(impressions * rng.uniform(0.6, 1.6, (len(frame), length))).astype(np.int64)
    signups = rng.binomial(clicks, 0.11)
    # The arms' sign-ups are fixed by the test; the days share them out.
    for place, total in enumerate(frame["signups"].to_list()):
        if total is not None:
            signups[place] = rng.multinomial(total, np.full(length, 1 / length))
    days = [first + timedelta(days=d) for d in range(length)]
    return (
        frame.drop("signups")
        .join(pl.DataFrame({"day": days}), how="cross", maintain_order="left_right")
        .with_columns(
            impressions=pl.Series(impressions.ravel()),
            clicks=pl.Series(clicks.ravel()),
            cost_cents=pl.Series(cents.ravel()),
            signups=pl.Series(signups.ravel()),
        )
    )


def export(frame: pl.DataFrame, plan: SamplePlan, day: int) -> pl.DataFrame:
    """What an export made on sample day `day` tells of the figures: its window, as far as it is known by then.

    Sign-ups come in over the days after the click, spending of the last three days is still corrected (it was
    two per cent too high), and one row of the window's first export is invalid traffic that later exports lack.
    """
    made = plan.snapshot(day)
    reach = HISTORY if day == 1 else WINDOW
    age = (pl.lit(made) - pl.col("day")).dt.total_days()
    known = (pl.lit(60) + 40 * age.clip(0, ATTRIBUTION) / ATTRIBUTION) / 100
    told = frame.filter(age.is_between(1, reach)).with_columns(
        signups=(pl.col("signups") * known).floor().cast(pl.Int64),
        cost_cents=pl.when(age <= 3).then(pl.col("cost_cents") * 102 // 100).otherwise("cost_cents"),
    )
    return told.filter(~is_invalid(frame, plan)) if day > 1 else told


def is_invalid(frame: pl.DataFrame, plan: SamplePlan) -> pl.Expr:
    """The row that the first export holds and later ones no longer do."""
    return (pl.col("ad_id") == frame["ad_id"].min()) & (pl.col("day") == plan.first_day - timedelta(days=5))


def finals(plan: SamplePlan, platform: str, on: date) -> pl.DataFrame:
    """What is true on a day after every export up to it was loaded: the figures as the newest export tells them."""
    frame = figures(plan, platform)
    parts = [export(frame, plan, d).with_columns(made=pl.lit(plan.snapshot(d))) for d in range(1, plan.days + 1)]
    told = pl.concat(p for p in parts if p["made"][0] <= on)
    covering = pl.col("made").max().over("day")
    return told.filter(pl.col("made") == covering).drop("made")


def no_people() -> pl.DataFrame:
    """These feeds hold no people, so there is no truth about any."""
    return pl.DataFrame(schema=NO_PEOPLE)
