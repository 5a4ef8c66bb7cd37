"""What is past its retention goes, with a line on record; what anything needs stays, whatever its age."""

from __future__ import annotations

import os
import sqlite3
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.compliance.judge import CONTRIBUTION_DAYS
from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Contract, Kind
from orchestration.contracts.odcs import contract_from
from orchestration.ingest.ledger import Ledger, Status
from orchestration.ingest.run import deliveries_in_use, open_accepted
from orchestration.keeping import removal
from orchestration.keeping.removal import carry_out, drop_old_logs
from orchestration.keeping.retention import decide, retention_days

sys.path.insert(0, str(Path(__file__).parents[1] / "ingest"))
from ingest_support import DAY1, DAY2, DAY3, contract, drop, packed, people, take, text

# The tests' clock receives everything on 4 September 2026; kept ten days from then.
DAYS = 10
LAST, AFTER = date(2026, 9, 14), date(2026, 9, 15)
AT = "2026-09-15T05:00:00+00:00"


def listing(kind: str = "snapshot", opt_outs: bool = False, name: str = "listing") -> Contract:
    """A list of lines, kept ten days."""
    own: list[dict[str, Any]] = [{"property": "reader", "value": {"members": r"^list.*\.csv$", "order": "by_name"}}]
    if opt_outs:
        own.append({"property": "optOuts", "value": [{"channel": "sms", "contact": "cell", "at": "said_at",
                                                      "when": "opted_out = 'true'"}]})  # fmt: skip
    raw = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": name, "name": name, "version": "1.0.0",
        "domain": "texting", "description": {"purpose": "tests"},
        "slaProperties": [{"property": "retention", "value": DAYS, "unit": "d"}],
        "customProperties": [{"property": "kind", "value": kind}],
        "schema": [{
            "name": f"{name}_rows", "description": "x", "dataGranularityDescription": "one row per person",
            "customProperties": own,
            "properties": [{"name": c, "description": c, "classification": "contact"}
                           for c in ("cell", "said_at", "opted_out")],
        }],
    }  # fmt: skip
    return contract_from(raw, path="tests")


def send(home: Path, day: str, *cells: str, made: Contract | None = None, stopped: str = "false") -> str:
    made = made or listing()
    rows = "".join(f"{c},2026-09-01T10:00:00Z,{stopped}\n" for c in cells)
    drop(home, day, f"cell,said_at,opted_out\n{rows}".encode(), "list.csv", made.id)
    (outcome,) = [o for o in take(home, made) if str(o.snapshot_date) == day]
    return outcome.delivery_id


def doomed(home: Path, *contracts: Contract, on: date = AFTER) -> set[str]:
    return {e.delivery_id for e in decide(home, {c.id: c for c in contracts}, on).expired}


def let_go(home: Path, *contracts: Contract, on: date = AFTER) -> removal.Removed:
    return carry_out(home, decide(home, {c.id: c for c in contracts}, on), AT)


def objects(home: Path) -> set[str]:
    return {p.name for p in (home / "archive" / "objects").iterdir()}


def kept_anywhere(home: Path, needle: bytes) -> list[str]:
    """Files below the home that hold a text, packed Parquet opened."""
    found = []
    for path in (p for p in home.rglob("*") if p.is_file()):
        hit = needle in path.read_bytes()
        if path.suffix == ".parquet":
            hit = any(needle.decode() in str(row) for row in duckdb.sql(f"from read_parquet('{path}')").fetchall())
        found += [str(path.relative_to(home))] if hit else []
    return found


def test_nothing_goes_before_its_day(tmp_path: Path) -> None:
    send(tmp_path, DAY1, "9195550101")
    send(tmp_path, DAY2, "9195550102")
    assert doomed(tmp_path, listing(), on=LAST) == set()
    assert doomed(tmp_path, listing()) != set()


def test_an_old_snapshot_goes_whole_and_stays_on_record(tmp_path: Path) -> None:
    old, new = send(tmp_path, DAY1, "9195550101"), send(tmp_path, DAY2, "9195550102")
    assert kept_anywhere(tmp_path, b"9195550101")
    done = let_go(tmp_path, listing())
    assert (done.deliveries, done.files, done.remarks) == (1, 4, ())  # object, landed file, rows, manifest
    assert kept_anywhere(tmp_path, b"9195550101") == []
    assert kept_anywhere(tmp_path, b"9195550102")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        row = ledger.delivery(old)
        assert row is not None
        assert (row.status, row.rows_accepted, row.cause_code) == (Status.REMOVED, 1, "retention")
        last = ledger.steps(old)[-1]
        assert (last["step"], last["at"], last["counts"]["files"]) == ("removed", AT, 4)
        assert "retention class 10 days of listing, kept until 2026-09-14" in last["cause"]
    assert [d["delivery_id"] for d in deliveries_in_use(tmp_path, {"listing": listing()})] == [new]


