"""Certified totals, known differences, and the sums inside result tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.contracts.load import load_contract
from orchestration.contracts.model import Contract
from orchestration.gates.checks import CheckResult, Severity, Status
from orchestration.ingest.control_totals import (
    EXCEPTIONS,
    ControlTotal,
    KnownDifference,
    compare,
    control_total_checks,
    load_control_totals,
    load_known_differences,
)
from orchestration.ingest.result_sums import VIEWS, Observed, internal_sum_checks, observed_totals

RESULTS = Path(__file__).resolve().parents[3] / "data_contracts" / "results"
DAY = date(2024, 11, 5)
TOTALS = "state,election_date,office_code,party_code,candidate,votes,source\n"
KNOWN = "source,state,election_date,office_code,party_code,difference,reason\n"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def contract(source: str = "medsl_precinct") -> Contract:
    return load_contract(RESULTS / f"{source}.odcs.yaml")


def medsl(*rows: tuple[str, str, str, str, str]) -> str:
    """(state, office, party, mode, votes) as a relation in the table's text form."""
    lines = ", ".join(
        f"('{s}', '{o}', '{p}', '{m}', '{v}', 'GEN', 'FALSE', 'X', '00001', '1', '', 'A {p}')" for s, o, p, m, v in rows
    )
    return (
        f"(select * from (values {lines}) as t(state_po, office, party_detailed, mode, votes, stage, special,"
        " county_name, county_fips, precinct, district, candidate))"
    )


def run(con: duckdb.DuckDBPyConnection, relation: str, totals: Path | None = None) -> list[CheckResult]:
    found = control_total_checks(contract(), con, {"medsl_precinct": relation}, DAY, totals_path=totals)
    return [r for r in found if ".control_total." in r.check_id]


