"""The texting vendors' files of a sample: their layouts, what they say again, and what is known to be true."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from orchestration.sample import SamplePlan, write_sample
from orchestration.sample.feeds import _texting as texting

REWIRED = ["campaignId", "campaign", "contact[firstName]", "contact[lastName]", "contact[cell]", "contact[zip]",
           "contact[city]", "contact[state]", "contact[optOut]", "contact[messageStatus]"]  # fmt: skip
MESSAGES = ["assignmentId", "userNumber", "contactNumber", "isFromContact", "numSegments", "numMedia", "sendStatus",
            "errorCodes", "attemptedAt", "text", "campaignId", "texter[firstName]", "texter[lastName]",
            "texter[email]", "texter[cell]"]  # fmt: skip
VENDORS = ("hustle", "spoke", "thrutext")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texting")
    write_sample(SamplePlan(("NC", "VA"), voters=6000, days=3, seed=4), folder / "landing", folder / "truth")
    return folder


def rows(home: Path, path: str) -> list[list[str]]:
    with (home / "landing" / path).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_spoke_has_a_column_per_question_and_the_two_builds_differ(home: Path) -> None:
    rewired, moveon = (rows(home, f"spoke/2026-09-01/campaign-{number}.csv")[0] for number in ("101", "102"))
    assert rewired[:10] == REWIRED
    assert rewired[-1] == "tags"
    assert f"question[{texting.QUESTION}]" in rewired
    assert "\n" in texting.QUESTION
    assert moveon[2:8] == ["assignmentId", "texter[firstName]", "texter[lastName]", "texter[email]", "texter[cell]",
                           "texter[assignedCell]"]  # fmt: skip
    assert "tags" not in moveon
    assert rows(home, "spoke/2026-09-01/campaign-101-messages.csv")[0] == MESSAGES


def test_every_record_is_a_rectangle_whatever_people_wrote(home: Path) -> None:
    for vendor in VENDORS:
        for path in sorted((home / "landing" / vendor).rglob("*.csv")):
            widths = {len(row) for row in rows(home, str(path.relative_to(home / "landing")))}
            assert len(widths) == 1, path


def test_later_exports_say_again_what_earlier_ones_said_and_change_some_of_it(home: Path) -> None:
    first, second = (rows(home, f"spoke/2026-09-0{day}/campaign-101-messages.csv") for day in (1, 2))
    key = [MESSAGES.index(name) for name in ("contactNumber", "attemptedAt", "isFromContact")]
    status = MESSAGES.index("sendStatus")
    before = {tuple(row[i] for i in key): row[status] for row in first[1:]}
    after = {tuple(row[i] for i in key): row[status] for row in second[1:]}
    assert set(before) < set(after)
    assert any(before[k] != after[k] for k in before)


def test_a_later_export_lacks_opt_outs_of_an_earlier_one(home: Path) -> None:
    first, last = ({row[1] for row in rows(home, f"thrutext/2026-09-0{day}/opt_outs.csv")[1:]} for day in (1, 3))
    assert first - last


def test_some_who_say_stop_to_one_vendor_are_on_the_list_of_another(home: Path) -> None:
    spoke = rows(home, "spoke/2026-09-03/campaign-101.csv") + rows(home, "spoke/2026-09-03/campaign-102.csv")
    stopped = {row[row.index("true") - 4] for row in spoke if "true" in row}
    leads = {row[4] for row in rows(home, "hustle/2026-09-03/leads.csv")}
    assert {number for number in stopped if number.startswith("+1")} & leads


def test_the_share_of_replies_is_near_the_true_chance(home: Path) -> None:
    truth = pl.read_parquet(home / "truth" / "text_responses.parquet").filter(pl.col("source") == "hustle")
    messages = pl.read_csv(home / "landing/hustle/2026-09-03/messages.csv", infer_schema=False)
    refusals = [*texting.REPLIES["negative"], *texting.REPLIES["stop"]]
    replied = messages.filter((pl.col("direction") == "inbound") & ~pl.col("message").is_in(refusals))
    share = replied["lead_id"].n_unique() / truth.height
    sd = float(np.sqrt(truth["chance"].mean() * (1 - truth["chance"].mean()) / truth.height))
    assert abs(share - truth["chance"].mean()) < 4 * sd + 0.05


def test_a_wording_is_drawn_whatever_the_person_is(home: Path) -> None:
    truth = pl.read_parquet(home / "truth" / "text_responses.parquet")
    shares = truth["message"].value_counts(normalize=True)["proportion"]
    assert shares.min() > 0.25
    assert set(truth["message"]) == set(texting.ARMS)


def test_every_person_texted_is_in_the_truth_once_per_vendor(home: Path) -> None:
    links = pl.read_parquet(home / "truth" / "people_links.parquet").filter(pl.col("source").is_in(VENDORS))
    assert links.height == links.select("source", "record_key").n_unique() > 0
