"""Universes of a real refresh agree with the ledger, exports are made from it, and the next refresh knows of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from pipeline_homes import DATABASES, copy_home, winnumber

# The universes that are the ledger's own pools, and the line of the ledger that counts them.
POOLS = {
    "gotv": "gotv_pool", "persuasion": "persuasion_pool", "crossover": "crossover_pool",
    "women_in_the_middle": "persuasion_women",
}  # fmt: skip
YIELDS = {"gotv": "gotv_expected_yield", "persuasion": "persuasion_expected_yield"}


@pytest.fixture(scope="module")
def release(refreshed_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        for file in DATABASES:
            con.execute(f"attach '{refreshed_home}/current/{file}.duckdb' as {file} (read_only)")
        yield con


@pytest.fixture(scope="module")
def exported_home(refreshed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of which two universes were handed out; the files lie beside it."""
    folder = tmp_path_factory.mktemp("outreach")
    (folder / "out").mkdir()
    home = copy_home(refreshed_home, folder / "home")
    said = ("--purpose", "voter_contact", "--by", "tests", "--json")
    sms = ("--channel", "sms", "--vendor", "spoke", "--holdout", "0.1", "--seed", "3")
    winnumber(home, "export", "gotv", *sms, *said, "--to", str(folder / "out" / "sms.csv"))
    walk = ("--channel", "walk", "--state", "nc")
    winnumber(home, "export", "persuasion", *walk, *said, "--to", str(folder / "out" / "walk.csv"))
    return home


@pytest.mark.parametrize("universe", POOLS)
def test_a_universe_that_is_a_pool_of_the_ledger_has_its_size(
    release: duckdb.DuckDBPyConnection, universe: str
) -> None:
    compared, differing = release.execute(
        f"select count(universes.people), count(*) filter (where universes.people <> goals.{POOLS[universe]}) "
        "from warehouse.universes as universes inner join warehouse.district_vote_goals as goals "
        "on universes.contest_id = goals.contest_id and goals.geography_type = 'contest' "
        "where universes.universe_id = ?",
        [universe],
    ).fetchone()
    assert compared > 10
    assert differing == 0


@pytest.mark.parametrize("universe", YIELDS)
def test_its_expected_votes_are_the_ledgers(release: duckdb.DuckDBPyConnection, universe: str) -> None:
    compared, differing = release.execute(
        "select count(universes.expected_net_votes), "
        f"count(*) filter (where universes.expected_net_votes <> goals.{YIELDS[universe]}) "
        "from warehouse.universes as universes inner join warehouse.district_vote_goals as goals "
        "on universes.contest_id = goals.contest_id and goals.geography_type = 'contest' "
        "where universes.universe_id = ?",
        [universe],
    ).fetchone()
    # Most contests of a small sample have too few people for a count to be shown.
    assert compared > 0
    assert differing == 0


def test_prospects_are_people_of_our_own_records(release: duckdb.DuckDBPyConnection) -> None:
    found = release.execute(
        "select universe_id, count(*), count(*) filter (where not is_on_own_record) from people.universe_members "
        "where purpose <> 'voter_contact' group by universe_id order by universe_id"
    ).fetchall()
    assert [(universe, strangers) for universe, _, strangers in found] == [
        ("donor_prospects", 0), ("volunteer_prospects", 0),
    ]  # fmt: skip
    assert all(people > 0 for _, people, _ in found)


def test_a_file_holds_members_with_a_contact_that_may_be_used(
    release: duckdb.DuckDBPyConnection, exported_home: Path
) -> None:
    with (exported_home.parent / "out" / "sms.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row["external_id"]: "+" + row["cell"] for row in csv.DictReader(lines, strict=True)}
    (usable,) = release.execute(
        "select count(*) from (select unnest(?) as person_id, unnest(?) as contact) as sent "
        "inner join people.contact_points as points using (person_id, contact) "
        "inner join people.universe_members as members using (person_id) "
        "where points.channel = 'sms' and not points.is_suppressed and members.universe_id = 'gotv' "
        "and contact not in (select contact from texting.opt_outs where channel in ('sms', 'all'))",
        [list(rows), list(rows.values())],
    ).fetchone()
    assert usable >= len(rows) > 50


def test_the_record_is_listed_and_whole(exported_home: Path) -> None:
    said = winnumber(exported_home, "exports", "--json").json()
    assert [(e["universe"], e["channel"], e["by"]) for e in said["exports"]] == [
        ("gotv", "sms", "tests"), ("persuasion", "walk", "tests"),
    ]  # fmt: skip
    assert said["problems"] == []
    assert "2 export(s)" in winnumber(exported_home, "exports").err


def test_a_meddled_record_is_named_by_the_command(exported_home: Path, tmp_path: Path) -> None:
    home = copy_home(exported_home, tmp_path / "home")
    log = home / "exports.jsonl"
    log.write_text(log.read_text().replace('"by": "tests"', '"by": "nobody"'))
    assert "line 1 is not as it was written" in winnumber(home, "exports", expect=5).err


def test_a_google_list_is_refused_with_its_own_exit_code(exported_home: Path) -> None:
    target = str(exported_home.parent / "out" / "google.csv")
    words = ("gotv", "--channel", "digital", "--platform", "google", "--purpose", "voter_contact", "--to", target)
    assert "no-customer-lists-at-google" in winnumber(exported_home, "export", *words, expect=2).err


@pytest.mark.slow
def test_the_next_refresh_publishes_what_was_handed_out(exported_home: Path, tmp_path: Path) -> None:
    home = copy_home(exported_home, tmp_path / "home")
    winnumber(home, "refresh", "--json")
    made = {e["export_id"]: e for e in map(json.loads, (home / "exports.jsonl").read_text().splitlines())}
    with duckdb.connect() as con:
        for file in DATABASES:
            con.execute(f"attach '{home}/current/{file}.duckdb' as {file} (read_only)")
        counts = con.execute("select export_id, people, held_out from warehouse.deployments").fetchall()
        arms = con.execute(
            "select export_id, count(*) filter (where arm = 'contact'), count(*) filter (where arm = 'hold_out') "
            "from people.deployment_members group by export_id"
        ).fetchall()
        (deployed,) = con.execute(
            "select count(*) from people.universe_members where universe_id = 'gotv' and deployed_count = 1"
        ).fetchone()
    expected = sorted((i, e["people"], e["held_out"]) for i, e in made.items())
    assert sorted(counts) == sorted(arms) == expected
    assert deployed == next(e["people"] for e in made.values() if e["universe"] == "gotv")
