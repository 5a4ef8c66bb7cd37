"""Google's public bundle of election ads: what invented advertisers spent, by week, by state and by ad."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample.feeds import _ads
from orchestration.sample.output import ZipFileOut
from orchestration.sample.rng import apportion, stream

if TYPE_CHECKING:
    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

Row = tuple[object, ...]
# Invented, like everybody in a sample. How many weeks each has run ads, and in how many of the states.
ADVERTISERS = (
    ("AR10000000000000001", "Sample Forward PAC", "D", 20, 5),
    ("AR10000000000000002", "Sample Heritage Fund", "R", 20, 5),
    ("AR10000000000000003", "Friends of the Sample Incumbent, Inc.", "R", 12, 1),
    ("AR10000000000000004", 'Citizens "United" for Samples', "R", 6, 2),
    ("AR10000000000000005", "Neighbors for Nobody", "", 3, 1),
)
CURRENCIES = ("USD", "EUR", "INR", "BGN", "HRK", "CZK", "DKK", "HUF", "PLN", "RON", "SEK", "GBP", "NZD", "ILS", "AUD")
# The lowest bucket is spelled in two ways.
BUCKETS = ("<= 10k", "\u2264 10k", "10k-100k", "100k-1M", "1M-10M", "> 10M")
RANGES = ((0, 100), (100, 1_000), (1_000, 50_000), (50_000, 100_000), (100_000, None))


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes `google_political_ads/<date>/`: a bundle on the first day and, with one more currency, on the second."""
    for day in range(1, min(plan.days, 2) + 1):
        made = plan.snapshot(day)
        folder = landing / "google_political_ads" / made.isoformat()
        currencies = CURRENCIES if day == 1 else (*CURRENCIES, "TWD")
        with ZipFileOut(folder / "google-political-ads-transparency-bundle.zip") as archive:
            archive.add("README.txt", b"Amounts are given in several currencies. See the field descriptions online.\n")
            archive.add("google-political-ads-updated.csv", f"Report_Data_Updated_Date\n{made}\n".encode())
            for name, frame in _tables(plan, day).items():
                archive.add(f"google-political-ads-{name}.csv", _in_every(frame, currencies).write_csv().encode())
    return _ads.no_people()


def _tables(plan: SamplePlan, day: int) -> dict[str, pl.DataFrame]:
    """The bundle's tables by file; amounts in US dollars."""
    rng = stream(plan.seed, "ads", "google_political")
    sunday = plan.first_day - timedelta(days=(plan.first_day.weekday() + 1) % 7)
    weekly: list[Row] = []
    geo: list[Row] = []
    creatives: list[Row] = []
    stats: list[Row] = []
    for advertiser, name, _, weeks, reach in ADVERTISERS:
        states = plan.states[:reach]
        spent = np.rint(rng.gamma(2.0, 20_000, weeks)).astype(np.int64)
        # The running week is not over; the second bundle knows more of it.
        spent[0] = spent[0] * (2 + day) // 10
        parts = apportion(int(spent.sum()), rng.random(len(states)) + 0.1)
        weekly += [
            (advertiser, name, None, (sunday - timedelta(days=7 * w)).isoformat(), int(spent[w])) for w in range(weeks)
        ]
        geo += [(advertiser, name, "US", f"US-{s}", int(v)) for s, v in zip(states, parts, strict=True)]
        ran = int(rng.integers(4, 12))
        stats.append((advertiser, name, f"FEC: C0000{advertiser[-4:]}", "US", "US-Federal", ran, int(spent.sum())))
        for number in range(ran):
            length = int(rng.integers(1, 7 * weeks))
            low, high = RANGES[int(rng.integers(0, len(RANGES)))]
            creatives.append((
                f"CR{advertiser[-3:]}{number:017d}", f"https://adstransparency.example/{number}",
                ("Text", "Video", "Image")[number % 3], "US", advertiser, name, "",
                (plan.first_day - timedelta(days=length)).isoformat(),
                (plan.first_day - timedelta(days=int(rng.integers(0, length)))).isoformat(), length,
                BUCKETS[int(rng.integers(0, len(BUCKETS)))], "", "Not targeted", "Not targeted",
                "; ".join(f"{s},United States" for s in states), "", low, high,
            ))  # fmt: skip
    districts: list[Row] = [("US", f"US-{s}", f"{s} District {n}", 1_000 * n) for s in plan.states for n in (1, 2)]
    return {
        "advertiser-weekly-spend": _frame(
            weekly, "Advertiser_ID", "Advertiser_Name", "Election_Cycle", "Week_Start_Date", "Spend_USD"
        ),
        "advertiser-geo-spend": _frame(
            geo, "Advertiser_ID", "Advertiser_Name", "Country", "Country_Subdivision_Primary", "Spend_USD"
        ),
        "geo-spend": _frame(
            districts, "Country", "Country_Subdivision_Primary", "Country_Subdivision_Secondary", "Spend_USD"
        ),
        "advertiser-stats": _frame(
            stats, "Advertiser_ID", "Advertiser_Name", "Public_IDs_List", "Regions", "Elections", "Total_Creatives",
            "Spend_USD",
        ),
        "creative-stats": _frame(
            creatives, "Ad_ID", "Ad_URL", "Ad_Type", "Regions", "Advertiser_ID", "Advertiser_Name",
            "Ad_Campaigns_List", "Date_Range_Start", "Date_Range_End", "Num_of_Days", "Impressions", "Spend_USD",
            "Age_Targeting", "Gender_Targeting", "Geo_Targeting_Included", "Geo_Targeting_Excluded",
            "Spend_Range_Min_USD", "Spend_Range_Max_USD",
        ),
    }  # fmt: skip


def _frame(rows: list[Row], *columns: str) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=list(columns), orient="row", infer_schema_length=None)


def _in_every(frame: pl.DataFrame, currencies: tuple[str, ...]) -> pl.DataFrame:
    """The table with each amount repeated in every currency (at an invented rate)."""
    repeated = [c.removesuffix("_USD") for c in frame.columns if c.endswith("_USD") and frame[c].dtype.is_integer()]
    columns: list[str | pl.Expr] = []
    for name in frame.columns:
        columns.append(name)
        if name.removesuffix("_USD") in repeated:
            stem = name.removesuffix("_USD")
            columns += [(pl.col(name) * n).alias(f"{stem}_{c}") for n, c in enumerate(currencies[1:], 2)]
    return frame.select(columns)
