"""What an export holds, whom it leaves out, and what it refuses."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import outreach_world as ow
import pytest
from outreach_world import Person, phone, world

from orchestration.outreach.exporting import OptOutsUnread
from orchestration.outreach.rules import ExportRefused
from orchestration.outreach.selection import Filters, HoldOut, filters_from
from orchestration.publish.errors import Busy
from orchestration.publish.lock import single_writer


def numbers(rows: list[dict[str, str]], column: str = "cell") -> list[str]:
    return sorted(row[column] for row in rows)


def test_an_opt_out_after_an_export_is_in_the_next_one_without_a_refresh(tmp_path: Path) -> None:
    small = world(tmp_path, *(Person(n, phone=phone(n)) for n in (101, 102)))
    assert small.export("first.csv")["people"] == 2
    ow.drop_opt_out(small.home, "first_vendor", "2026-09-02", "(919) 555-0101")
    made = small.export("second.csv")
    assert numbers(small.rows("second.csv")) == ["19195550102"]
    assert made["left_out"] == {"opted_out_since_release": 1}


def test_an_opt_out_at_one_vendor_holds_for_every_vendor(tmp_path: Path) -> None:
    people = [Person(n, phone=phone(n)) for n in (101, 102, 103)]
    small = world(tmp_path, *people)
    ow.drop_opt_out(small.home, "first_vendor", "2026-09-02", "919.555.0101")
    ow.drop_opt_out(small.home, "second_vendor", "2026-09-02", "1-919-555-0102")
    for name, column in (("hustle", "Phone Number"), ("spoke", "cell"), ("thrutext", "phone")):
        small.export(f"{name}.csv", vendor=name)
        assert numbers(small.rows(f"{name}.csv"), column) == ["19195550103"]


def test_a_number_that_takes_no_texts_is_not_handed_to_a_platform_but_may_be_called(tmp_path: Path) -> None:
    small = world(tmp_path, *(Person(n, phone=phone(n)) for n in (101, 102)))
    ow.drop_opt_out(small.home, "first_vendor", "2026-09-02", phone(101))
    assert small.export("audience.csv", channel="digital", platform="meta")["people"] == 1
    assert small.export("calls.csv", channel="phone")["people"] == 2


def test_an_unreadable_file_of_opt_outs_stops_every_export(tmp_path: Path) -> None:
    small = world(tmp_path, Person(101, phone=phone(101)))
    folder = small.home / "landing" / "first_vendor" / "2026-09-02"
    folder.mkdir(parents=True)
    (folder / "list.csv").write_text("cell,said_at\n9195550101,2026-09-02\n")
    with pytest.raises(OptOutsUnread, match="first_vendor/2026-09-02"):
        small.export()
    assert not (small.out / "list.csv").exists()


def test_opt_outs_that_are_still_being_uploaded_stop_every_export(tmp_path: Path) -> None:
    small = world(tmp_path, Person(101, phone=phone(101)))
    folder = small.home / "landing" / "first_vendor" / "2026-09-02"
    folder.mkdir(parents=True)
    (folder / "list.csv.part").write_text("cell,said_at\n")
    with pytest.raises(OptOutsUnread, match="first_vendor/2026-09-02 is not whole yet"):
        small.export()
    (folder / "list.csv.part").unlink()
    assert small.export()["people"] == 1


def test_an_export_waits_for_a_refresh_that_runs(tmp_path: Path) -> None:
    small = world(tmp_path, Person(101, phone=phone(101)))
    with single_writer(small.home / "refresh.lock", "run-1", "schedule"), pytest.raises(Busy, match="schedule"):
        small.export()


@pytest.mark.parametrize("channel", ["sms", "phone", "mail", "walk", "email", "digital"])
def test_a_protected_voter_is_in_no_export_even_when_a_donor_record_has_the_phone(tmp_path: Path, channel: str) -> None:
    reached = {"address": "1 Oak St", "email": "a@example.org", "sources": ["first_vendor"]}
    guarded = Person(101, phone=phone(101), is_protected=True, **reached)
    small = world(tmp_path, guarded, Person(102, phone=phone(102), **{**reached, "email": "b@example.org"}))
    made = small.export(channel=channel, platform="meta" if channel == "digital" else None)
    assert made["people"] == 1
    assert made["left_out"] == {"protected": 1}


def test_suppression_of_the_release_is_kept_and_counted(tmp_path: Path) -> None:
    small = world(
        tmp_path,
        Person(101, phone=phone(101), suppressed="minor"),
        Person(102, phone=phone(102), suppressed="opted_out"),
        Person(103),
        Person(104, phone=phone(104)),
    )
    made = small.export()
    assert numbers(small.rows()) == ["19195550104"]
    assert made["left_out"] == {"minor": 1, "no_contact": 1, "opted_out": 1}


def test_one_number_is_texted_once_whoever_answers_it(tmp_path: Path) -> None:
    small = world(tmp_path, *(Person(n, phone=phone(100)) for n in (101, 102, 103)))
    made = small.export()
    assert numbers(small.rows()) == ["19195550100"]
    assert (made["people"], made["left_out"]) == (1, {"repeated_number": 2})
    assert small.export("calls.csv", channel="phone")["people"] == 3


@pytest.mark.parametrize("platform", ["google", "youtube", "dv360"])
def test_a_google_customer_list_is_refused_and_the_rule_is_named(tmp_path: Path, platform: str) -> None:
    small = world(tmp_path, Person(101, phone=phone(101)))
    with pytest.raises(ExportRefused, match=r"no-customer-lists-at-google.*postal code only"):
        small.export(channel="digital", platform=platform)
    assert not (small.home / "exports.jsonl").exists()


def lists_for_fundraising(small: ow.World, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A universe that looks for givers, over a table that may serve fundraising."""
    from dataclasses import replace

    from orchestration.outreach import exporting
    from orchestration.outreach.universes import load_universes

    whole = load_universes()
    givers = replace(whole.get("gotv"), id="givers", purpose="fundraising")
    contracts = dict(small.contracts)
    contracts["voter_scores"] = replace(contracts["voter_scores"], permitted_use=("fundraising",))
    monkeypatch.setattr(exporting, "load_universes", lambda: replace(whole, universes=(*whole.universes, givers)))
    return {"contracts": contracts}


