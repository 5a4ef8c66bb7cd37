"""A home that lives on: a second day, a refused third one, a rollback, a second writer."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from deliveries import CANARY, Layout, members, new_column, put, spoil
from pipeline_homes import DAYS, Ran, copy_home, deliver, environment, standing, winnumber

NC = Layout("nc")
OTHER = Layout("va")


@dataclass(frozen=True)
class Living:
    """A home with two releases and a third day that was refused."""

    home: Path
    first: str
    second: str
    published: dict[str, Any]
    after_refusal: dict[str, Any]
    refused: Ran


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory, refreshed_home: Path, sample: Path) -> Living:
    home = copy_home(refreshed_home, tmp_path_factory.mktemp("living") / "home")
    first = (home / "current").readlink().name
    deliver(sample, home, DAYS[1])
    second = winnumber(home, "refresh", "--json").json()["release_id"]
    published = standing(home)
    files = spoil(NC, members(sample / "landing" / NC.source / DAYS[2]), lambda table: new_column(NC, table))
    put(home / "landing" / NC.source / DAYS[2], files)
    deliver(sample, home, DAYS[2], OTHER.source)
    refused = winnumber(home, "refresh", "--json", expect=3)
    return Living(home, first, second, published, standing(home), refused)


def test_a_second_day_is_published_beside_the_first(living: Living) -> None:
    assert living.first.startswith("20260901-")
    assert living.second.startswith("20260902-")
    assert living.published["current"] == living.second
    kept = winnumber(living.home, "releases", "--json").json()
    assert [r["release_id"] for r in kept] == [living.first, living.second]


def test_a_refused_delivery_ends_with_exit_code_3_and_says_which_and_why(living: Living) -> None:
    assert living.refused.code == 3
    said = living.refused.json()
    assert said["outcome"] == "delivery_refused"
    (cause,) = said["causes"]
    for words in ("nc_voters", "[undeclared_column]", "column shoe_size", "ncvoter_Statewide.txt"):
        assert words in cause
    assert said["serving"] == living.second
    assert said["published"] is None


def test_after_a_refusal_the_last_release_is_served_unchanged(living: Living) -> None:
    assert living.after_refusal == living.published
    assert winnumber(living.home, "path").out.strip().endswith(f"{living.second}/warehouse.duckdb")
    found = winnumber(living.home, "query", "select release_id from release", "--json").json()
    assert found == [{"release_id": living.second}]


def test_status_says_which_source_was_refused_and_why(living: Living) -> None:
    view = winnumber(living.home, "status", "--json").json()
    assert view["serving"]["release_id"] == living.second
    assert view["last_refresh"]["outcome"] == "a delivery was refused"
    assert "column shoe_size" in view["last_refresh"]["causes"][0]
    refused = {s["source"]: s["refused since"] for s in view["sources"] if s["refused since"]}
    assert set(refused) == {"nc_voters"}
    assert refused["nc_voters"].startswith(f"{DAYS[2]}: [undeclared_column]")
    in_use = {s["source"]: s["in use"] for s in view["sources"]}
    assert in_use["nc_voters"] == DAYS[1]
    # What was good of the same day is taken in, and waits for the rest.
    assert in_use[OTHER.source] == DAYS[2]
    words = winnumber(living.home, "status")
    assert f"Readers see release {living.second}" in words.err
    assert "Last refresh: a delivery was refused" in words.err
    assert "nc_voters: [undeclared_column]" in words.err


def test_deliveries_lists_the_refused_one_with_its_cause(living: Living) -> None:
    newest = winnumber(living.home, "deliveries", "nc_voters", "--json").json()[0]
    assert newest["status"] == "refused"
    assert newest["delivery"].startswith(f"nc_voters/{DAYS[2]}/")
    assert "shoe_size" in newest["cause"]


def test_no_persons_value_is_printed_logged_or_reported(living: Living) -> None:
    told = [living.refused.out, living.refused.err]
    told += [winnumber(living.home, *w).out for w in (("status", "--json"), ("deliveries", "--json"))]
    assert not [text for text in told if CANARY in text]
    written = [p for p in (living.home / "build").rglob("*") if p.suffix in (".json", ".log")]
    written += [p for p in (living.home / "dagster").rglob("*") if p.is_file()]
    written += [*living.home.glob("ledger.sqlite*"), living.home / "releases.jsonl"]
    assert not [p for p in written if CANARY.encode() in p.read_bytes()]


def test_diff_counts_what_a_day_changed(living: Living) -> None:
    found = winnumber(living.home, "diff", living.first, living.second, "--json").json()
    assert (found["before"], found["after"]) == (living.first, living.second)
    tables = {t["table"]: t for t in found["tables"]}
    goals = tables["district_vote_goals"]
    assert goals["key"] == ["contest_id", "geography_type", "geography_id"]
    assert goals["changed"] + goals["added"] + goals["removed"] > 0
    registered = next(t for t in goals["totals"] if t["column"] == "registered")
    assert registered["before"] != registered["after"]
    rates = tables["contact_rates_in_use"]
    assert rates["rows_before"] == rates["rows_after"]
    words = winnumber(living.home, "diff", living.first).err
    assert "district_vote_goals:" in words
    same = winnumber(living.home, "diff", living.second, living.second).err
    assert "hold the same" in same
    assert "is not kept" in winnumber(living.home, "diff", "20200101-00000000", expect=64).err


def test_readers_are_sent_back_and_forth_on_record(living: Living) -> None:
    assert "--reason is needed" in winnumber(living.home, "rollback", expect=64).err
    assert standing(living.home) == living.after_refusal
    back = winnumber(living.home, "rollback", "--reason", "the county list was wrong", "--by", "Ana", "--json").json()
    assert back["release_id"] == living.first
    assert winnumber(living.home, "status", "--json").json()["serving"]["release_id"] == living.first
    unknown = winnumber(living.home, "rollback", "--to", "20200101-00000000", "--reason", "none", expect=64)
    assert "is not kept" in unknown.err
    winnumber(living.home, "rollback", "--to", living.second, "--reason", "it was right after all", "--by", "Ana")
    log = [json.loads(line) for line in (living.home / "releases.jsonl").read_text().splitlines()]
    assert [(e["action"], e["release_id"], e["reason"], e["by"]) for e in log[-2:]] == [
        ("rollback", living.first, "the county list was wrong", "Ana"),
        ("rollback", living.second, "it was right after all", "Ana"),
    ]
    now = standing(living.home)
    assert {k: v for k, v in now.items() if k != "log"} == {
        k: v for k, v in living.after_refusal.items() if k != "log"
    }  # fmt: skip


HOLD = """
import sys
from pathlib import Path
from orchestration.publish.lock import single_writer
with single_writer(Path(sys.argv[1]), "1f2e3d4c-held", "schedule daily_refresh_schedule"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_refresh_is_turned_away_with_exit_code_4_and_told_by_whom(living: Living) -> None:
    before = standing(living.home)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(living.home / "refresh.lock")], env=environment(living.home),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        since = json.loads((living.home / "refresh.lock").read_text())["since"]
        ran = winnumber(living.home, "refresh", "--json", expect=4)
        words = winnumber(living.home, "refresh", expect=4).err
        status = winnumber(living.home, "status", "--json").json()
        holder.communicate("")
    said = ran.json()
    assert said["outcome"] == "busy"
    assert said["serving"] == before["current"]
    (cause,) = said["causes"]
    for told in ("1f2e3d4c", "schedule daily_refresh_schedule", since):
        assert told in cause
        assert told in words
    assert "Another refresh is running." in words
    assert status["running"]["who"] == "schedule daily_refresh_schedule"
    assert standing(living.home) == before
    assert winnumber(living.home, "status", "--json").json()["running"] is None
