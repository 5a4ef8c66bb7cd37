"""What a step, dbt or a check says of an error holds no value of a record."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

import duckdb
import polars as pl
import pytest
from support.canaries import CANARIES, files_of, hits

from orchestration.settings import PROJECT_ROOT
from orchestration.withhold import Withheld, public_cause, public_error, withheld


class Refused(RuntimeError):
    """An error as the project raises them."""


Refused.__module__ = "orchestration.somewhere"


def cast_in_duckdb() -> None:
    duckdb.execute(f"select cast('{CANARIES[7]}' as date)")


def cast_in_polars() -> None:
    pl.Series(["ZAPHRODITA"]).cast(pl.Int64)


def plain_python() -> None:
    int("9914 WIMPLEQUASH TRAMWAY")


def not_found() -> None:
    {}["QUINZELWICK"]


def not_text() -> None:
    b"BRAXTHORNE\xff".decode()


def ours_because_of_theirs() -> None:
    try:
        plain_python()
    except ValueError as error:
        raise Refused("nc_voters.txt line 7, birth_date: not a date") from error


@pytest.mark.parametrize(
    "step", [cast_in_duckdb, cast_in_polars, plain_python, not_found, not_text, ours_because_of_theirs]
)
def test_an_error_that_leaves_a_step_shows_no_value_and_brings_no_other_error(step: object) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011  (whichever it is)
        withheld(step)()  # type: ignore[arg-type]
    error = caught.value
    assert isinstance(error, Withheld | Refused)
    told = "".join(traceback.format_exception(error))
    said = [str(error), repr(error.args), told.replace('int("9914 WIMPLEQUASH TRAMWAY")', "")]
    sources = ('"QUINZELWICK"', '"ZAPHRODITA"', 'b"BRAXTHORNE')  # lines of this very file, which a traceback shows
    for text in said:
        for source in sources:
            text = text.replace(source, "")
        assert not [canary for canary in CANARIES if canary in text], text
    assert error.__cause__ is None
    assert error.__context__ is None


def test_the_words_of_the_project_and_of_the_system_are_kept() -> None:
    with pytest.raises(Refused, match=r"nc_voters\.txt line 7, birth_date: not a date"):
        withheld(ours_because_of_theirs)()
    assert str(public_error(FileNotFoundError(2, "No such file", "/home/x"))).endswith("'/home/x'")


def test_an_unexpected_error_says_its_kind_and_where_it_came_from() -> None:
    with pytest.raises(Withheld, match=r"^Conversion Error \(.*\) at tests/unit/withheld/.*:\d+ \(cast_in_duckdb\)$"):
        withheld(cast_in_duckdb)()


@pytest.mark.parametrize(
    ("said", "kept"),
    [("IO Error: Could not write: No space left on device", "IO Error: No space left on device"),
     ("ValueError: Smith Error in 12 Oak", "ValueError"),
     ('Binder Error: Referenced column "x" not found in FROM', "column x does not exist"),
     ('IOException: IO Error: No files found that match the pattern "/x/a.csv"', "there is no file /x/a.csv"),
     ('IO Error: No files found that match the pattern "/12 Oak Grove.csv"', "IO Error"),
     ('Conversion Error: IO Error: No files found that match the pattern "Smith"', "Conversion Error")],
)  # fmt: skip
def test_only_kinds_names_missing_files_and_the_state_of_the_disk_pass(said: str, kept: str) -> None:
    assert public_cause(said).split(" (its")[0] == kept


MODELS = {
    "models/lost.sql": (
        "{{ config(materialized='table') }} select cast(born as date) as born from {{ source('own', 'people') }}"
    ),
    "models/kept.sql": "select last_name, email from {{ source('own', 'people') }}",
    "tests/assert_nobody.sql": "select * from {{ ref('kept') }}",
    "tests/assert_a_day.sql": "select email from {{ ref('kept') }} where cast(email as date) > date '2000-01-01'",
    "models/sources.yml": "sources: [{name: own, schema: main, tables: [{name: people}]}]",
    "dbt_project.yml": "{name: canary, version: '1.0.0', config-version: 2, profile: winnumber}",
}


def test_dbt_writes_no_value_anywhere_when_a_cast_or_a_test_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, database = tmp_path / "project", tmp_path / "build" / "warehouse.duckdb"
    database.parent.mkdir()
    with duckdb.connect(str(database)) as con:
        values = ", ".join(f"('{name}', '{CANARIES[5]}', '{CANARIES[7]}')" for name in CANARIES[:4])
        con.execute(f"create table people as select * from (values {values}) t(last_name, email, born)")
    for name, text in MODELS.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    profile = PROJECT_ROOT / "dbt_project" / "profiles.yml"
    (project / "macros").mkdir()
    (project / "profiles.yml").write_bytes(profile.read_bytes())
    done = subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), "--debug", "build", "--project-dir", str(project),
         "--profiles-dir", str(project), "--target-path", str(tmp_path / "target"),
         "--log-path", str(tmp_path / "logs")],
        env={**os.environ, "WINNUMBER_BUILD_DB": str(database), "DO_NOT_TRACK": "1"}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout.decode()[-1500:]
    (tmp_path / "stdout").write_bytes(done.stdout)
    (tmp_path / "stderr").write_bytes(done.stderr)
    places = [path for path in files_of(tmp_path) if path.parent != database.parent]
    assert len(places) > 10
    assert (tmp_path / "target" / "run_results.json").read_text().count("Error (its text is withheld") == 2
    assert b"FAIL 4 assert_nobody" in done.stdout
    found = hits(places)
    with capsys.disabled():
        print(f"\ndbt: {len(CANARIES)} canaries, {len(places)} files searched, {len(found)} hits")
    assert found == []
    # The search itself finds what is there.
    assert hits([database])


def test_a_rollback_that_fails_too_does_not_end_dbt_with_its_text() -> None:
    from dbt_common.exceptions import DbtRuntimeError

    from orchestration.withhold_dbt import _exception_handler

    class Lost:
        def rollback_if_open(self) -> None:
            raise ValueError(CANARIES[0])

    def broken() -> None:
        with _exception_handler(Lost(), "select 1"):
            raise ValueError(CANARIES[1])

    with pytest.raises(DbtRuntimeError) as raised:
        broken()
    assert not [canary for canary in CANARIES if canary in str(raised.value)]
