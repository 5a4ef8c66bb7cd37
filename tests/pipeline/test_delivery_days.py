"""Day after day: every line is accounted for, and each voter's versions are what the raw snapshots show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from deliveries import CANARY, CONTRACTS, STATES, Layout, members, put
from pipeline_homes import DAYS

from orchestration.contracts.shape import stored_columns
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.run import ingest_source, open_accepted
from orchestration.ingest.store import folder_of, read_stored

DELIVERED = {c.id: c for c in CONTRACTS.values() if c.domain != "published"}


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> dict[str, Path]:
    """For each state a home that took in one day after the other."""
    found = {}
    for state in STATES:
        layout, home = Layout(state), tmp_path_factory.mktemp(state)
        for day in DAYS:
            put(home / "landing" / layout.source / day, members(sample / "landing" / layout.source / day))
            outcomes = ingest_source(home, layout.contract, threads=2)
            assert [o.status for o in outcomes] == ["accepted"] * len(outcomes), outcomes
        found[state] = home
    return found


def raw(sample: Path, layout: Layout, day: str) -> pl.DataFrame:
    """A day's snapshot as the sender wrote it: the contract's columns by their own names, blanks as null."""
    table = layout.contract.tables[0]
    wanted = [c for c in stored_columns(table) if not c.volatile]
    frames = []
    for name, content in members(sample / "landing" / layout.source / day).items():
        if layout.is_voters(name):
            read = layout.read(content)
            header = read.header or [c.physical_name for c in table.columns]
            places = [[h.lower() for h in header].index(c.physical_name.lower()) for c in wanted]
            cells = [[row[i] for i in places] for row in read.rows]
            frames.append(pl.DataFrame(cells, schema={c.name: pl.String for c in wanted}, orient="row"))
    nulls = ["", *layout.reader.null_values]
    trimmed = pl.all().str.strip_chars_end(" ")
    return pl.concat(frames).select(pl.when(trimmed.is_in(nulls)).then(None).otherwise(trimmed).name.keep())


@pytest.mark.parametrize("state", STATES)
def test_versions_are_what_a_direct_comparison_of_the_snapshots_shows(
    sample: Path, homes: dict[str, Path], tmp_path: Path, state: str
) -> None:
    layout = Layout(state)
    days = [raw(sample, layout, day) for day in DAYS]
    columns, key = days[0].columns, list(layout.contract.tables[0].key)
    with duckdb.connect() as con:
        open_accepted(con, homes[state], {layout.source: layout.contract})
        con.execute(f"copy accepted.{layout.source} to '{tmp_path / 'versions.parquet'}'")
    versions = pl.read_parquet(tmp_path / "versions.parquet")

    def found(span: str, day: str) -> pl.DataFrame:
        return versions.filter(pl.col(span) == pl.lit(day).str.to_date()).select(columns).sort(key)

    def only_in(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
        return one.join(other, on=columns, how="anti", nulls_equal=True).sort(key)

    assert found("valid_from", DAYS[0]).equals(days[0].sort(key))
    counted = {"new": 0, "removed": 0, "changed": 0}
    for before, after, day in zip(days, days[1:], DAYS[1:], strict=False):
        opened, closed = only_in(after, before), only_in(before, after)
        assert found("valid_from", day).equals(opened)
        assert found("valid_to", day).equals(closed)
        counted["new"] += opened.join(before, on=key, how="anti").height
        counted["removed"] += closed.join(after, on=key, how="anti").height
        counted["changed"] += opened.join(before, on=key, how="semi").height
    assert found("valid_from", DAYS[0]).height + counted["new"] + counted["changed"] == versions.height
    assert versions.filter(pl.col("valid_to").is_null()).select(columns).sort(key).equals(days[-1].sort(key))
    assert counted["new"] >= 4
    assert counted["changed"] > 0
    # North Carolina keeps a removed voter in the file, with another status.
    assert (counted["removed"] == 0) == (state == "nc"), counted


@pytest.mark.parametrize("state", STATES)
def test_the_same_bytes_again_are_a_no_op(homes: dict[str, Path], state: str) -> None:
    layout, home = Layout(state), homes[state]

    def everything() -> Any:
        with Ledger(home / "ledger.sqlite") as ledger:
            rows = ledger.deliveries()
            steps = [ledger.steps(r.id) for r in rows]
        files = {p: p.stat().st_mtime_ns for p in sorted((home / "archive").rglob("*")) if p.is_file()}
        return rows, steps, files

    before = everything()
    outcomes = ingest_source(home, layout.contract, threads=2)
    assert [(str(o.snapshot_date), o.status, o.seconds) for o in outcomes] == [(d, "accepted", 0.0) for d in DAYS]
    assert everything() == before


@pytest.mark.parametrize("state", STATES)
def test_quarantined_lines_keep_number_and_reason_and_all_others_are_accepted(
    sample: Path, tmp_path: Path, state: str
) -> None:
    layout = Layout(state)
    files = members(sample / "landing" / layout.source / DAYS[0])
    longest = max((n for n in files if layout.is_voters(n)), key=lambda n: len(files[n]))
    lines = files[longest].splitlines(keepends=True)
    first = 2 if layout.reader.header else 1
    end = "\r\n" if lines[0].endswith(b"\r\n") else "\n"
    lines.insert(first + 3, f"{CANARY}{end}".encode("latin-1"))
    lines.append(f"{CANARY}{end}".encode("latin-1"))
    broken = [first + 4, len(lines)]
    files[longest] = b"".join(lines)
    put(tmp_path / "landing" / layout.source / DAYS[0], files)
    (outcome,) = ingest_source(tmp_path, layout.contract, threads=2)
    assert outcome.status == "accepted", outcome.cause
    assert (outcome.quarantined, outcome.lines) == (2, outcome.accepted + 2)
    (path,) = (tmp_path / "archive" / "quarantine").rglob("*.parquet")
    kept = pl.read_parquet(path)
    assert kept["line_number"].to_list() == broken
    assert set(kept["source_file"]) == {longest}
    assert all("fields" in reason for reason in kept["reason"])
    assert CANARY not in "".join(kept["reason"])
    with duckdb.connect() as con:
        open_accepted(con, tmp_path, {layout.source: layout.contract})
        accepted = con.execute(
            f"select line_number from accepted.{layout.source} where source_file = ? order by 1", [longest]
        ).fetchall()
    assert [n for (n,) in accepted] == [n for n in range(first, len(lines) + 1) if n not in broken]


def test_lines_received_are_accepted_or_quarantined_for_every_delivery(refreshed_home: Path) -> None:
    seen = set()
    with Ledger(refreshed_home / "ledger.sqlite") as ledger, duckdb.connect() as con:
        open_accepted(con, refreshed_home, DELIVERED)
        for row in ledger.deliveries():
            stored = read_stored(refreshed_home, row.id)
            assert stored is not None, row
            assert row.lines_received, row
            assert row.lines_received == (row.rows_accepted or 0) + (row.rows_quarantined or 0), row
            lines = 0
            for table in DELIVERED[row.source].tables:
                entry = stored.manifest["tables"].get(table.name)
                if entry is not None and not entry.get("derived"):
                    # One line of a sheet makes many rows.
                    counted = con.execute(
                        "select count(*) from (select distinct source_file, line_number "
                        f"from accepted.{table.name} where delivery_id = ?)",
                        [row.id],
                    ).fetchone()
                    assert counted is not None
                    lines += counted[0]
            assert lines == row.rows_accepted, row
            folder = folder_of(refreshed_home, "quarantine", row.id)
            aside = sum(pl.read_parquet(p).height for p in folder.glob("*.parquet"))
            assert aside == row.rows_quarantined
            seen.add(row.source)
    assert {f"{state}_voters" for state in STATES} <= seen
    assert {"nc_results", "oh_results", "va_results", "medsl_precinct", "county_president", "cvap_county"} <= seen
