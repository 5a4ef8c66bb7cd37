"""A whole refresh of a day in which every fifth voter is a canary leaves none of them where others may look."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import pytest
import whole_refresh as whole
from support.canaries import PLANTED, files_of, hits, repack, with_canaries

from orchestration.sample import SamplePlan, write_sample

pytestmark = pytest.mark.faults
# Where people's records belong: as received, keyed, linked, under construction, and published to few.
PRIVATE_FOLDERS = {"archive", "landing", "secrets", "truth"}
PRIVATE_FILES = {"people.duckdb", "field.duckdb", "texting.duckdb", "fundraising.duckdb", "organizing.duckdb"}


def is_private(path: Path, home: Path) -> bool:
    parts = path.relative_to(home).parts
    build = parts[0] == "build" and path.name.startswith("warehouse.duckdb") and "candidate" not in parts
    # How often each name occurs, and whose record is whose.
    linked = parts[0] == "models" and parts[1].startswith("identity")
    return linked or parts[0] in PRIVATE_FOLDERS or path.name in PRIVATE_FILES or build


def test_a_refresh_leaves_no_canary_outside_what_is_restricted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    write_sample(SamplePlan(("NC",), voters=2_000, days=1, seed=3), home / "landing", tmp_path / "truth")
    (delivered,) = (home / "landing" / "nc_voters").rglob("*.zip")
    text = with_canaries(delivered)
    repack(delivered, delivered.with_suffix(".new"), text)
    delivered.with_suffix(".new").replace(delivered)
    totals = home / "landing" / "control_totals.csv"
    if totals.exists():
        totals.replace(home / "control_totals.csv")
    ended = whole.run(home, "refresh")
    told = tmp_path / "told.txt"
    told.write_text(ended.out + ended.err)
    assert ended.code == 0, ended.out + ended.err
    places = [told, *(path for path in files_of(home) if not is_private(path, home))]
    names = {path.name for path in places}
    assert {"warehouse.duckdb", "gate.json", "release.json", "report.json", "refresh.log", "ledger.sqlite"} <= names
    assert any(path.suffix == ".parquet" and "releases" in path.parts for path in places)
    assert any("dagster" in path.parts for path in places)
    found = hits(places)
    with capsys.disabled():
        print(f"\nrefresh: {len(PLANTED)} canaries, {len(places)} files searched, {len(found)} hits")
    assert found == []
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (home / "models").glob("identity*")} == {0o700}
    general = next(path for path in places if path.name == "warehouse.duckdb" and "releases" in path.parts)
    with duckdb.connect(str(general.with_name("people.duckdb")), read_only=True) as con:
        (kept,) = con.execute("select count(*) from voters_people where last_name = 'QUINZELWICK'").fetchone()
    assert kept > 100, "the canaries did come through to those who work with voters"
