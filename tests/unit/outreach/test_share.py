"""A share withholds small groups, goes on record, and is held against every share before it."""

from __future__ import annotations

import csv
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration import faults
from orchestration.contracts.load import load_contracts
from orchestration.outreach import record
from orchestration.outreach.record import TamperedRecord
from orchestration.outreach.rules import ExportRefused
from orchestration.outreach.share import FOLDER, Request, earlier_shares, share
from orchestration.publish import chain
from orchestration.settings import Paths

TABLE = "registration_changes"
NOW = datetime(2026, 9, 2, 12, tzinfo=UTC)
ROWS = [("NC", f"370{c:02d}", kind, n) for c, kind, n in (
    (1, "registered", 40), (1, "moved", 5), (3, "registered", 90), (3, "moved", 60), (5, "registered", 70),
    (5, "moved", 33), (7, "registered", 0), (7, "moved", 25),
)]  # fmt: skip


def publish(home: Path, name: str, rows: Sequence[tuple[str, str, str, int]]) -> None:
    folder = home / "releases" / name
    folder.mkdir(parents=True)
    (folder / "release.json").write_text(f'{{"release_id": "{name}"}}')
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        con.execute(
            f"create table {TABLE} (state varchar, county_fips varchar, change_type varchar, people bigint,"
            " change_date date default date '2026-09-01')"
        )
        con.executemany(f"insert into {TABLE} (state, county_fips, change_type, people) values (?, ?, ?, ?)", rows)
    (home / "current").unlink(missing_ok=True)
    (home / "current").symlink_to(folder)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish(tmp_path / "home", "r1", ROWS)
    (tmp_path / "out").mkdir()
    return tmp_path / "home"


def made(home: Path, name: str, **more: object) -> pl.DataFrame:
    target = home.parent / "out" / name
    asked = {"by": ("county_fips", "change_type"), "who": "tests", "purpose": "a partner"} | more
    share(Paths(home), Request(TABLE, target, **asked), smallest=11, now=NOW)  # type: ignore[arg-type]
    return pl.read_parquet(target)


def test_small_counts_and_what_gives_them_away_are_withheld(home: Path) -> None:
    frame = made(home, "a.parquet")
    cells = {(c, k): n for c, k, n in frame.select("county_fips", "change_type", "people").iter_rows()}
    assert cells["37001", "moved"] is None
    assert cells["(all)", "(all)"] == 323
    assert not [n for n in cells.values() if n is not None and 0 < n < 11]
    assert cells["37007", "registered"] == 0
    # One row and one column further: neither the county's nor the kind's total gives it away.
    assert sum(n is None for (c, _), n in cells.items() if c == "37001") > 1
    assert sum(n is None for (_, k), n in cells.items() if k == "moved") > 1


def test_a_share_is_on_the_record_and_its_file_is_its_owners(home: Path) -> None:
    made(home, "a.parquet")
    (entry,) = chain.entries(home / record.LOG)
    assert (entry["action"], entry["table"], entry["release_id"], entry["by"]) == ("share", TABLE, "r1", "tests")
    assert entry["purpose"] == "a partner"
    assert entry["withheld"] >= 4
    assert record.problems(home) == []
    for path in (home.parent / "out" / "a.parquet", home / FOLDER / f"{entry['share_id']}.parquet"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_kept_of_a_share_holds_no_withheld_count(home: Path) -> None:
    made(home, "a.parquet")
    (kept,) = (home / FOLDER).glob("*.parquet")
    frame = pl.read_parquet(kept)
    assert frame.filter(~pl.col("is_shown"))["people"].drop_nulls().is_empty()


def test_what_was_withheld_stays_so_and_a_small_change_is_withheld(home: Path) -> None:
    first = made(home, "a.parquet")
    grown = [(s, c, k, n + {("37001", "moved"): 30, ("37005", "registered"): 4}.get((c, k), 0)) for s, c, k, n in ROWS]
    publish(home, "r2", grown)
    second = made(home, "b.parquet")
    keys = ["county_fips", "change_type"]
    both = first.join(second, on=keys, suffix="_then")
    assert both.filter(pl.col("is_withheld") & ~pl.col("is_withheld_then")).is_empty()
    change = both.select((pl.col("people_then") - pl.col("people")).abs().alias("change"))["change"].drop_nulls()
    assert not [c for c in change if 0 < c < 11]
    assert second.filter(county_fips="37005", change_type="registered")["is_withheld"].to_list() == [True]


def test_other_columns_than_before_are_refused_and_none_mean_the_same(home: Path) -> None:
    made(home, "a.parquet")
    with pytest.raises(ExportRefused, match="rule small-cells: registration_changes has been shared by county_fips"):
        made(home, "b.parquet", by=("state", "change_type"))
    assert made(home, "c.parquet", by=()).columns[:2] == ["county_fips", "change_type"]


def test_the_same_release_gives_the_same_file(home: Path) -> None:
    made(home, "a.parquet")
    made(home, "b.parquet")
    out = home.parent / "out"
    assert (out / "a.parquet").read_bytes() == (out / "b.parquet").read_bytes()


def test_an_altered_record_or_memory_of_shares_stops_the_next(home: Path) -> None:
    made(home, "a.parquet")
    (kept,) = (home / FOLDER).glob("*.parquet")
    kept.chmod(0o600)
    kept.write_bytes(b"x")
    with pytest.raises(TamperedRecord, match="restore it from a backup"):
        made(home, "b.parquet")
    assert not (home.parent / "out" / "b.parquet").exists()


def test_a_table_of_people_or_without_a_rule_is_refused(home: Path) -> None:
    for table in ("voters_people", "universe_members", "model_cards"):
        with pytest.raises(ExportRefused, match="rule small-cells"):
            share(Paths(home), Request(table, home.parent / "x.csv", "tests", "p"), smallest=11)
    with pytest.raises(ValueError, match="no published table"):
        share(Paths(home), Request("nothing", home.parent / "x.csv", "tests", "p"), smallest=11)
    with pytest.raises(ValueError, match="say who shares"):
        share(Paths(home), Request(TABLE, home.parent / "x.csv", "tests", " "), smallest=11)


def test_a_csv_is_safe_to_open_and_says_what_is_withheld(home: Path) -> None:
    target = home.parent / "out" / "a.csv"
    share(Paths(home), Request(TABLE, target, "tests", "press", ("county_fips",)), smallest=11, now=NOW)
    with target.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, strict=True))
    assert {row["is_withheld"] for row in rows} <= {"True", "False"}
    assert all(row["people"] for row in rows if row["is_withheld"] == "False")


@pytest.mark.parametrize("when", ["kept", "recorded"])
def test_an_interrupted_share_is_remembered_rather_than_forgotten(home: Path, when: str) -> None:
    request = Request(TABLE, home.parent / "out" / "a.csv", "tests", "press", ("county_fips",))
    with faults.armed(f"share.{when}:raise"), pytest.raises(faults.FaultRaised):
        share(Paths(home), request, smallest=11, now=NOW)
    assert not request.target.exists()
    earlier = earlier_shares(home, TABLE, ("people",))
    assert (earlier.by is not None) == (when == "recorded")


def test_every_declared_disclosure_names_counts_of_a_general_table() -> None:
    told = {c.id: c for c in load_contracts().values() if c.domain == "published" and c.tables[0].disclosure}
    assert {"district_vote_goals", "registration_changes", "event_summary", "committee_receipts"} <= set(told)
    for contract in told.values():
        assert contract.audience == "general"