def test_what_is_in_use_stays_whatever_its_age(tmp_path: Path) -> None:
    made = listing("accumulate")
    ids = {send(tmp_path, day, f"91955501{i:02d}", made=made) for i, day in enumerate((DAY1, DAY2, DAY3))}
    plan = decide(tmp_path, {made.id: made}, date(2099, 1, 1))
    assert plan.expired == ()
    assert {(s.delivery_id, s.reason) for s in plan.spared} == {(i, "in use") for i in ids}


def test_snapshots_behind_voter_history_stay(tmp_path: Path) -> None:
    made = replace(contract(), retention_days=DAYS)
    drop(tmp_path, DAY1, text(people(30)))
    drop(tmp_path, DAY2, text(people(31, newest=DAY2)))
    take(tmp_path, made)
    plan = decide(tmp_path, {made.id: made}, date(2099, 1, 1))
    assert plan.expired == ()
    assert {s.reason for s in plan.spared} == {"voter history is built from it"}


def test_an_opt_out_is_for_ever(tmp_path: Path) -> None:
    made = listing(opt_outs=True)
    send(tmp_path, DAY1, "(919) 555-0101", made=made, stopped="true")
    send(tmp_path, DAY2, "(919) 555-0102", made=made)
    assert {s.reason for s in decide(tmp_path, {made.id: made}, date(2099, 1, 1)).spared} == {
        "opt-outs are kept for ever"
    }
    let_go(tmp_path, made, on=date(2099, 1, 1))
    with duckdb.connect() as con:
        open_accepted(con, tmp_path, {made.id: made})
        assert con.execute("select contact from accepted.opt_outs").fetchall() == [("+19195550101",)]


def test_what_was_refused_goes_with_its_quarantine(tmp_path: Path) -> None:
    made = replace(contract(), retention_days=DAYS)
    bad = [["x", "Quarantined", "Line", "01", "10000", "2020-01-01", "XX"]] * 20
    drop(tmp_path, DAY1, text([*people(30), *bad]))
    (outcome,) = take(tmp_path, made)
    assert outcome.status == "refused"
    assert [p for p in kept_anywhere(tmp_path, b"Quarantined") if p.startswith("archive/quarantine")]
    assert let_go(tmp_path, made).deliveries == 1
    assert kept_anywhere(tmp_path, b"Quarantined") == []


def test_an_object_stays_while_anybody_needs_it(tmp_path: Path) -> None:
    one, other = listing(), replace(listing(name="twin"), retention_days=10_000)
    for made in (one, other):
        send(tmp_path, DAY1, "9195550101", made=made)
    send(tmp_path, DAY2, "9195550102", made=one)
    shared = objects(tmp_path)
    done = let_go(tmp_path, one, other)
    assert done.deliveries == 1
    assert objects(tmp_path) == shared
    # The landed copy was the old delivery's own; the twin's stays.
    assert not (tmp_path / "landing" / "listing" / DAY1).exists()
    assert (tmp_path / "landing" / "twin" / DAY1 / "list.csv").exists()


def test_two_that_share_an_object_take_it_along_when_both_go(tmp_path: Path) -> None:
    one, other = listing(), listing(name="twin")
    for made in (one, other):
        send(tmp_path, DAY1, "9195550101", made=made)
        send(tmp_path, DAY2, "9195550102", made=made)
    before = objects(tmp_path)
    assert let_go(tmp_path, one, other).deliveries == 2
    assert len(before - objects(tmp_path)) == 1


def test_the_same_bytes_sent_again_keep_the_first_in_use(tmp_path: Path) -> None:
    first, again = send(tmp_path, DAY1, "9195550101"), send(tmp_path, DAY2, "9195550101")
    assert doomed(tmp_path, listing()) == {again}
    let_go(tmp_path, listing())
    assert [d["delivery_id"] for d in deliveries_in_use(tmp_path, {"listing": listing()})] == [first]
    assert (tmp_path / "landing" / "listing" / DAY1 / "list.csv").exists()
    assert not (tmp_path / "landing" / "listing" / DAY2).exists()


def test_a_file_that_another_took_the_place_of_is_left_in_landing(tmp_path: Path) -> None:
    send(tmp_path, DAY1, "9195550101")
    send(tmp_path, DAY2, "9195550102")
    landed = tmp_path / "landing" / "listing" / DAY1 / "list.csv"
    landed.write_text("cell,said_at,opted_out\n9195550199,2026-09-01T10:00:00Z,false\n")
    let_go(tmp_path, listing())
    assert landed.exists()