@pytest.mark.parametrize("state", ["PA", "VA"])
def test_a_voter_list_that_forbids_fundraising_serves_no_fundraising(
    tmp_path: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    givers = {"universes": ["givers"]}
    small = world(
        tmp_path,
        Person(101, state=state, phone=phone(101), **givers),
        Person(102, state=state, phone=phone(102), sources=["first_vendor"], **givers),
        Person(103, state="NC", phone=phone(103), **givers),
    )
    small = ow.World(small.home, small.out, **lists_for_fundraising(small, monkeypatch))
    asked = {"universe": "givers", "purpose": "fundraising"}
    made = small.export("all.csv", **asked)
    assert numbers(small.rows("all.csv")) == ["19195550102", "19195550103"]
    assert made["left_out"] == {f"use_not_permitted:{state.lower()}_voters": 1}


@pytest.mark.parametrize("state", ["PA", "VA"])
def test_fundraising_from_such_a_list_alone_is_refused_and_names_it(
    tmp_path: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = world(tmp_path, Person(101, state=state, phone=phone(101), universes=["givers"]))
    small = ow.World(small.home, small.out, **lists_for_fundraising(small, monkeypatch))
    with pytest.raises(ExportRefused, match=f"permitted-use: {state.lower()}_voters may not serve fundraising"):
        small.export(universe="givers", purpose="fundraising")


def test_a_universe_found_by_voter_scores_is_not_exported_to_raise_money(tmp_path: Path) -> None:
    small = world(tmp_path, Person(101, phone=phone(101)))
    with pytest.raises(ExportRefused, match=r"permitted-use: gotv is found by voter_scores.*not fundraising"):
        small.export(purpose="fundraising")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"channel": "fax"}, "fax"),
        ({"vendor": None}, "--vendor"),
        ({"vendor": "nobody"}, "nobody"),
        ({"purpose": "fun"}, "fun"),
        ({"channel": "digital"}, "--platform"),
        ({"channel": "digital", "platform": "nobody"}, "nobody"),
        ({"channel": "walk", "platform": "meta"}, "--platform belongs"),
        ({"by": " "}, "--by"),
        ({"hold_out": HoldOut(1.0)}, "--holdout"),
    ],
)
def test_a_request_that_makes_no_sense_is_answered_in_words(tmp_path: Path, asked: dict[str, Any], said: str) -> None:
    small = world(tmp_path, Person(101, phone=phone(101)))
    with pytest.raises(ValueError, match=said):
        small.export(**asked)


