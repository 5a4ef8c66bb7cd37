"""Meta's public Ad Library report: spending of invented pages and disclaimers, nationwide and by state."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample.feeds import _ads
from orchestration.sample.output import ZipFileOut
from orchestration.sample.reference import STATE_NAMES
from orchestration.sample.rng import stream

if TYPE_CHECKING:
    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

# Invented: page, disclaimer (blank: the ads ran without one), typical dollars a week and state.
PAGES = (
    ("900000000000001", "Sample Forward", "SAMPLE FORWARD PAC", 20_000),
    ("900000000000002", "Sample Heritage Fund", "SAMPLE HERITAGE FUND", 26_000),
    ("900000000000003", "Sample Heritage Local", "SAMPLE HERITAGE FUND", 300),
    ("900000000000004", "Neighbors for Nobody", "NEIGHBORS FOR NOBODY", 60),
    ("900000000000005", "A page, without disclaimer", "", 150),
)
WEEKS = 4


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes `meta_ad_library/<date>/`: the last four weeks that ended on a Saturday, and one that overlaps them."""
    saturday = plan.first_day - timedelta(days=(plan.first_day.weekday() + 2) % 7 or 7)
    ends = [saturday - timedelta(days=7 * week) for week in range(WEEKS)]
    for end in [*ends, plan.first_day]:
        # The case of the header changed over the years.
        _report(plan, landing / "meta_ad_library" / end.isoformat(), end, old=end == ends[-1])
    return _ads.no_people()


def _report(plan: SamplePlan, folder: Path, end: date, old: bool) -> None:
    rng = stream(plan.seed, "ads", "meta_library", end.isoformat())
    typical = np.array([p[3] for p in PAGES])[:, None]
    spent = np.rint(typical * np.exp(rng.normal(0, 0.6, (len(PAGES), len(plan.states))))).astype(np.int64)
    number = 1 + spent // 400
    pages = pl.DataFrame(
        {
            "Page ID": [p[0] for p in PAGES],
            "Page name": [p[1] for p in PAGES],
            "Disclaimer": [p[2] for p in PAGES],
            "spent": spent.sum(axis=1),
            "Number of ads in Library": number.sum(axis=1),
        }
    )
    by_state = pl.DataFrame(
        {
            "Region": [STATE_NAMES[s] for s in plan.states] * len(PAGES),
            "Disclaimer": np.repeat([p[2] for p in PAGES], len(plan.states)).tolist(),
            "spent": spent.ravel(),
            "Number of ads in Library": number.ravel(),
        }
    )
    regions = by_state.group_by("Region", "Disclaimer", maintain_order=True).sum()
    name = f"FacebookAdLibraryReport_{end}_US_last_7_days"
    with ZipFileOut(folder / f"{name}.zip") as archive:
        archive.add(f"{name}_advertisers.csv", _csv(pages, old))
        archive.add(f"{name}_regions.csv", _csv(regions, old))


def _csv(frame: pl.DataFrame, old: bool) -> bytes:
    """With a byte order mark, small amounts as text, and the capitals of the time."""
    amount = pl.when(pl.col("spent") <= 100).then(pl.lit("\u2264100")).otherwise(pl.col("spent").cast(pl.String))
    names = {"spent": "Amount spent (USD)"}
    text = frame.with_columns(amount.alias("spent")).rename(names)
    if old:
        text = text.rename({c: c.title().replace("(Usd)", "(USD)").replace("Id", "ID") for c in text.columns})
    return b"\xef\xbb\xbf" + text.write_csv(quote_style="always").encode()