def test_an_archive_nobody_could_read_goes_by_the_class_of_its_source(tmp_path: Path) -> None:
    made = replace(contract(), retention_days=DAYS)
    drop(tmp_path, DAY1, packed({"../evil.txt": "x"}), "tiny.zip")
    take(tmp_path, made)
    with sqlite3.connect(tmp_path / "ledger.sqlite") as con:
        con.execute("delete from files")  # ledgers of before did not say what an unread delivery was made of
    con.close()
    (orphan,) = (tmp_path / "archive" / "objects").iterdir()
    received = datetime.now(UTC).date()
    contracts = {made.id: made, "long": replace(listing(name="long"), retention_days=10_000)}
    assert decide(tmp_path, contracts, received + timedelta(days=DAYS)).orphans == ()
    plan = decide(tmp_path, contracts, received + timedelta(days=DAYS + 1))
    assert plan.orphans == (orphan,)
    carry_out(tmp_path, plan, AT)
    assert objects(tmp_path) == set()


def test_an_object_of_nobody_is_kept_as_long_as_the_longest_class(tmp_path: Path) -> None:
    send(tmp_path, DAY1, "9195550101")
    stray = tmp_path / "archive" / "objects" / ("0" * 64)
    stray.write_text("from who knows where")
    os.utime(stray, (0, 0))
    assert decide(tmp_path, {"listing": replace(listing(), retention_days=None)}, AFTER).orphans == ()
    assert decide(tmp_path, {"listing": listing()}, AFTER).orphans == (stray,)


@pytest.mark.parametrize("stopped_at", ["ledger", "manifest", "rows", "object"])
def test_an_interrupted_removal_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped_at: str
) -> None:
    send(tmp_path, DAY1, "9195550101")
    new = send(tmp_path, DAY2, "9195550102")

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    target, name = {
        "ledger": (removal, "_drop_folder"), "manifest": (removal.shutil, "rmtree"), "rows": (removal, "_drop"),
        "object": (Path, "rmdir"),
    }[stopped_at]  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(target, name, stop)
        with pytest.raises(KeyboardInterrupt):
            let_go(tmp_path, listing())
    # Whatever was interrupted, what is in use can be read.
    assert [d["delivery_id"] for d in deliveries_in_use(tmp_path, {"listing": listing()})] == [new]
    let_go(tmp_path, listing())
    assert kept_anywhere(tmp_path, b"9195550101") == []
    assert decide(tmp_path, {"listing": listing()}, AFTER).expired == ()


def test_a_file_still_in_landing_does_not_bring_back_what_was_let_go(tmp_path: Path) -> None:
    old = send(tmp_path, DAY1, "9195550101")
    send(tmp_path, DAY2, "9195550102")
    landed = tmp_path / "landing" / "listing" / DAY1 / "list.csv"
    content = landed.read_bytes()
    let_go(tmp_path, listing())
    drop(tmp_path, DAY1, content, "list.csv", "listing")
    outcomes = take(tmp_path, listing())
    assert {o.status for o in outcomes if o.delivery_id == old} == {"removed"}
    assert doomed(tmp_path, listing()) == {old}  # its bytes were received again, so they go again
    let_go(tmp_path, listing())
    assert kept_anywhere(tmp_path, b"9195550101") == []


def test_records_of_contributions_are_kept_three_years_whatever_the_contract_says() -> None:
    contracts = load_contracts()
    assert retention_days(replace(contracts["actblue"], retention_days=30)) == CONTRIBUTION_DAYS
    assert retention_days(replace(contracts["meta_insights"], retention_days=30)) == 30
    assert retention_days(replace(contracts["actblue"], retention_days=None)) is None
    for day in (date(2023, 3, 1), date(2024, 2, 28), date(2026, 1, 1)):
        assert day + timedelta(days=CONTRIBUTION_DAYS) >= day.replace(year=day.year + 3)


def test_every_delivered_source_has_a_class() -> None:
    delivered = [c for c in load_contracts().values() if c.domain != "published"]
    assert [c.id for c in delivered if retention_days(c) is None] == []
    assert {c.kind for c in delivered} == set(Kind)


def test_a_source_without_a_class_or_a_contract_keeps_everything(tmp_path: Path) -> None:
    send(tmp_path, DAY1, "9195550101")
    send(tmp_path, DAY2, "9195550102")
    assert doomed(tmp_path, replace(listing(), retention_days=None), on=date(2099, 1, 1)) == set()
    assert doomed(tmp_path, on=date(2099, 1, 1)) == set()


def test_a_home_that_received_nothing_has_nothing_to_let_go(tmp_path: Path) -> None:
    assert carry_out(tmp_path, decide(tmp_path, {"listing": listing()}, AFTER), AT).deliveries == 0
    assert not (tmp_path / "ledger.sqlite").exists()


def test_old_logs_go_and_young_ones_stay(tmp_path: Path) -> None:
    old, young = tmp_path / "a" / "dbt.log.1", tmp_path / "a" / "dbt.log"
    old.parent.mkdir()
    for path in (old, young):
        path.write_text("x")
    os.utime(old, (0, 0))
    assert drop_old_logs([tmp_path / "a", tmp_path / "absent"], datetime.now(UTC) - timedelta(days=90)) == 1
    assert (old.exists(), young.exists()) == (False, True)
