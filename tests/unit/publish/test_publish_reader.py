"""A reader reads one file of the current release, and can reach, write or loosen nothing."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from publish_samples import FILES, build_database, demanded, information

from orchestration.publish import encryption
from orchestration.publish.errors import NoSuchRelease
from orchestration.publish.reader import connect_reader, open_read_only
from orchestration.publish.releases import publish_demanded
from orchestration.publish.seal import seal

KINDS = ["warehouse.duckdb", "people.duckdb", "encrypted people.duckdb"]


@pytest.fixture(params=KINDS)
def reader(
    request: pytest.FixtureRequest, candidate: Callable[..., Path], home: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[duckdb.DuckDBPyConnection]:  # fmt: skip
    """A reader of each kind of file; `t` is its table."""
    if request.param.startswith("encrypted"):
        if encryption.provider() is None:
            pytest.skip(f"needs httpfs: pip install duckdb-extension-httpfs=={duckdb.__version__}")
        monkeypatch.setenv(encryption.KEY_ITSELF, secrets.token_hex(32))
        build = build_database(tmp_path / "build" / "warehouse.duckdb", 1)
        made = seal(build, FILES, tmp_path / "sealed", information("20260901-00000001"), encrypt=True)
        connection = open_read_only(made.path / "people.duckdb")
    else:
        folder = candidate(1)
        publish_demanded(folder, folder / "gate.json", home, demanded)
        connection = connect_reader(home, request.param)
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with duckdb.connect(str(tmp_path / "other.duckdb")) as other:
        other.execute("create table t as select 1 as a")
    with connection:
        yield connection


REFUSED = {
    "a table is copied out": "copy {table} to '{folder}/stolen.csv'",
    "a table is copied out as Parquet": "copy (from {table}) to '{folder}/stolen.parquet' (format parquet)",
    "the database is exported": "export database '{folder}/stolen'",
    "a text file is read": "select * from read_csv('{folder}/secret.csv')",
    "a file is read by its name": "select * from '{folder}/secret.csv'",
    "any text is read": "select * from read_text('/etc/passwd')",
    "files are listed": "select * from glob('{folder}/*')",
    "a text file is copied in": "copy {table} from '{folder}/secret.csv'",
    "another database is attached": "attach '{folder}/other.duckdb'",
    "another database is attached for reading": "attach '{folder}/other.duckdb' as o (read_only)",
    "a database is made": "attach '{folder}/made.duckdb' as made",
    "an extension is installed": "install httpfs",
    "an extension is loaded": "load spatial",
    "an extension is loaded from a path": "load '{folder}/spatial.duckdb_extension'",
    "the doors are opened": "set enable_external_access = true",
    "the lock is taken off": "set lock_configuration = false",
    "extensions are let in": "set autoinstall_known_extensions = true",
    "strangers' extensions are let in": "set allow_community_extensions = true",
    "folders are let in": "set allowed_directories = ['{folder}']",
    "any setting is set": "set threads = 1",
    "a setting is reset": "reset enable_external_access",
    "a pragma is set": "pragma enable_profiling = 'json'",
    "a row is added": "insert into {table} select * from {table}",
    "a row is changed": "update {table} set batch = 2",
    "a row is deleted": "delete from {table}",
    "a table is dropped": "drop table {table}",
    "a table is made in the file": "create table {database}.main.mine as select 1 as x",
}


def test_whatever_reaches_out_writes_or_loosens_is_refused(reader: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    database = reader.execute("select current_database()").fetchall()[0][0]
    table = "goals" if database == "warehouse" else "people"
    before = reader.execute(f"select count(*), sum(batch) from {table}").fetchall()
    files = sorted(tmp_path.iterdir())
    said = {}
    for what, statement in REFUSED.items():
        try:
            reader.execute(statement.format(table=table, folder=tmp_path, database=database))
            said[what] = "nothing"
        except duckdb.Error as error:
            said[what] = str(error)
    # For this reason, not because a file or extension happens not to be there.
    assert {what: words for what, words in said.items() if not re.search("disabled|locked|read-only mode", words)} == {}
    assert reader.execute(f"select count(*), sum(batch) from {table}").fetchall() == before
    assert sorted(tmp_path.iterdir()) == files


def test_each_file_is_opened_by_its_name_alone(candidate: Callable[..., Path], home: Path) -> None:
    folder = candidate(1)
    publish_demanded(folder, folder / "gate.json", home, demanded)
    with connect_reader(home, "people.duckdb") as connection:
        tables = {row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()}
    assert tables == {"people", "release", "release_source"}
    for name in ("texting.duckdb", "../../secrets/gate.key"):
        with pytest.raises(NoSuchRelease, match="nothing is published there"):
            connect_reader(home, name)
