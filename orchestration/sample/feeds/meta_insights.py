"""Meta Ads Insights: the same figures without breakdown, by region and by dma; numbers as text, actions as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from orchestration.sample.feeds import _ads
from orchestration.sample.output import write_bytes
from orchestration.sample.reference import STATE_NAMES

if TYPE_CHECKING:
    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

ACCOUNT = "1002003004005"
COUNTED = ("impressions", "clicks", "cost_cents", "signups")


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes `meta_insights/<date>/`: three exports a day.

    Markets with fewer than five impressions are held back in the export by dma, as the platform does for privacy.
    """
    frame = _ads.figures(plan, "meta")
    for day in range(1, plan.days + 1):
        told = _ads.export(frame, plan, day)
        made = plan.snapshot(day).isoformat()
        folder = landing / "meta_insights" / made
        by_dma = told.filter(pl.col("impressions") >= 5)
        region = pl.col("state").replace_strict(STATE_NAMES).alias("region")
        _save(folder / f"meta_insights_{made}.csv", _rows(told, []))
        _save(folder / f"meta_insights_region_{made}.csv", _rows(told, [region]))
        _save(folder / f"meta_insights_dma_{made}.csv", _rows(by_dma, [pl.col("market_name").alias("dma")]))
    return _ads.no_people()


def _rows(told: pl.DataFrame, breakdown: list[pl.Expr]) -> pl.DataFrame:
    cents = pl.col("cost_cents")
    actions = pl.concat_str(
        pl.lit('[{"action_type":"link_click","value":"'), pl.col("clicks").cast(pl.String),
        pl.lit('"},{"value":"'), pl.col("signups").cast(pl.String), pl.lit('","action_type":"lead"},'),
        # A part of the leads; who adds both counts sign-ups twice.
        pl.lit('{"action_type":"offsite_conversion.fb_pixel_lead","value":"'), pl.col("signups").cast(pl.String),
        pl.lit('"}]'),
    )  # fmt: skip
    return told.sort("day", "ad_id").select(
        pl.col("day").cast(pl.String).alias("date_start"),
        pl.col("day").cast(pl.String).alias("date_stop"),
        *breakdown,
        pl.lit(ACCOUNT).alias("account_id"),
        pl.lit("Winnumber sample").alias("account_name"),
        pl.lit("USD").alias("account_currency"),
        "campaign_id",
        "campaign_name",
        pl.col("group_id").alias("adset_id"),
        pl.col("group_name").alias("adset_name"),
        "ad_id",
        "ad_name",
        pl.lit("OUTCOME_LEADS").alias("objective"),
        pl.col("impressions").cast(pl.String),
        pl.col("clicks").cast(pl.String),
        pl.concat_str((cents // 100).cast(pl.String), pl.lit("."), (cents % 100).cast(pl.String).str.zfill(2)).alias(
            "spend"
        ),
        # Nobody did anything: the platform leaves the list out.
        pl.when(pl.col("clicks") + pl.col("signups") > 0).then(actions).alias("actions"),
        pl.lit("7d_click,1d_view").alias("attribution_setting"),
    )


def _save(path: Path, rows: pl.DataFrame) -> None:
    write_bytes(path, rows.write_csv().encode())
