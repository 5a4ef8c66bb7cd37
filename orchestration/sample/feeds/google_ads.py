"""Google Ads: one account exported by the API, another downloaded by hand, in the variants that people save."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from orchestration.sample.feeds import _ads
from orchestration.sample.output import write_bytes

if TYPE_CHECKING:
    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

API_ACCOUNT, UI_ACCOUNT = "4155550123", "919-555-0177"
# Share of the figures on telephones.
MOBILE = 0.7


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes `google_ads/<date>/`: the ordinary ads by the API, the hold-outs as a report downloaded by hand."""
    frame = _ads.figures(plan, "google")
    for day in range(1, plan.days + 1):
        told = _ads.export(frame, plan, day)
        folder = landing / "google_ads" / plan.snapshot(day).isoformat()
        made = plan.snapshot(day).isoformat()
        api = _api(told.filter(pl.col("test_id").is_null()))
        write_bytes(folder / f"google_ads_stats_{made}.csv", api.write_csv().encode())
        report = _report(told.filter(pl.col("test_id").is_not_null()))
        # "Excel .csv" on odd days, the plain one on even days: accounts are downloaded by people.
        if day % 2:
            text = "Ad report\n" + _span(told) + "\n" + report.write_csv(separator="\t")
            write_bytes(folder / "Ad report.csv", codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
        else:
            text = "Ad report\n" + f'"{_span(told)}"' + "\n" + report.write_csv()
            write_bytes(folder / "Ad report.csv", text.encode())
    return _ads.no_people()


def _api(told: pl.DataFrame) -> pl.DataFrame:
    """Split by device; cost in micros, sign-ups as the API writes them (1.0)."""
    mobile = {
        n: (pl.col(n) * MOBILE).floor().cast(pl.Int64) for n in ("impressions", "clicks", "cost_cents", "signups")
    }
    parts = [
        told.with_columns(device=pl.lit("MOBILE"), **mobile),
        told.with_columns(device=pl.lit("DESKTOP"), **{n: pl.col(n) - part for n, part in mobile.items()}),
    ]
    return (
        pl.concat(parts)
        .sort("day", "ad_id", "device")
        .select(
            pl.col("day").cast(pl.String).alias("segments.date"),
            pl.lit(API_ACCOUNT).alias("customer.id"),
            pl.lit("USD").alias("customer.currency_code"),
            pl.col("campaign_id").alias("campaign.id"),
            pl.col("campaign_name").alias("campaign.name"),
            pl.col("group_id").alias("ad_group.id"),
            pl.col("group_name").alias("ad_group.name"),
            pl.col("ad_id").alias("ad_group_ad.ad.id"),
            pl.col("ad_name").alias("ad_group_ad.ad.name"),
            pl.col("device").alias("segments.device"),
            pl.lit("SEARCH").alias("segments.ad_network_type"),
            pl.col("impressions").alias("metrics.impressions"),
            (pl.col("cost_cents") * 10_000).alias("metrics.cost_micros"),
            pl.col("clicks").alias("metrics.clicks"),
            (pl.col("signups").cast(pl.String) + ".0").alias("metrics.conversions"),
        )
    )


def _report(told: pl.DataFrame) -> pl.DataFrame:
    """As the web page saves it: thousands commas, -- for nothing, totals below."""
    rows = told.sort("day", "ad_id").select(
        pl.col("day").cast(pl.String).alias("Day"),
        pl.lit(UI_ACCOUNT).alias("Customer ID"),
        pl.lit("USD").alias("Currency code"),
        pl.col("campaign_id").alias("Campaign ID"),
        pl.col("campaign_name").alias("Campaign"),
        pl.col("group_id").alias("Ad group ID"),
        pl.col("group_name").alias("Ad group"),
        pl.col("ad_id").alias("Ad ID"),
        pl.lit(" --").alias("Ad name"),
        _commas(pl.col("impressions").cast(pl.String)).alias("Impr."),
        _commas(pl.col("clicks").cast(pl.String)).alias("Clicks"),
        (_commas((pl.col("cost_cents") // 100).cast(pl.String)) + "." + _cents()).alias("Cost"),
        (_commas(pl.col("signups").cast(pl.String)) + ".00").alias("Conversions"),
        pl.lit("< 10%").alias("Search impr. share"),
    )
    total = told.select("impressions", "clicks", "cost_cents", "signups").sum()
    sums = total.select(
        pl.lit("Total: Account").alias("Day"),
        *[pl.lit(" --").alias(n) for n in rows.columns[1:9]],
        _commas(pl.col("impressions").cast(pl.String)).alias("Impr."),
        _commas(pl.col("clicks").cast(pl.String)).alias("Clicks"),
        (_commas((pl.col("cost_cents") // 100).cast(pl.String)) + "." + _cents()).alias("Cost"),
        (_commas(pl.col("signups").cast(pl.String)) + ".00").alias("Conversions"),
        pl.lit(" --").alias("Search impr. share"),
    )
    return pl.concat([rows, sums])


def _cents() -> pl.Expr:
    return (pl.col("cost_cents") % 100).cast(pl.String).str.zfill(2)


def _commas(number: pl.Expr) -> pl.Expr:
    """Thousands commas in text of digits."""
    return number.str.reverse().str.replace_all(r"(\d{3})", "$1,").str.strip_chars_end(",").str.reverse()


def _span(told: pl.DataFrame) -> str:
    days = sorted(told["day"].unique().to_list())
    first, last = days[0], days[-1]
    return f"{first:%B} {first.day}, {first.year} - {last:%B} {last.day}, {last.year}"
