"""A planted identifier is found in a published file, and ordinary identifiers of places are not taken for one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.gates.checks import Check, CheckResult, Status
from orchestration.gates.privacy import birth_pattern, birth_scan, identifier_scan, own_values_scan
from orchestration.publish.candidate import ReleaseInfo, TableSpec
from orchestration.publish.seal import seal

TEXT = [
    ("goals", column)
    for column in ("county_fips", "election", "district_id", "contest_id", "release_id", "zip", "note")
]


def scan(folder: Path, note: str) -> list[CheckResult]:
    from orchestration.gates.gx import run_checks

    folder.mkdir(exist_ok=True)
    build = folder / "build.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute(
            "create table goals as select '37001' as county_fips, '2026-11-03' as election, 'HD-014' as district_id, "
            "'US-CONGRESS-01' as contest_id, '20260901-0a1b2c3d' as release_id, '37119-0012' as zip, 5 as votes"
        )
        connection.execute("alter table goals add column note varchar")
        connection.execute("update goals set note = ?", [note])
    info = ReleaseInfo("r", "run", datetime(2026, 9, 2, tzinfo=UTC), date(2026, 9, 1), "c")
    sealed = seal(build, {"warehouse.duckdb": [TableSpec("main.goals", "goals", ("district_id",))]}, folder / "c", info)
    return run_checks(sealed.path / "warehouse.duckdb", identifier_scan(TEXT, 2026, [("goals", "zip")]))


@pytest.mark.parametrize(
    "planted",
    [
        "write to jane.doe@example.org",
        "123-45-6789",
        "call (919) 555-0100 now",
        "919-555-0100",
        "919.555.0100",
        "12 Oak Grove Rd",
        "at 1204B N. MAIN ST, Cary",
        "born 1980-05-17",
        "5/7/1962",
        '{"born": "2007-12-31"}',
        "Cary 27513-4307",
    ],
)
def test_a_planted_identifier_is_found_and_not_repeated(tmp_path: Path, planted: str) -> None:
    failed = [result for result in scan(tmp_path, planted) if result.status is not Status.PASS]
    assert [(r.check_id, r.status, r.unexpected) for r in failed] == [("privacy.goals.note", Status.FAIL, 1)]
    assert planted not in failed[0].message


@pytest.mark.parametrize(
    "harmless",
    ["", "precinct 12-34-5678", "1,234,567 of 2026-11-03 at 37001-001", "20 % of the way", "11/3/2026", "2010-11-02",
     "id 120240518000123-4567"],
)  # fmt: skip
def test_identifiers_of_places_and_dates_are_not_taken_for_one(tmp_path: Path, harmless: str) -> None:
    results = scan(tmp_path, harmless)
    assert len(results) == 7
    assert {result.status for result in results} == {Status.PASS}


@pytest.mark.parametrize(("year", "found"), [(2026, "2008-12-31"), (2030, "12/31/2012"), (2017, "1999-01-01")])
@pytest.mark.parametrize(("later", "is_birth"), [(0, True), (1, False)])
def test_who_may_vote_in_the_coming_election_was_born_in_time(
    year: int, found: str, later: int, is_birth: bool
) -> None:
    day = found.replace(str(year - 18), str(year - 18 + later))
    assert bool(re.search(birth_pattern(year), f"born {day}.")) is is_birth


def test_the_delivery_of_an_old_election_may_be_named_and_a_birth_elsewhere_not() -> None:
    dated, other = identifier_scan([("t", "delivery_id"), ("t", "note")], 2026, dated=[("t", "delivery_id")])
    assert birth_pattern(2026) not in dated.text("sql")
    assert "telephone number" in dated.reason
    assert birth_pattern(2026) in other.text("sql")


def test_the_scan_may_not_be_waived() -> None:
    checks = identifier_scan(TEXT, 2026)
    assert len(checks) == len(TEXT)
    assert all(isinstance(check, Check) and not check.waivable for check in checks)


def ask(folder: Path, checks: list[Check], general: str, people: str = "") -> dict[str, Status]:
    """The verdicts on a general file and a restricted one, made by the given statements."""
    from orchestration.gates.gx import run_checks

    folder.mkdir(exist_ok=True)
    for name, sql in {"warehouse": general, "people": people}.items():
        with duckdb.connect(str(folder / f"{name}.duckdb")) as con:
            con.execute(sql + "create table release as select 1 as x")
    found = run_checks(folder / "warehouse.duckdb", checks, {"people": folder / "people.duckdb"})
    return {result.check_id: result.status for result in found}


@pytest.mark.parametrize(
    ("day", "status"),
    [("1980-05-17", Status.FAIL), ("2009-01-01", Status.FAIL), ("2016-11-08", Status.PASS), (None, Status.PASS)],
)
def test_a_day_long_ago_is_taken_for_a_birth(tmp_path: Path, day: str | None, status: Status) -> None:
    value = f"date '{day}'" if day else "null::date"
    made = f"create table t as select {value} as seen_date, date '2026-09-01' as data_as_of;"
    assert ask(tmp_path, birth_scan([("t", "seen_date")]), made) == {"privacy.t.seen_date": status}


PEOPLE = """
create table contact_points as select * from (values ('12 OAK 27513'), ('+19195550142'), ('jo@example.org')) t(contact);
create table voters_people as select 'ANN' || range as first_name, 'Q' as middle_name, 'LEE' || range as last_name,
    '12 Oak Grove' as residence_address, null::varchar as mailing_address, '919 555 0199' as phone,
    null::varchar as email
