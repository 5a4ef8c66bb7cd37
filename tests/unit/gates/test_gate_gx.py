"""Every kind of check passes on good data, fails on bad data, and errs when it cannot be evaluated."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import duckdb
import pytest

from orchestration.gates.checks import KINDS, Check, CheckResult, Severity, Status

Run = Callable[[Check], CheckResult]

# kind -> (params that pass, params that fail, how many rows break it, params that cannot be evaluated)
CASES: dict[str, tuple[dict[str, object], dict[str, object], int, dict[str, object]]] = {
    "row_count_between": ({"min": 100, "max": 100}, {"min": 101}, 1, {"min": "many"}),
    "not_null": ({"column": "voter_id"}, {"column": "age_group"}, 10, {"column": "zip"}),
    "unique": ({"columns": ["voter_id"]}, {"columns": ["county_code", "dup"]}, 97, {"columns": ["zip"]}),
    "in_set": (
        {"column": "county_code", "values": ["000", "001", "002"]},
        {"column": "county_code", "values": ["000", "001"]},
        33,
        {"column": "zip", "values": ["000"]},
    ),
    "between": (
        {"column": "support_share", "min": 0, "max": 1},
        {"column": "support_share", "min": "0.1", "max": "0.5"},
        59,
        {"column": "name", "min": 1, "max": 2},
    ),
    "matches": (
        {"column": "county_code", "regex": r"^\d{3}$"},
        {"column": "voter_id", "regex": r"^\d{1}$"},
        90,
        {"column": "registered_date", "regex": "^2"},
    ),
    "foreign_key": (
        {"columns": ["county_code"], "other_table": "marts.voters", "other_columns": ["county_code"]},
        {"columns": ["county_code"], "other_table": "marts.counties", "other_columns": ["code"]},
        33,
        {"columns": ["county_code"], "other_table": "marts.countries", "other_columns": ["code"]},
    ),
    "expression": (
        {"sql": "support_share >= 0 and name <> ':x {y} 100%' -- a comment"},
        {"sql": "age_group > 0"},
        10,
        {"sql": "cast(name as integer) > 0"},
    ),
    "sql_zero": (
        {"sql": "select * from marts.voters where support_share > 1;"},
        {"sql": "select voter_id, name from marts.voters where age_group = 7"},
        10,
        {"sql": "select * from marts.nowhere"},
    ),
    "share_between": (
        {"condition": "age_group is null", "min": 0.1, "max": 0.1},
        {"condition": "age_group is null", "max": 0.05},
        5,
        {"condition": "age_grp is null", "max": 0.05},
    ),
    "column_set": (
        {"columns": ["dup", "name", "voter_id", "county_code", "age_group", "registered_date", "support_share"]},
        {"columns": ["name", "voter_id", "county_code", "age_group", "registered_date", "email"]},
        3,
        {},
    ),
}


def check(kind: str, params: dict[str, object], table: str = "marts.voters", **more: object) -> Check:
    return Check(f"{table}.{kind}", table, kind, params, **more)  # type: ignore[arg-type]


def test_every_kind_has_data_that_flips_it() -> None:
    # A rule of law and drift have no data of their own: test_gate_record proves that neither passes without an answer.
    assert CASES.keys() == KINDS.keys() - {"lineage", "drift"}


@pytest.mark.parametrize("kind", CASES)
def test_a_check_passes_on_good_data(run: Run, kind: str) -> None:
    result = run(check(kind, CASES[kind][0]))
    assert (result.status, result.unexpected, result.message) == (Status.PASS, 0, "")
    assert result.evaluated > 0


@pytest.mark.parametrize("kind", CASES)
def test_a_check_fails_on_bad_data_and_counts_it(run: Run, kind: str) -> None:
    result = run(check(kind, CASES[kind][1], reason="because it matters"))
    assert result.status is Status.FAIL
    assert result.unexpected == CASES[kind][2]
    assert "because it matters" in result.message


@pytest.mark.parametrize("kind", CASES)
def test_a_check_that_cannot_be_evaluated_errs_rather_than_fails(run: Run, kind: str) -> None:
    _, failing, _, impossible = CASES[kind]
    for params, table in ((impossible, "marts.voters"), (failing, "marts.nowhere")):
        if params:
            result = run(check(kind, params, table))
            assert (result.status, result.evaluated) == (Status.ERROR, 0)
            assert "could not be evaluated" in result.message


@pytest.mark.parametrize("kind", CASES)
def test_an_empty_table_passes_nothing_unless_it_may_be_empty(run: Run, kind: str) -> None:
    params: dict[str, object] = {
        "row_count_between": {"min": 0},
        "foreign_key": {"columns": ["voter_id"], "other_table": "marts.counties", "other_columns": ["code"]},
        "expression": {"sql": "voter_id <> ''"},
        "sql_zero": {"sql": "select * from marts.nobody"},
        "share_between": {"condition": "voter_id = ''", "max": 1},
        "column_set": {"columns": ["voter_id", "age"]},
        "unique": {"columns": ["voter_id"]},
        "in_set": {"column": "voter_id", "values": ["1"]},
        "between": {"column": "age", "min": 1},
        "matches": {"column": "voter_id", "regex": "."},
        "not_null": {"column": "voter_id"},
    }[kind]  # type: ignore[assignment]
    refused = run(check(kind, params, "marts.nobody"))
    assert refused.status is Status.FAIL
    assert "has no rows" in refused.message
    assert run(check(kind, {**params, "allow_empty": True}, "marts.nobody")).status is Status.PASS


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("in_set", {"column": "zip", "values": ["02139"]}),
        ("between", {"column": "age", "min": 0}),
        ("matches", {"column": "zip", "regex": "^0"}),
        ("foreign_key", {"columns": ["zip"], "other_table": "marts.counties", "other_columns": ["code"]}),
    ],
)
def test_an_all_null_column_passes_nothing_unless_it_may_be_null(
    run: Run, kind: str, params: dict[str, object]
) -> None:
    refused = run(check(kind, params, "marts.blank"))
    assert refused.status is Status.FAIL
    assert "every value is null" in refused.message
    assert run(check(kind, {**params, "allow_all_null": True}, "marts.blank")).status is Status.PASS


def test_a_failed_warning_is_a_warning(run: Run) -> None:
    result = run(check("not_null", {"column": "age_group"}, severity=Severity.WARN))
    assert (result.status, result.severity) == (Status.WARN, Severity.WARN)


def test_not_null_tolerates_only_the_declared_share(run: Run) -> None:
    assert run(check("not_null", {"column": "age_group", "max_share": 0.1})).status is Status.PASS
    assert run(check("not_null", {"column": "age_group", "max_share": 0.09})).status is Status.FAIL


def test_nulls_repeat_a_unique_key(run: Run) -> None:
    assert run(check("unique", {"columns": ["zip"]}, "marts.blank")).unexpected == 4


def test_bounds_written_as_text_are_compared_as_numbers(run: Run) -> None:
    assert run(check("between", {"column": "age_group", "min": "1", "max": "10"})).status is Status.PASS
    assert run(check("between", {"column": "age_group", "min": "9", "max": "10"})).unexpected == 80


def test_a_range_over_text_is_an_error_that_says_so(run: Run) -> None:
    assert "not possible on a VARCHAR column" in run(check("between", {"column": "name", "min": 1})).message


def test_dates_are_compared_as_dates(run: Run) -> None:
    bounds = {"column": "registered_date", "min": "2020-01-01", "max": "2020-04-09"}
    assert run(check("between", bounds)).status is Status.PASS
    assert run(check("between", {**bounds, "max": "2020-04-08"})).unexpected == 1


def test_many_checks_come_back_in_order_even_when_two_are_alike(audited: Path) -> None:
    from orchestration.gates.gx import run_checks

    checks = [
        Check("b.twin", "marts.voters", "not_null", {"column": "voter_id"}),
        Check("a.twin", "marts.voters", "not_null", {"column": "voter_id"}),
        Check("c.other_table", "marts.counties", "unique", {"columns": ["code"]}),
        Check("d.back_again", "marts.voters", "unique", {"columns": ["voter_id"]}),
    ]
    results = run_checks(audited, checks)
    assert [result.check_id for result in results] == [c.check_id for c in checks]
    assert {result.status for result in results} == {Status.PASS}


def test_a_check_id_used_twice_is_refused(audited: Path) -> None:
    from orchestration.gates.gx import run_checks

    twice = check("unique", {"columns": ["voter_id"]})
    with pytest.raises(ValueError, match="used twice"):
        run_checks(audited, [twice, twice])


def test_tables_of_an_attached_file_are_checked_too(audited: Path, tmp_path: Path) -> None:
    from orchestration.gates.gx import run_checks

    people = tmp_path / "people's $HOME.duckdb"
    with duckdb.connect(str(people)) as connection:
        connection.execute("create table people as select range::varchar as person_id from range(101)")
    checks = [
        Check("people.unique", "people.main.people", "unique", {"columns": ["person_id"]}),
        Check("people.column_set", "people.main.people", "column_set", {"columns": ["person_id"]}),
        Check("people.not_null", "people.main.people", "not_null", {"column": "person_id"}),
        Check(
            "people.are_voters",
            "people.main.people",
            "foreign_key",
            {"columns": ["person_id"], "other_table": "warehouse.marts.voters", "other_columns": ["voter_id"]},
        ),
    ]
    results = run_checks(audited, checks, {"people": people})
    assert [result.status for result in results] == [Status.PASS] * 3 + [Status.FAIL]
    assert results[3].unexpected == 1


def test_a_delivery_in_parquet_is_checked_in_place_and_nothing_else_is_reached(tmp_path: Path) -> None:
    from orchestration.gates.gx import run_checks_on_parquet

    accepted = tmp_path / "it's [1] *.parquet"
    other = tmp_path / "other.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select range::varchar as ncid, 'x' as party from range(9)) to '{other}' (format parquet)"
        )
    other.rename(accepted)
    other.write_bytes(accepted.read_bytes())
    checks = [
        Check("nc.rows", "accepted.nc_voters", "row_count_between", {"min": 9, "max": 9}),
        Check("nc.ncid_unique", "accepted.nc_voters", "unique", {"columns": ["ncid"]}),
        Check("nc.ncid_not_null", "accepted.nc_voters", "not_null", {"column": "ncid"}),
        Check("nc.columns", "accepted.nc_voters", "column_set", {"columns": ["ncid", "party"]}),
        Check("nc.party", "accepted.nc_voters", "in_set", {"column": "party", "values": ["D"]}),
        Check("nc.reach", "accepted.nc_voters", "sql_zero", {"sql": f"select * from read_parquet('{other}')"}),
    ]
    results = run_checks_on_parquet({"accepted.nc_voters": accepted}, checks)
    assert [r.status for r in results] == [Status.PASS] * 4 + [Status.FAIL, Status.ERROR]


def test_checks_reach_no_other_file_and_change_nothing(audited: Path, tmp_path: Path) -> None:
    from orchestration.gates.gx import run_checks

    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    before = audited.read_bytes()
    result = run_checks(audited, [check("sql_zero", {"sql": f"select * from read_csv('{outside}')"})])[0]
    assert result.status is Status.ERROR
    assert audited.read_bytes() == before
    with duckdb.connect(str(audited)) as connection:  # and the file is free again
        assert connection.execute("select count(*) from marts.voters").fetchall() == [(100,)]


def test_no_value_from_the_data_is_in_results_logs_or_output(
    audited: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    from orchestration.gates.gx import run_checks

    caplog.set_level(logging.DEBUG)
    checks = [
        Check("leak.in_set", "marts.voters", "in_set", {"column": "name", "values": ["nobody"]}),
        Check("leak.unique", "marts.voters", "unique", {"columns": ["name"]}),
        Check("leak.matches", "marts.voters", "matches", {"column": "name", "regex": "^$"}),
        Check("leak.expression", "marts.voters", "expression", {"sql": "name = ''"}),
        Check("leak.cast", "marts.voters", "expression", {"sql": "case when voter_id = '7' then name::int end > 0"}),
        Check("leak.sql_zero", "marts.voters", "sql_zero", {"sql": "select * from marts.voters where voter_id = '7'"}),
        Check("leak.between", "marts.voters", "between", {"column": "name", "min": 1, "max": 2}),
    ]
    results = run_checks(audited, checks)
    assert all(result.status in (Status.FAIL, Status.ERROR) for result in results)
    said = json.dumps([asdict(result) for result in results]) + caplog.text + "".join(capfd.readouterr())
    assert "JANE" not in said


def test_a_missing_file_is_named() -> None:
    from orchestration.gates.gx import run_checks

    with pytest.raises(FileNotFoundError, match=r"nowhere\.duckdb"):
        run_checks(Path("nowhere.duckdb"), [check("unique", {"columns": ["voter_id"]})])


def test_the_mutation_of_checks_is_answered_as_the_gate_answers(audited: Path) -> None:
    from mutation.evaluate import Outcome, ask, counts

    from orchestration.gates.gx import run_checks

    tables = {"marts.voters": range(4), "marts.nobody": (0,), "marts.blank": (0,)}
    checks = [
        Check(f"{table}.{kind}.case_{case}", table, kind, dict(CASES[kind][case]))  # type: ignore[call-overload]
        for table, cases in tables.items()
        for kind in CASES
        for case in cases
        if case != 2 and (kind != "column_set" or case != 3)  # of the cases, the third is a number of rows
    ]
    checks += [
        Check(f"{table}.not_null.{name}", table, "not_null", {"column": column, **more})
        for table, column in (("marts.nobody", "voter_id"), ("marts.blank", "zip"), ("marts.voters", "age_group"))
        for name, more in (("plain", {}), ("empty", {"allow_empty": True}), ("tenth", {"max_share": 0.1}))
    ]
    words = {Status.PASS: Outcome.SOUND, Status.FAIL: Outcome.FAULT, Status.ERROR: Outcome.UNANSWERED}
    results = run_checks(audited, checks)
    with duckdb.connect(str(audited), read_only=True) as connection:
        for made, result in zip(checks, results, strict=True):
            assert ask(connection, made) is words[result.status], (made.check_id, result.message)
            if result.status is not Status.ERROR and made.kind != "not_null":
                rows = connection.execute(f"select count(*) from {made.table}").fetchone()
                assert counts(connection, made, int(rows[0]))[1] == result.unexpected, made.check_id  # type: ignore[index]
    assert set(words.values()) == {words[result.status] for result in results}
