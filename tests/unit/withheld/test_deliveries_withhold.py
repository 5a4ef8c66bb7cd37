"""A delivery of people who cannot be missed: accepted, refused or failing a check, only the archive holds them."""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from support.canaries import CANARIES, PLANTED, files_of, hits, repack, with_canaries

from orchestration.contracts.load import load_contracts
from orchestration.gates.checks import Check, Status
from orchestration.ingest.run import ingest_source, open_accepted
from orchestration.sample import SamplePlan, write_sample

SOURCE = "nc_voters"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """The folder of a sample, the zip below it, and its text with canaries in every fifth line."""
    folder = tmp_path_factory.mktemp("made")
    write_sample(SamplePlan(("NC",), voters=1_000, days=1, seed=3), folder, folder / "truth")
    (delivered,) = (folder / SOURCE).rglob("*.zip")
    return folder, delivered, with_canaries(delivered)


def _with_code(header: str, line: str) -> str:
    cells = line.split("\t")
    cells[[name.strip('"') for name in header.split("\t")].index("status_cd")] = '"QUINZELWICK"'
    return "\t".join(cells)


def spoilt(text: str) -> dict[str, str]:
    """Deliveries that are refused, each for another reason, with the canaries in the very place that is wrong."""
    header, *lines = text.split("\r\n")
    return {
        "a column nobody declared": "\r\n".join(
            [f'{header}\t"ssn"', *(f'{line}\t"QUINZELWICK"' for line in lines[:-1])]
        ),
        "codes that are none": "\r\n".join([header, *(_with_code(header, line) for line in lines[:-1]), ""]),
        "torn lines": "\r\n".join([header, *(line[: len(line) // 2] for line in lines[:-1]), ""]),
        "no header": "\r\n".join(lines),
    }  # fmt: skip


@pytest.mark.parametrize(
    "case", ["sound", "a column nobody declared", "codes that are none", "torn lines", "no header"]
)
def test_no_delivery_leaves_a_value_outside_the_archive(
    made: tuple[Path, Path, str], tmp_path: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = made[2] if case == "sound" else spoilt(made[2])[case]
    repack(made[1], tmp_path / "landing" / made[1].relative_to(made[0]), text)
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        (outcome,) = ingest_source(tmp_path, load_contracts()[SOURCE])
    assert outcome.status == ("accepted" if case == "sound" else "refused"), outcome.cause
    (tmp_path / "told.txt").write_text(f"{outcome}\n{out.getvalue()}\n{err.getvalue()}")
    places = [path for path in files_of(tmp_path) if not {"archive", "landing"} & set(path.relative_to(tmp_path).parts)]
    assert {"ledger.sqlite", "told.txt"} <= {path.name for path in places}
    found = hits(places)
    with capsys.disabled():
        print(f"\n{case}: {len(PLANTED)} canaries, {len(places)} files searched, {len(found)} hits")
    assert found == []
    if case == "sound":
        with duckdb.connect() as con:
            open_accepted(con, tmp_path, load_contracts())
            (kept,) = con.execute("select count(*) from accepted.nc_voters where last_name = 'QUINZELWICK'").fetchone()
        assert kept > 100, "the canaries did come in"


def test_a_failing_check_and_one_that_cannot_run_say_no_value(tmp_path: Path) -> None:
    from orchestration.gates import gx

    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as con:
        values = ", ".join(f"('{canary}')" for canary in CANARIES)
        con.execute(f"create table t as select * from (values {values}) v(said)")
    checks = [
        Check("t.matches", "main.t", "matches", {"column": "said", "regex": "^x$"}),
        Check("t.in_set", "main.t", "in_set", {"column": "said", "values": ["x"]}),
        Check("t.cast", "main.t", "expression", {"sql": "cast(said as date) > date '2000-01-01'"}),
        Check("t.number", "main.t", "sql_zero", {"sql": "select 1 from main.t where cast(said as integer) > 1"}),
        Check("t.unique", "main.t", "unique", {"columns": ["said"]}),
    ]
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        results = gx.run_checks(file, checks)
    assert [r.status for r in results] == [Status.FAIL, Status.FAIL, Status.ERROR, Status.ERROR, Status.PASS]
    told = tmp_path / "told.txt"
    told.write_text(f"{results}\n{out.getvalue()}\n{err.getvalue()}")
    assert hits([told]) == []
    assert len(hits([file])) == len(CANARIES)