from range(50);
"""
GENERAL = "create table t as select unnest(['Cary', 'Ann1 Lee1', 'Virginia Beach']) as label, 'x' as note;"
VALUES, NAMES = "privacy.values_of_people", "privacy.names_of_people"


@pytest.mark.parametrize("planted", ["12 oak grove", " 12 OAK 27513 ", "+19195550142", "919 555 0199"])
def test_a_contact_of_somebody_on_file_is_found_in_any_column(tmp_path: Path, planted: str) -> None:
    checks = own_values_scan([("t", "label"), ("t", "note")], [("t", "label")])
    assert ask(tmp_path / "sound", checks, GENERAL, PEOPLE) == {VALUES: Status.PASS, NAMES: Status.PASS}
    broken = ask(tmp_path / "broken", checks, GENERAL + f"update t set note = '{planted}';", PEOPLE)
    assert broken == {VALUES: Status.FAIL, NAMES: Status.PASS}


def test_a_column_of_names_is_found_and_a_place_called_after_somebody_is_not(tmp_path: Path) -> None:
    checks = own_values_scan([("t", "label"), ("t", "note")], [("t", "label"), ("t", "note")])
    listed = "insert into t select 'Lee' || range || ', Ann' || range, 'x' from range(6);"
    assert ask(tmp_path, checks, GENERAL + listed, PEOPLE) == {VALUES: Status.PASS, NAMES: Status.FAIL}


def test_the_scan_of_the_contracts_covers_every_text_and_date_column_and_the_releases_own_tables() -> None:
    from orchestration.contracts.load import load_contracts
    from orchestration.gates.privacy import AS_OF, RELEASE_TEXT, privacy_checks
    from orchestration.publish.fingerprint import RELEASE_TABLES

    general = [c for c in load_contracts().values() if c.domain == "published" and c.audience == "general"]
    found = {check.check_id for check in privacy_checks(general, 2026)}
    columns = [(c.tables[0].name, column) for c in general for column in c.tables[0].columns]
    wanted = {f"privacy.{t}.{c.name}" for t, c in columns if c.logical_type == "string"}
    # A day held against itself would show nothing: the day of the data is what the others are held against.
    dated = [(t, c.name) for t, c in columns if c.logical_type in ("date", "timestamp") and not c.public]
    wanted |= {f"privacy.{t}.{name}" for t, name in dated if name != AS_OF}
    assert found == wanted | {VALUES, NAMES} | {f"privacy.{t}.{c}" for t, c in RELEASE_TEXT}
    assert {t for t, _ in RELEASE_TEXT} == set(RELEASE_TABLES)