def totals_file(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "control_totals.csv"
    path.write_text(TOTALS + "".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def test_an_exact_total_passes(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    totals = totals_file(tmp_path, "OH,2024-11-05,us_president,D,A,30,canvass")
    relation = medsl(
        ("OH", "US PRESIDENT", "DEMOCRAT", "TOTAL", "10"), ("OH", "US PRESIDENT", "Democratic", "TOTAL", "20")
    )
    [result] = run(con, relation, totals)
    assert (result.status, result.unexpected) == (Status.PASS, 0)


@pytest.mark.parametrize(("votes", "verdict"), [("29", "short by 1"), ("1031", "over by 1,001")])
def test_another_sum_fails_as_an_error(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, votes: str, verdict: str
) -> None:
    totals = totals_file(tmp_path, "OH,2024-11-05,us_president,D,A,30,canvass")
    [result] = run(con, medsl(("OH", "US PRESIDENT", "DEMOCRAT", "TOTAL", votes)), totals)
    assert (result.status, result.severity) == (Status.FAIL, Severity.ERROR)
    assert verdict in result.message


def test_a_party_without_a_single_row_is_short_by_all_its_votes(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    totals = totals_file(tmp_path, "OH,2024-11-05,governor,D,A,30,canvass", "OH,2024-11-05,governor,R,B,40,canvass")
    results = run(con, medsl(("OH", "GOVERNOR", "DEMOCRAT", "TOTAL", "30")), totals)
    assert [r.status for r in results] == [Status.PASS, Status.FAIL]


def test_a_contest_that_the_delivery_does_not_hold_is_not_compared(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    totals = totals_file(tmp_path, "FL,2024-11-05,us_president,D,A,30,canvass")
    assert run(con, medsl(("OH", "US PRESIDENT", "DEMOCRAT", "TOTAL", "1")), totals) == []
    assert run(con, medsl(("FL", "STATE HOUSE", "DEMOCRAT", "TOTAL", "1")), totals) == []


def test_special_elections_are_not_added_to_the_regular_one(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    totals = totals_file(tmp_path, "OH,2024-11-05,us_senate,D,A,30,canvass")
    rows = medsl(("OH", "US SENATE", "DEMOCRAT", "TOTAL", "30"))
    special = rows.replace("'FALSE'", "'TRUE'").replace("'30'", "'5'")
    [result] = run(con, f"({rows[1:-1]} union all {special[1:-1]})", totals)
    assert result.status is Status.PASS


def test_a_known_difference_is_a_warning_with_its_reason_and_any_other_is_an_error() -> None:
    total = ControlTotal("PA", DAY, "us_president", "D", "A", 1000, "canvass")
    known = KnownDifference("medsl_precinct", "PA", DAY, "us_president", "D", -7, "cause not known")
    observed = Observed("PA", DAY, "us_president", "D", 993)
    assert compare([observed], [total], [known], "medsl_precinct")[0].known == "cause not known"
    assert compare([observed], [total], [known], "va_results")[0].known is None
    worse = Observed("PA", DAY, "us_president", "D", 992)
    assert compare([worse], [total], [known], "medsl_precinct")[0].known is None


def test_the_real_known_differences_reach_the_result_as_warnings(con: duckdb.DuckDBPyConnection) -> None:
    relation = medsl(
        ("PA", "US PRESIDENT", "DEMOCRAT", "TOTAL", "3420865"), ("PA", "US PRESIDENT", "REPUBLICAN", "TOTAL", "3543308")
    )
    results = run(con, relation)
    assert [(r.status, r.severity) for r in results] == [
        (Status.WARN, Severity.WARN),
        (Status.PASS, Severity.ERROR),
    ]
    assert "short by 2,177, as known" in results[0].message


def test_totals_of_another_world_replace_the_certified_ones(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    relation = medsl(("PA", "US PRESIDENT", "DEMOCRAT", "TOTAL", "12"))
    assert run(con, relation)[0].status is Status.FAIL
    assert run(con, relation, totals_file(tmp_path)) == []


@pytest.mark.parametrize(
    ("table", "columns", "row"),
    [
        ("nc_results", "contest_name, choice_party, total_votes", "'US PRESIDENT', 'DEM', '5'"),
        ("nc_results_before_2014", "contest, party, total_votes", "'US SENATE', 'DEM', '5'"),
        ("oh_results", "contest, candidate, votes", "'U.S. Senator', 'Sherrod Brown (D)', '5'"),
        ("oh_results", "contest, candidate, votes", "'President and Vice President', 'A and B (D)', '5'"),
        ("va_results", "contest, party, votes, stage", "'U_S_Senate', 'Democratic', '5', 'General'"),
        ("medsl_totals", "state_po, office, party_detailed, votes, stage, level",
         "'VA', 'US SENATE', 'DEMOCRAT', '5', 'GEN', 'state'"),
        ("openelections_precinct", "state, office, party, votes", "'pa', 'U.S. Senator', 'Dem', '5'"),
        ("openelections_county", "state, office, party, votes", "'oh', 'President', 'D', '5'"),
        ("openelections_county_raw", "state, office, party, votes",
         "'fl', 'President of the United States', 'Democrat', '5'"),
    ],
)  # fmt: skip
def test_every_result_table_is_brought_to_the_same_terms(
    con: duckdb.DuckDBPyConnection, table: str, columns: str, row: str
) -> None:
    found = observed_totals(con, table, f"(select * from (values ({row})) as t({columns}))", DAY)
    assert [(o.party_code, o.votes, o.election_date) for o in found] == [("D", 5, DAY)]
    assert found[0].office_code in ("us_president", "us_senate")


def test_county_presidential_votes_count_for_the_general_election_of_their_year(
    con: duckdb.DuckDBPyConnection,
) -> None:
    rows = ", ".join(f"('{y}', 'OH', '3', '4')" for y in (2012, 2016, 2020, 2024))
    relation = f"(select * from (values {rows}) as t(year, state, votes_dem, votes_rep))"
    found = observed_totals(con, "county_president", relation, DAY)
    days = [date(2012, 11, 6), date(2016, 11, 8), date(2020, 11, 3), date(2024, 11, 5)]
    assert {(o.election_date, o.party_code, o.votes) for o in found} == {
        (day, party, votes) for day in days for party, votes in (("D", 3), ("R", 4))
    }


def test_every_results_contract_has_its_view() -> None:
    tables = {t.name for p in RESULTS.glob("*.odcs.yaml") for t in load_contract(p).tables}
    assert tables == set(VIEWS)


def test_a_total_beside_its_parts_fails(con: duckdb.DuckDBPyConnection) -> None:
    parts = medsl(("VA", "US SENATE", "DEMOCRAT", "ABSENTEE", "1"), ("VA", "US SENATE", "DEMOCRAT", "PROVISIONAL", "2"))
    assert internal_sum_checks(con, "medsl_precinct", parts)[0].status is Status.PASS
    both = medsl(("VA", "US SENATE", "DEMOCRAT", "ABSENTEE", "1"), ("VA", "US SENATE", "DEMOCRAT", "TOTAL", "3"))
    [result] = internal_sum_checks(con, "medsl_precinct", both)
    assert (result.status, result.evaluated, result.unexpected) == (Status.FAIL, 1, 1)


def virginia(*precincts: tuple[int, int, int]) -> str:
    rows = ", ".join(
        f"('Governor', 'A', '-', '{i}', '{c}', '{v}')"
        for i, votes in enumerate(precincts)
        for c, v in zip(("Ann", "All Others", "Total Votes Cast"), votes, strict=True)
    )
    return f"(select * from (values {rows}) as t(contest, county_city, ward, precinct, candidate, votes))"


def test_candidates_must_sum_to_the_votes_cast_but_for_the_two_known_precincts(
    con: duckdb.DuckDBPyConnection,
) -> None:
    good, bad = (3, 1, 4), (3, 3, 4)
    for precincts, status in (((good,), Status.PASS), ((good, bad, bad), Status.WARN), ((bad,) * 3, Status.FAIL)):
        assert internal_sum_checks(con, "va_results", virginia(*precincts))[0].status is status


def test_the_facts_are_whole_dated_and_sourced() -> None:
    totals = load_control_totals(RESULTS / "control_totals.csv")
    assert {t.state for t in totals} == {"NC", "OH", "FL", "VA", "PA"}
    assert {t.office_code for t in totals} == {"us_president", "us_senate", "governor"}
    assert all(t.election_date.month == 11 and t.votes > 500_000 and len(t.source) > 10 for t in totals)
    keys = {(t.state, t.election_date, t.office_code, t.party_code) for t in totals}
    for known in load_known_differences(RESULTS / EXCEPTIONS):
        assert (known.state, known.election_date, known.office_code, known.party_code) in keys
        assert known.difference != 0


def test_a_fact_without_a_source_or_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line 2: a field is blank"):
        load_control_totals(totals_file(tmp_path, "OH,2024-11-05,us_president,D,A,30,"))
    twice = ("OH,2024-11-05,us_president,D,A,30,x", "OH,2024-11-05,us_president,D,B,31,y")
    with pytest.raises(ValueError, match="given twice"):
        load_control_totals(totals_file(tmp_path, *twice))
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("state,votes\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 1: expected the columns"):
        load_control_totals(wrong)


def test_where_no_difference_is_known_none_is_excused(tmp_path: Path) -> None:
    assert load_known_differences(tmp_path / EXCEPTIONS) == ()
    path = tmp_path / EXCEPTIONS
    path.write_text(KNOWN + "medsl_precinct,PA,2024-11-05,us_president,D,-7,\n", encoding="utf-8")
    with pytest.raises(ValueError, match="carries its source or reason"):
        load_known_differences(path)