def test_a_channel_that_the_universe_does_not_allow_is_refused(tmp_path: Path) -> None:
    small = world(tmp_path, Person(101, phone=phone(101), universes=["crossover"]))
    with pytest.raises(ExportRefused, match="channels-of-a-universe"):
        small.export(universe="crossover")


def test_the_file_is_private_outside_the_home_and_never_overwrites(tmp_path: Path) -> None:
    small = world(tmp_path, Person(101, phone=phone(101)))
    small.export()
    assert stat.S_IMODE((small.out / "list.csv").stat().st_mode) == 0o600
    with pytest.raises(ValueError, match="exists already"):
        small.export()
    for inside in (small.home / "list.csv", small.home / "current" / "list.csv", ow.Path(ow.__file__).parent / "x.csv"):
        with pytest.raises(ExportRefused, match="place-of-an-export"):
            small.export(target=inside)
    (small.out / "link.csv").symlink_to(small.home / "list.csv")
    with pytest.raises(ValueError, match="link"):
        small.export("link.csv")


def test_filters_narrow_a_universe_down(tmp_path: Path) -> None:
    people = [
        Person(101, phone=phone(101)),
        Person(102, state="VA", phone=phone(102)),
        Person(103, phone=phone(103), precinct="37001-02"),
    ]
    small = world(tmp_path, *people)
    for file, filters, expected in (
        ("state", Filters(state="VA"), ["102"]),
        ("contest", filters_from("nc", "c:NC:house", None), ["101", "103"]),
        ("area", filters_from(None, None, "precinct:37001-02"), ["103"]),
    ):
        made = small.export(file, filters=filters)
        assert [n[-3:] for n in numbers(small.rows(file))] == expected
        assert made["filters"] == filters.document()
    with pytest.raises(ValueError, match="type:id"):
        filters_from(None, None, "ward:1")


def test_a_hold_out_is_random_by_household_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    import polars as pl

    people = [Person(n, phone=phone(n), household=f"H-{n // 2}") for n in range(1000, 1400)]
    small = world(tmp_path, *people)
    made = [small.export(f"{i}.csv", hold_out=HoldOut(0.25, seed)) for i, seed in enumerate((7, 7, 8))]
    arms = [pl.read_parquet(small.home / "exports" / m["export_id"] / "members.parquet") for m in made]
    held = [set(a.filter(pl.col("arm") == "hold_out")["person_id"]) for a in arms]
    assert held[0] == held[1] != held[2]
    assert 60 < len(held[0]) < 140
    assert made[0]["people"] + made[0]["held_out"] == 400
    assert not held[0] & {row["external_id"] for row in small.rows("0.csv")}
    assert arms[0].group_by("household_id").agg(pl.col("arm").n_unique())["arm"].max() == 1
    assert arms[0].filter(pl.col("arm") == "hold_out")["contact_hash"].null_count() == len(held[0])


def test_the_record_says_who_when_what_from_which_release_and_no_person(tmp_path: Path) -> None:
    small = world(tmp_path, Person(101, first="Zebedee", phone=phone(101)), Person(102))
    made = small.export(by="ann")
    text = (small.home / "exports.jsonl").read_text()
    said = json.loads(text)
    assert (said["by"], said["universe"], said["channel"], said["release_id"]) == ("ann", "gotv", "sms", ow.RELEASE)
    assert (said["people"], said["left_out"], said["file"]) == (1, {"no_contact": 1}, str(small.out / "list.csv"))
    assert said["file_sha256"] == made["file_sha256"]
    assert "Zebedee" not in text
    assert "9195550101" not in text
