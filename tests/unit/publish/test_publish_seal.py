"""A sealed candidate is whole, plain, ordered, deterministic in content and readable by anybody."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from publish_samples import FILES, build_database, information

from orchestration.publish.candidate import ReleaseInfo, TableSpec, measure
from orchestration.publish.fingerprint import fingerprint_file
from orchestration.publish.seal import seal


def test_the_files_hold_plain_tables_in_main_without_keys_or_indexes(candidate: Callable[..., Path]) -> None:
    folder = candidate()
    for file, table in (("warehouse.duckdb", "goals"), ("people.duckdb", "people")):
        with duckdb.connect(str(folder / file), read_only=True) as connection:
            found = connection.execute("select schema_name, table_name from duckdb_tables() order by 2").fetchall()
            assert found == sorted([("main", name) for name in (table, "release", "release_source")])
            assert connection.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]
            assert connection.execute("select count(*) from duckdb_indexes()").fetchall() == [(0,)]
            assert connection.execute("select count(*) from duckdb_constraints()").fetchall() == [(0,)]


def test_the_files_are_written_in_the_oldest_storage_version(candidate: Callable[..., Path]) -> None:
    for file in FILES:
        header = (candidate() / file).read_bytes()[:20]
        assert header[8:12] == b"DUCK"
        assert int.from_bytes(header[12:20], "little") == 64


def test_no_write_ahead_log_is_left(candidate: Callable[..., Path]) -> None:
    names = {path.relative_to(folder).as_posix() for folder in [candidate()] for path in folder.rglob("*.*")}
    assert names == {
        "gate.json",
        "people.duckdb",
        "release.json",
        "warehouse.duckdb",
        *(f"parquet/{name}.parquet" for name in ("goals", "release", "release_source")),
    }


def test_only_the_owner_may_read_the_file_about_people(candidate: Callable[..., Path]) -> None:
    assert stat.S_IMODE((candidate() / "people.duckdb").stat().st_mode) == 0o600


def test_rows_are_ordered_by_key(tmp_path: Path) -> None:
    build = build_database(tmp_path / "build.duckdb", 1)
    tables = {"warehouse.duckdb": [TableSpec("marts.goals", "goals", ("cost_usd", "district_id"))]}
    folder = seal(build, tables, tmp_path / "c", information("r")).path
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        costs = [cost for (cost,) in connection.execute("select cost_usd from goals").fetchall()]
    assert costs == sorted(costs)


def test_the_release_tables_say_what_the_file_is(candidate: Callable[..., Path]) -> None:
    with duckdb.connect(str(candidate(7) / "people.duckdb"), read_only=True) as connection:
        row = connection.execute(
            "select release_id, data_as_of, built_at::varchar, code_hash, model_versions from release"
        ).fetchall()
        sources = connection.execute("select source, data_as_of, is_held from release_source").fetchall()
    assert row == [("20260901-00000007", date(2026, 9, 1), "2026-09-02 06:00:00", "c0de", '{"turnout": "3"}')]
    assert sources == [("nc_voters", date(2026, 9, 1), False)]


def test_the_clock_is_not_content_but_everything_else_is(tmp_path: Path) -> None:
    build = build_database(tmp_path / "build.duckdb", 1)

    def content(release: ReleaseInfo) -> dict[str, str]:
        return seal(build, FILES, tmp_path / "candidate", release).content

    first = content(information("r"))
    later = datetime(2026, 9, 3, tzinfo=UTC) + timedelta(hours=1)
    assert content(information("r", built_at=later, run_id="run-2")) == first
    assert content(information("r", code_hash="other")) != first
    assert content(information("r", model_versions={"turnout": "4"})) != first


def test_the_parquet_mirror_holds_the_general_tables_only(candidate: Callable[..., Path]) -> None:
    folder = candidate()
    database = duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True)
    mirror = duckdb.execute(f"select * from '{folder}/parquet/goals.parquet'").fetchall()
    assert mirror == database.execute("select * from goals").fetchall()
    database.close()
    assert not (folder / "parquet" / "people.parquet").exists()


def test_a_total_too_wide_for_clients_is_narrowed_without_loss(candidate: Callable[..., Path]) -> None:
    with duckdb.connect(str(candidate() / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("select distinct typeof(votes), votes from goals").fetchall() == [
            ("BIGINT", sum(range(50)))
        ]


def test_an_interrupted_seal_is_replaced(candidate: Callable[..., Path]) -> None:
    folder = candidate()
    whole = measure(folder).content
    (folder / "warehouse.duckdb").write_bytes(b"half a file")
    (folder / "left_over.duckdb").write_bytes(b"x")
    assert measure(candidate(again=True)).content == whole


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"warehouse.duckdb": []}, "no tables"),
        ({"../warehouse.duckdb": FILES["warehouse.duckdb"]}, "not a file name"),
        ({"warehouse.duckdb": [TableSpec("marts.goals", "release", ("district_id",))]}, "release's own table"),
        ({"warehouse.duckdb": [TableSpec("marts.goals", "goals", ())]}, "no order_by"),
        (
            {"warehouse.duckdb": FILES["warehouse.duckdb"], "people.duckdb": FILES["warehouse.duckdb"]},
            "published in warehouse",
        ),
        (
            {"warehouse.duckdb": [TableSpec("marts.goals", "goals", ("district_id",), ("county",))]},
            "county do not exist",
        ),
    ],
)
def test_an_unusable_list_of_tables_is_refused(tmp_path: Path, files: dict[str, list[TableSpec]], message: str) -> None:
    build = build_database(tmp_path / "build.duckdb", 1)
    with pytest.raises(ValueError, match=message):
        seal(build, files, tmp_path / "candidate", information("r"))


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        information("r", built_at=datetime(2026, 9, 2))  # noqa: DTZ001


def test_a_missing_build_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no build database"):
        seal(tmp_path / "none.duckdb", FILES, tmp_path / "candidate", information("r"))


def test_a_hostile_path_is_only_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "it's; drop table x; --"
    build = build_database(folder / "build.duckdb", 1)
    sealed = seal(build, FILES, folder / "candidate", information("r"))
    assert fingerprint_file(sealed.path / "warehouse.duckdb").digest == sealed.content["warehouse.duckdb"]
