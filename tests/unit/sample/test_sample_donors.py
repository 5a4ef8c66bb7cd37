"""The donor feeds of a sample: official layouts, ordinary and odd rows, and how ingest takes them."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.contracts.load import load_contracts
from orchestration.ingest.run import ingest_source, open_accepted
from orchestration.sample import SamplePlan, write_sample

sys.path.insert(0, str(Path(__file__).parents[1] / "ingest"))
from ingest_support import quick_gate, ticking

PLAN = SamplePlan(("NC",), voters=6000, days=3, seed=11)
CONTRACTS = {c.id: c for c in load_contracts().values() if c.domain == "donors"}
SOURCES = {"actblue", "winred", "ngp", "fec_individuals", "fec_committees", "fec_transactions"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("donors")
    write_sample(PLAN, home / "landing", home / "truth")
    return home


@pytest.fixture(scope="module")
def accepted(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    for contract in CONTRACTS.values():
        for outcome in ingest_source(home, contract, gate=quick_gate, clock=ticking()):
            # A small account has quiet days, on which its export stays as it was.
            assert outcome.status in ("accepted", "duplicate"), outcome
            assert outcome.quarantined == 0
    with duckdb.connect() as con:
        open_accepted(con, home, CONTRACTS)
        yield con


def count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    (row,) = con.sql(query).fetchall()
    return int(row[0])


def test_every_donor_source_has_a_sample(home: Path) -> None:
    assert set(CONTRACTS) == SOURCES
    assert {p.name for p in (home / "landing").iterdir()} >= SOURCES


def test_the_same_plan_gives_the_same_bytes(home: Path, tmp_path: Path) -> None:
    write_sample(PLAN, tmp_path / "landing", tmp_path / "truth")
    for source in SOURCES:
        for path in sorted((home / "landing" / source).rglob("*.*")):
            assert path.read_bytes() == (tmp_path / path.relative_to(home)).read_bytes(), path.name


def test_actblue_prints_its_101_columns_seven_of_them_reserved(home: Path) -> None:
    for name, width in (("paid_contributions", 101), ("refunded_contributions", 101),
                        ("cancelled_recurring_contributions", 49)):  # fmt: skip
        data = (home / "landing" / "actblue" / "2026-09-01" / f"{name}.csv").read_bytes()
        assert data.count(b"\r\n") > 1
        rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
        assert {len(row) for row in rows} == {width}
        assert rows[0].count("Reserved") == (7 if width == 101 else 0)
    assert "Managed Entitity Name" in rows[0]


def test_an_older_export_with_fewer_columns_stands_beside_the_newer_ones(accepted: duckdb.DuckDBPyConnection) -> None:
    older = "from accepted.actblue_contributions where snapshot_date = '2024-01-02'"
    assert count(accepted, f"select count(*) {older}") > 10
    assert count(accepted, f"select count(*) {older} and kind is not null") == 0
    assert count(accepted, "select count(*) from accepted.actblue_contributions where kind = 'page'") > 100


def test_line_ends_and_quotes_inside_a_comment_stay_inside_it(accepted: duckdb.DuckDBPyConnection) -> None:
    texts = {row[0] for row in accepted.sql("select distinct comments from accepted.actblue_contributions").fetchall()}
    assert {"Two lines\nof good wishes", '=HYPERLINK("http://example.com","x")'} <= texts


def test_the_rows_of_by_date_are_not_loaded_a_second_time(home: Path, accepted: duckdb.DuckDBPyConnection) -> None:
    (archive,) = (home / "landing" / "fec_individuals").rglob("indiv26.zip")
    with zipfile.ZipFile(archive) as members:
        assert len(members.namelist()) == 2
        rows = members.read("itcont.txt").count(b"\n")
    assert count(accepted, "select count(*) from accepted.fec_individuals") == rows
    assert count(accepted, "select count(distinct sub_id) from accepted.fec_individuals") == rows
    assert count(accepted, "select count(*) from accepted.fec_individuals where transaction_date = '02302026'") > 0
    assert count(accepted, "select count(*) from accepted.fec_individuals where contributor_name like '%\"%'") > 0


def test_a_windows_quotation_mark_in_a_latin_file_is_no_reason_to_lose_a_row(home: Path, tmp_path: Path) -> None:
    (archive,) = (home / "landing" / "fec_individuals").rglob("indiv26.zip")
    with zipfile.ZipFile(archive) as members:
        data = members.read("itcont.txt")
    folder = tmp_path / "landing" / "fec_individuals" / "2026-09-01"
    folder.mkdir(parents=True)
    (folder / "itcont.txt").write_bytes(data.replace(b", ", b", \x93", 1).replace(b"|IND|", b"|IND|N\xfa", 1))
    (outcome,) = ingest_source(tmp_path, CONTRACTS["fec_individuals"], gate=quick_gate, clock=ticking())
    assert (outcome.status, outcome.quarantined, outcome.accepted) == ("accepted", 0, data.count(b"\n"))


def test_winreds_agencies_share_a_name_and_an_unknown_column_is_refused(home: Path, tmp_path: Path) -> None:
    file = next((home / "landing" / "winred").rglob("*.csv"))
    text = file.read_text(encoding="utf-8")
    assert text.splitlines()[0].endswith("agency,agency,agency")
    folder = tmp_path / "landing" / "winred" / "2026-09-01"
    folder.mkdir(parents=True)
    lines = text.splitlines()
    (folder / "w.csv").write_text("\n".join([lines[0] + ",Card Number", *(f"{x},1" for x in lines[1:])]) + "\n")
    (outcome,) = ingest_source(tmp_path, CONTRACTS["winred"], gate=quick_gate, clock=ticking())
    assert outcome.status == "refused"
    assert "card number" in str(outcome.cause)


def test_headers_of_another_spelling_are_the_same_columns(home: Path, tmp_path: Path) -> None:
    file = next((home / "landing" / "winred").rglob("*.csv"))
    text = file.read_text(encoding="utf-8")
    for ours, theirs in (("Revv Uid", "ID"), ("Created At", "Date"), ("Gross Amount", "Amount")):
        text = text.replace(ours, theirs, 1)
    folder = tmp_path / "landing" / "winred" / "2026-09-01"
    folder.mkdir(parents=True)
    (folder / "w.csv").write_text(text)
    (outcome,) = ingest_source(tmp_path, CONTRACTS["winred"], gate=quick_gate, clock=ticking())
    assert outcome.status == "accepted", outcome.cause


def test_exports_overlap_and_a_later_one_names_elections_that_were_blank(accepted: duckdb.DuckDBPyConnection) -> None:
    restated = """
        select count(*) from accepted.actblue_contributions a join accepted.actblue_contributions b using (lineitem_id)
        where a.snapshot_date = '2026-09-01' and b.snapshot_date = '2026-09-02'
            and a.recipient_election is null and b.recipient_election is not null"""
    assert count(accepted, restated) > 0


def test_ngp_repeats_actblues_gifts_by_their_ids(accepted: duckdb.DuckDBPyConnection) -> None:
    ids = "select unnest([lineitem_id, receipt_id]) from accepted.actblue_contributions"
    told = "select count(distinct contribution_id) from accepted.ngp_contributions where actblue_id"
    assert count(accepted, f"{told} in ({ids})") > 20
    assert count(accepted, f"{told} is null") > 20
