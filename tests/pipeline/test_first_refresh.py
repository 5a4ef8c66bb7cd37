"""A first refresh publishes a whole release; the same day again changes nothing."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pipeline_homes import DATABASES, Ran, winnumber

from orchestration.contracts.load import load_contracts

PUBLISHED = {c.id: c for c in load_contracts().values() if c.domain == "published"}
NAMES_A_PERSON = {"identity", "contact", "birth"}
# A donor's in a feed, but in the general file a contest's state, what a committee does, a wording that is tested.
NAMES_OF_OTHER_THINGS = {"state", "direction", "message"}
SUMMED = ("registered", "expected_turnout", "vote_goal", "base_vote", "vote_deficit")
# State and contest lines are wholes; the others cut the same voters into parts.
PARTS = (
    "county", "municipality", "precinct", "media_market",
    "congressional_district", "state_senate_district", "state_house_district", "state",
)  # fmt: skip


@pytest.fixture(scope="session")
def told(refreshed_home: Path) -> dict[str, Any]:
    """What the two refreshes said, and what stood published after each."""
    found: dict[str, Any] = json.loads((refreshed_home / "told.json").read_text())
    return found


def general(home: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(home / "current" / "warehouse.duckdb"), read_only=True)


def test_a_first_refresh_publishes(refreshed_home: Path, told: dict[str, Any]) -> None:
    first = told["first"]
    assert (first["exit_code"], first["outcome"], first["published"]) == (0, "published", "published")
    assert first["causes"] == []
    assert first["data_as_of"] == "2026-09-01"
    assert first["release_id"] == first["serving"] == told["before"]["current"]
    assert Path(first["warehouse"]) == (refreshed_home / "current" / "warehouse.duckdb").resolve()


def test_refreshing_the_same_day_again_changes_nothing(told: dict[str, Any]) -> None:
    first, second = told["first"], told["second"]
    assert (second["exit_code"], second["published"]) == (0, "unchanged")
    assert second["release_id"] == first["release_id"]
    assert second["run_id"] != first["run_id"]
    # Files, their inodes and times, their fingerprints in the gate record, and the log of publishing.
    assert told["after"] == told["before"]


def test_the_second_build_has_the_fingerprint_of_the_first(refreshed_home: Path, told: dict[str, Any]) -> None:
    contents = []
    for run in (told["first"]["run_id"], told["second"]["run_id"]):
        record = json.loads((refreshed_home / "build" / run / "candidate" / "gate.json").read_text())
        contents.append({f["name"]: f["content"] for f in record["files"] if f["content"]})
    assert contents[0] == contents[1]
    assert set(contents[0]) == {f"{name}.duckdb" for name in DATABASES}


@pytest.mark.parametrize(
    "words",
    [
        ("goals",), ("goals", "--by", "county", "--state", "nc"), ("query", "select count(*) as n from contests"),
        ("path",), ("status",), ("releases",), ("deliveries",), ("deliveries", "nc_voters"), ("gate",), ("doctor",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_reading_command_answers_in_json(refreshed_home: Path, words: tuple[str, ...]) -> None:
    # The doctor also looks at this machine: what it finds may differ, its form may not.
    ran = winnumber(refreshed_home, *words, "--json", expect=None if words == ("doctor",) else 0)
    assert ran.json()


def test_the_reading_commands_agree_on_what_is_published(refreshed_home: Path, told: dict[str, Any]) -> None:
    current = told["first"]["release_id"]
    status = winnumber(refreshed_home, "status", "--json").json()
    assert status["serving"]["release_id"] == current
    assert status["running"] is None
    assert status["last_refresh"]["outcome"] == f"{current} unchanged"
    assert {s["refused since"] for s in status["sources"]} == {""}
    (release,) = winnumber(refreshed_home, "releases", "--json").json()
    assert (release["release_id"], release["current"]) == (current, True)
    gate = winnumber(refreshed_home, "gate", "--json").json()
    assert (gate["release_id"], gate["verdict"]["green"], gate["verdict"]["causes"]) == (current, True, [])
    found = winnumber(refreshed_home, "query", "select release_id from release", "--json").json()
    assert found == [{"release_id": current}]
    assert winnumber(refreshed_home, "path").out.strip() == told["first"]["warehouse"]


def test_status_gate_and_doctor_say_the_same_in_words(refreshed_home: Path, told: dict[str, Any]) -> None:
    current = told["first"]["release_id"]
    assert f"Readers see release {current} (data as of 2026-09-01" in winnumber(refreshed_home, "status").err
    assert f"{current}: green" in winnumber(refreshed_home, "gate").err
    doctor = winnumber(refreshed_home, "doctor", expect=None).err
    assert f"ok    current release: {current}" in doctor
    assert "ok    refresh lock: free" in doctor
    assert "ok    archive is private" in doctor


def test_goals_come_as_csv_for_spreadsheets(refreshed_home: Path) -> None:
    ran = winnumber(refreshed_home, "goals", "--by", "county", "--office", "governor", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    with general(refreshed_home) as con:
        asked = (
            "select sum(vote_goal)::bigint, count(*) from district_vote_goals "
            "where geography_type = 'county' and office_code = 'governor'"
        )
        assert con.execute(asked).fetchone() == (sum(int(r["vote_goal"]) for r in rows), len(rows))


def test_a_wrong_question_is_answered_with_what_may_be_asked(refreshed_home: Path) -> None:
    def asked(*words: str) -> Ran:
        return winnumber(refreshed_home, *words, expect=64)

    assert "county" in asked("goals", "--by", "shire").err
    assert "not table, csv or json" in asked("goals", "--format", "xml").err
    assert "nonesuch" in asked("query", "select * from nonesuch").err
    assert "no gate record" in asked("gate", "20200101-00000000").err
    assert asked("nonsense").code == 64


def test_a_query_cannot_write_nor_leave_the_warehouse(refreshed_home: Path) -> None:
    for sql in ("drop table contests", "copy contests to '/tmp/x.csv'", "attach '/tmp/other.duckdb'"):
        ran = winnumber(refreshed_home, "query", sql, expect=64)
        assert ran.out == ""


def test_no_column_of_the_general_file_names_a_person(refreshed_home: Path) -> None:
    declared = {
        (c.id, column.name): column.pii.value
        for c in PUBLISHED.values()
        for column in c.tables[0].columns
        if c.audience == "general"
    }
    assert not {k: v for k, v in declared.items() if v in NAMES_A_PERSON}
    # By what is there, whatever was declared: no column of a name that is a person's in any contract.
    personal = {column.name for c in load_contracts().values() for table in c.tables for column in table.columns
                if column.pii.value in NAMES_A_PERSON} - NAMES_OF_OTHER_THINGS  # fmt: skip
    assert {"middle_name", "email", "phone", "voter_id", "residence_address"} <= personal
    with general(refreshed_home) as con:
        actual = set(con.execute("select table_name, column_name from duckdb_columns() where not internal").fetchall())
    assert not {(table, column) for table, column in actual if table in PUBLISHED and column in personal}
    own = {"release", "release_source"}
    assert {pair for pair in actual if pair[0] not in own} == set(declared)


def test_what_identifies_people_stands_in_a_file_only_its_owner_reads(refreshed_home: Path) -> None:
    release = refreshed_home / "current"
    assert stat.S_IMODE((release / "warehouse.duckdb").stat().st_mode) == 0o444
    restricted = {c.id: c.database for c in PUBLISHED.values() if c.audience == "restricted"}
    found = {}
    for database in sorted(set(restricted.values())):
        path = release / f"{database}.duckdb"
        assert stat.S_IMODE(path.stat().st_mode) == 0o400
        with duckdb.connect(str(path), read_only=True) as con:
            tables = {r[0] for r in con.execute("select table_name from duckdb_tables()").fetchall()}
        found |= dict.fromkeys(tables - {"release", "release_source"}, database)
        assert {"release", "release_source"} <= tables
    assert found == restricted
    assert not {p.stem for p in (release / "parquet").iterdir()} & set(restricted)
    assert stat.S_IMODE((refreshed_home / "archive").stat().st_mode) & 0o077 == 0


def test_the_parquet_mirror_holds_the_same_rows(refreshed_home: Path) -> None:
    mirror = refreshed_home / "current" / "parquet"
    with general(refreshed_home) as con:
        tables = {r[0] for r in con.execute("select table_name from duckdb_tables()").fetchall()}
        assert {p.stem for p in mirror.glob("*.parquet")} == tables
        for table in sorted(tables):
            there = f"read_parquet('{mirror / table}.parquet')"
            for one, other in ((table, there), (there, table)):
                found = con.execute(f"select count(*) from (from {one} except all from {other})").fetchone()
                assert found == (0,), (table, one)


@pytest.mark.parametrize("kind", PARTS)
def test_parts_add_up_to_the_contests_own_line(refreshed_home: Path, kind: str) -> None:
    sums = ", ".join(f"sum({c})::bigint as {c}" for c in SUMMED)
    lines = ", ".join(f"{c}::bigint as {c}" for c in SUMMED)
    with general(refreshed_home) as con:
        whole = con.execute(
            f"select contest_id, {lines} from district_vote_goals where geography_type = 'contest' order by 1"
        ).fetchall()
        parts = con.execute(
            f"select contest_id, {sums} from district_vote_goals where geography_type = ? group by 1 order by 1", [kind]
        ).fetchall()
        kinds = con.execute("select distinct geography_type from district_vote_goals").fetchall()
    assert len(whole) > 100
    assert parts == whole
    assert {k for (k,) in kinds} == {"contest", *PARTS}


def test_counts_of_votes_are_whole_numbers_in_the_release(refreshed_home: Path) -> None:
    with general(refreshed_home) as con:
        types = dict(
            con.execute(
                "select column_name, data_type from duckdb_columns() where table_name = 'district_vote_goals'"
            ).fetchall()
        )
    assert {types[c] for c in SUMMED} <= {"INTEGER", "BIGINT"}
