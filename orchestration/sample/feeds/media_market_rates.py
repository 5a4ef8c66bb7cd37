"""What television costs and reaches in each media market, in the layout of our own; every figure is invented."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from orchestration.sample.feeds import _ads
from orchestration.sample.output import write_bytes
from orchestration.sample.rng import stream

if TYPE_CHECKING:
    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

# Every third market reaches into a state that nobody fights over.
ELSEWHERE = "ZZ"


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes `media_market_rates/<date>/` on the first day; the smallest market of each state has no rates."""
    found = _ads.markets(plan)
    smallest = {m.state: m.market_id for m in found}
    rows = []
    for market in found:
        if market.place > 1 and smallest[market.state] == market.market_id:
            continue
        rng = stream(plan.seed, "ads", "rates", market.market_id)
        within = round(market.voters * 0.62)
        homes = within if market.place % 3 else math.ceil(within / rng.uniform(0.55, 0.95))
        points = 100 * int(rng.integers(2, 8))
        # A point is one per cent of the homes; the price of a thousand differs much between markets, and is low
        # enough that some of them are worth buying.
        price = max(homes * 0.01 * float(rng.uniform(0.3, 12)) / 1000, 0.0001)
        reach = 0.95 * (1 - math.exp(-points / 300))
        told = (
            f"{price:.4f}",
            homes,
            points,
            f"{reach:.3f}",
            "the sample's invented buyer",
            plan.first_day.isoformat(),
        )
        rows.append((market.market_id, market.state, within, *told))
        if homes > within:
            rows.append((market.market_id, ELSEWHERE, homes - within, *told))
    columns = ["market_id", "state", "tv_homes_in_state", "cost_per_point_usd", "tv_homes", "planned_points",
               "reach_at_plan", "source", "quoted_date"]  # fmt: skip
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    path = landing / "media_market_rates" / plan.first_day.isoformat() / "media_market_rates.csv"
    write_bytes(path, frame.write_csv().encode())
    return _ads.no_people()
