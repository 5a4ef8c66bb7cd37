"""What the advertising feeds of a sample say fits together and is true to the ads behind it."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path

import polars as pl
import pytest

from orchestration.sample import SamplePlan, write_sample
from orchestration.sample.feeds import _ads, google_ads, google_political_ads, media_market_rates, meta_ad_library
from orchestration.sample.feeds import meta_insights as meta

PLAN = SamplePlan(("NC", "VA"), voters=4_000, days=2, seed=11)
FEEDS = (google_ads, meta, google_political_ads, meta_ad_library, media_market_rates)


def write(folder: Path) -> Path:
    for feed in FEEDS:
        feed.write(None, PLAN, folder)  # type: ignore[arg-type]
    return folder


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("ads"))


def insights(landing: Path, kind: str, day: int = 1) -> pl.DataFrame:
    made = PLAN.snapshot(day).isoformat()
    found = pl.read_csv(landing / "meta_insights" / made / f"meta_insights{kind}_{made}.csv", infer_schema=False)
    return found.with_columns(pl.col("impressions", "clicks").cast(pl.Int64), pl.col("spend").cast(pl.Decimal(18, 2)))


def test_the_same_plan_gives_the_same_bytes(landing: Path, tmp_path: Path) -> None:
    again = write(tmp_path)
    names = sorted(p.relative_to(landing) for p in landing.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file())
    assert all((landing / n).read_bytes() == (again / n).read_bytes() for n in names)


def test_states_add_up_to_the_whole_and_markets_to_less_by_what_is_held_back(landing: Path) -> None:
    whole, states, markets = (insights(landing, kind) for kind in ("", "_region", "_dma"))
    assert whole["spend"].sum() == states["spend"].sum() > markets["spend"].sum()
    assert (markets["impressions"] >= 5).all()
    assert set(states["region"]) == {"North Carolina", "Virginia"}


def test_a_later_export_covers_four_weeks_and_says_something_else_about_them(landing: Path) -> None:
    first, second = insights(landing, "", 1), insights(landing, "", 2)
    assert second["date_start"].n_unique() == _ads.WINDOW
    both = first.join(second, on=["date_start", "ad_id"], suffix="_later")
    assert (both["actions"] != both["actions_later"]).any()
    assert (both["spend"] > both["spend_later"]).any()
    gone = first.join(second, on=["date_start", "ad_id"], how="anti").filter(
        pl.col("date_start") >= second["date_start"].min()
    )
    assert gone.height == 1


def test_the_report_of_the_first_day_is_saved_for_excel_and_that_of_the_second_is_not(landing: Path) -> None:
    first, second = (landing / "google_ads" / PLAN.snapshot(d).isoformat() / "Ad report.csv" for d in (1, 2))
    assert first.read_bytes().startswith(codecs.BOM_UTF16_LE)
    lines = second.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "Ad report"
    assert lines[2].startswith("Day,Customer ID,")
    assert lines[-1].startswith("Total: Account, --")


def test_sign_ups_of_the_arms_are_drawn_by_the_true_lift() -> None:
    truth = _ads.true_lifts(PLAN)
    assert set(truth["platform"]) == {"google", "meta"}
    for platform in ("google", "meta"):
        frame = _ads.figures(PLAN, platform).filter(pl.col("test_id").is_not_null())
        arms = frame.group_by("test_id", "group_name").agg(pl.col("signups").sum())
        for test in truth.filter(pl.col("platform") == platform).iter_rows(named=True):
            rows = {name.split("arm=")[1].split(" ")[0]: n for t, name, n in arms.iter_rows() if t == test["test_id"]}
            found = (rows["treatment"] - rows["control"]) / test["people"]
            error = (2 * test["control_share"] / test["people"]) ** 0.5
            assert abs(found - test["lift"]) < 4 * error


def test_the_second_bundle_has_one_more_currency(landing: Path) -> None:
    headers = []
    for day in (1, 2):
        folder = landing / "google_political_ads" / PLAN.snapshot(day).isoformat()
        with zipfile.ZipFile(folder / "google-political-ads-transparency-bundle.zip") as archive:
            text = archive.read("google-political-ads-advertiser-weekly-spend.csv").decode()
            headers.append(set(text.splitlines()[0].split(",")))
            geo = pl.read_csv(archive.read("google-political-ads-advertiser-geo-spend.csv"))
            weekly = pl.read_csv(text.encode())
            assert geo["Spend_USD"].sum() == weekly["Spend_USD"].sum()
    assert headers[1] - headers[0] == {"Spend_TWD"}


def test_the_library_has_small_amounts_old_capitals_and_a_report_that_overlaps(landing: Path) -> None:
    days = sorted(p.name for p in (landing / "meta_ad_library").iterdir())
    assert len(days) == meta_ad_library.WEEKS + 1
    texts = []
    for day in days:
        (file,) = (landing / "meta_ad_library" / day).iterdir()
        with zipfile.ZipFile(file) as archive:
            texts.append(archive.read(f"{file.stem}_regions.csv").decode("utf-8-sig"))
    assert '"Amount Spent (USD)"' in texts[0]
    assert '"Amount spent (USD)"' in texts[-1]
    assert any("\u2264100" in text for text in texts)


def test_every_market_but_the_smallest_has_rates_and_some_reach_into_another_state(landing: Path) -> None:
    (file,) = (landing / "media_market_rates").rglob("*.csv")
    rates = pl.read_csv(file)
    markets = {m.market_id for m in _ads.markets(PLAN)}
    missing = markets - set(rates["market_id"])
    assert len(missing) == len(PLAN.states)
    spilling = rates.filter(pl.col("state") == media_market_rates.ELSEWHERE)
    assert spilling.height > 0
    assert (rates.group_by("market_id").agg(pl.col("tv_homes_in_state").sum() - pl.col("tv_homes").first())
            ["tv_homes_in_state"] == 0).all()  # fmt: skip


def test_a_whole_sample_keeps_the_true_lifts(tmp_path: Path) -> None:
    plan = SamplePlan(("NC",), voters=1_000, days=1, seed=2)
    write_sample(plan, tmp_path / "landing", tmp_path / "truth")
    assert pl.read_parquet(tmp_path / "truth" / "ad_lifts.parquet").equals(_ads.true_lifts(plan))
