"""Each oddity of the real files, met by what its contract declares."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest
from realdata import ELECTIONS, Loader, contract_of
from test_real_results import DELIVERIES, Delivery

from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.records import read_records


def delivery(source: str, year: int) -> Delivery:
    return next(d for d in DELIVERIES if d.source == source and d.day.year == year)


def test_a_file_with_bare_cr_line_ends_is_not_one_line(load: Loader) -> None:
    loaded = delivery("openelections_county", 2016).loaded(load)
    assert loaded.members["20161108__oh__general.csv"].accepted == 3_229


def test_a_wrong_day_in_a_file_name_is_within_the_declared_lag(load: Loader) -> None:
    loaded = delivery("openelections_county", 2012).loaded(load)
    assert ("pa", "20121102") in loaded.query("select distinct state, election_date from {t}")
    as_of = loaded.contract.as_of
    assert as_of is not None
    assert as_of.max_lag_days >= 4


def test_the_ragged_rows_of_virginia_2024_are_padded_and_hold_no_votes(load: Loader) -> None:
    loaded = delivery("va_results", 2024).loaded(load)
    short = loaded.query(
        "select count(*), max(n), max(v) from (select precinct, count(*) n, sum(votes::int) v from {t}"
        " where contest = 'President' group by precinct, line_number having count(*) < 8)"
    )
    assert short == [(65, 2, 0)]


def test_parties_under_the_header_go_with_their_candidates(load: Loader) -> None:
    loaded = delivery("va_results", 2021).loaded(load)
    assert loaded.query("select candidate, party, sum(votes::int) from {t} group by 1, 2 order by 3 desc") == [
        ("Total Votes Cast", None, 3_288_318),
        ("Glenn Allen Youngkin", "Republican", 1_663_158),
        ("Terence Richard McAuliffe", "Democratic", 1_599_470),
        ("Princess Latece Teira Blanding", "Liberation", 23_107),
        # Four more than the sheet's own total line says.
        ("All Others", None, 2_587),
    ]


def test_contest_titles_spread_over_columns_reach_every_candidate(load: Loader) -> None:
    loaded = delivery("oh_results", 2024).loaded(load)
    contests = dict(loaded.query("select contest, count(distinct candidate) from {t} group by 1"))
    assert contests["U.S. Senator"] == 7
    assert contests["President and Vice President"] == 14
    assert len(contests) == 17


def test_ohio_tells_the_media_market_of_every_county(load: Loader) -> None:
    loaded = delivery("oh_results", 2024).loaded(load)
    counties, markets, pairs = loaded.query(
        "select count(distinct county_name), count(distinct media_market),"
        " count(distinct county_name || media_market) from {t}"
    )[0]
    assert (counties, pairs) == (88, 88)
    assert markets == 12


def test_a_third_of_north_carolina_votes_outside_real_precincts(load: Loader) -> None:
    loaded = delivery("nc_results", 2024).loaded(load)
    assert loaded.query(
        "select real_precinct, sum(total_votes::int) from {t} where contest_name = 'US PRESIDENT' group by 1 order by 1"
    ) == [("N", 1_775_402), ("Y", 3_923_739)]


def test_the_vintages_of_medsl_fill_the_same_columns(load: Loader) -> None:
    for year, rows in ((2016, 34_520), (2018, 41_173), (2022, 25_975), (2024, 48_517)):
        loaded = delivery("medsl_precinct", year).loaded(load)
        assert loaded.query(
            "select count(*), count(state_po), count(jurisdiction_name), count(county_fips), count(votes) from {t}"
            " where state_po = 'VA'"
        ) == [(rows,) * 5]


def test_inner_quotes_of_candidate_names_survive(load: Loader) -> None:
    loaded = delivery("medsl_precinct", 2018).loaded(load)
    names = loaded.query("select distinct candidate from {t} where candidate like 'STEVE A%LOOR'")
    assert names == [('STEVE A "VON" LOOR',)]


def test_a_correction_of_one_vote_stays_negative(load: Loader) -> None:
    loaded = delivery("medsl_precinct", 2018).loaded(load)
    assert loaded.query("select state_po, count(*), min(votes::int) from {t} where votes::int < 0 group by 1") == [
        ("NC", 19, -1)
    ]


def test_registration_rows_without_a_mode_load_beside_votes(load: Loader) -> None:
    loaded = delivery("medsl_precinct", 2022).loaded(load)
    rows = loaded.query("select office, count(*), sum(votes::int) from {t} where mode is null group by 1 order by 1")
    assert rows == [("BALLOTS COUNTED", 8_933, 4_201_368), ("REGISTERED VOTERS", 8_933, 8_029_950)]


def test_members_in_a_folder_load_and_the_script_beside_them_does_not(load: Loader) -> None:
    loaded = delivery("medsl_precinct", 2024).loaded(load)
    assert set(loaded.members) == {"2024-pa-precinct-general.csv", "va24.csv"}


def test_line_ends_inside_quoted_names_make_no_rows(load: Loader) -> None:
    loaded = delivery("medsl_totals", 2024).loaded(load)
    assert loaded.members["2024-president-state.csv"].lines == 536
    assert loaded.query("select count(*) from {t} where candidate like '%' || chr(10) || '%'")[0][0] == 1


def test_every_header_of_the_county_files_feeds_one_table(load: Loader) -> None:
    loaded = delivery("openelections_precinct", 2020).loaded(load)
    filled = loaded.query(
        "select count(mail) > 0, count(absentee) > 0, count(provisional) > 0, count(military) > 0,"
        " count(federal) > 0, count(extra) > 0, count(precinct_name) > 0 from {t}"
    )
    assert filled == [(True,) * 7]


def test_thousands_commas_of_some_counties_are_gone(load: Loader) -> None:
    loaded = delivery("openelections_precinct", 2020).loaded(load)
    assert loaded.query("select max(votes::int) > 1000, count_if(votes like '%,%') from {t}") == [(True, 0)]


def test_a_county_that_stands_in_a_file_twice_is_known_by_its_sum(load: Loader) -> None:
    loaded = delivery("openelections_county", 2020).loaded(load)
    messages = [r.message for r in loaded.checks() if "fl_20201103" in r.check_id]
    assert len(messages) == 2
    assert all("Suwannee County is in the file twice" in m for m in messages)


@pytest.mark.parametrize(
    "header",
    [
        "county,precinct,office,district,candidate,party,provisional,mail,early_voting,election_day,votes",
        "county,precinct,office,office,party,candidate,votes",
        "county,precinct,office,district,party,candidate,votes,election_day,absentee/mail-in,provisional",
        "county,precinct,office,district,party,candidate,votes,election_day,mail_in_/_absentee,provisional",
        "county,precinct,office,district,party,candidate,votes,election_day,mail_in,provisional,,",
    ],
)
def test_headers_seen_in_other_states_and_years_load_too(tmp_path: Path, header: str) -> None:
    path = tmp_path / "member"
    cells = ["A", "1", "President", "12", "DEM", "X"] + [""] * (header.count(",") - 5)
    path.write_text(f"{header}\n{','.join(cells)}\n", encoding="utf-8")
    table = contract_of("openelections_precinct").tables[0]
    read = read_records(path, table, "20201103__fl__general__union__precinct.csv", date(2020, 11, 3))
    assert (read.accepted, read.rows["district"].to_list()) == (1, ["12"])


def test_one_stop_is_early_voting_until_the_day_the_column_was_renamed(tmp_path: Path) -> None:
    member = next((ELECTIONS / "nc_sbe").glob("*.zip"))
    with zipfile.ZipFile(member) as archive:
        lines = archive.read(archive.namelist()[0]).decode().splitlines()[:20]
    path = tmp_path / "member"
    path.write_text("\n".join([lines[0].replace("Early Voting", "One Stop"), *lines[1:]]) + "\n", encoding="utf-8")
    table = contract_of("nc_results").tables[0]
    assert read_records(path, table, "results_pct_20201103.txt", date(2020, 11, 3)).accepted == 19
    with pytest.raises(DeliveryRefused, match=r"undeclared_column.*one stop"):
        read_records(path, table, "results_pct_20241105.txt", date(2024, 11, 5))


def test_real_precinct_is_blank_in_the_vintages_before_it(tmp_path: Path) -> None:
    header = "County\tElection Date\tPrecinct\tContest Group ID\tContest Type\tContest Name\tChoice\tChoice Party"
    header += "\tVote For\tElection Day\tOne Stop\tAbsentee by Mail\tProvisional\tTotal Votes"
    path = tmp_path / "member"
    path.write_text(header + "\nWAKE\t11/08/2016\t01-01\t1\tS\tUS PRESIDENT\tX\tDEM\t1\t1\t2\t3\t0\t6\n")
    table = contract_of("nc_results").tables[0]
    read = read_records(path, table, "results_pct_20161108.txt", date(2016, 11, 8))
    assert read.rows.select("early_voting", "real_precinct").rows() == [("2", None)]


@pytest.mark.parametrize(
    ("year", "header", "row", "early"),
    [
        (2012, "county_name,precinct,contest_type,runoff_status,recount_status,contest,choice,winner_status,party,"
               "Election Day,Early Voting,Absentee by Mail,Provisional,total votes,district",
         "WAKE,01-01,S,,,US PRESIDENT,X,,DEM,1,2,3,0,6,", "2"),
        (2008, "county_name,precinct,contest_type,runoff_status,recount_status,contest,choice,winner_status,party,"
               "Election Day,Absentee/Early Voting,Provisional,total votes,district",
         "WAKE,01-01,S,,,US PRESIDENT,X,,DEM,1,2,0,3,", None),
        (2007, "county,election_dt,precinct,contest,name_on_ballot,party_cd,election_day_count,absentee_count,"
               "provisional_count,total_vote_count",
         "WAKE,11/06/2007,01-01,MAYOR,X,DEM,1,2,0,3", None),
        (2006, "county,election_dt,precinct_abbrv,precinct,contest_name,name_on_ballot,party_cd,ballot_count,FTP_date",
         "WAKE,11/07/2006,01-01,PRECINCT 01-01,US HOUSE,X,DEM,3,2006-12-01", None),
    ],
)  # fmt: skip
def test_the_comma_files_before_2014_load_by_the_published_layout(
    tmp_path: Path, year: int, header: str, row: str, early: str | None
) -> None:
    path = tmp_path / "member"
    path.write_text(f"{header}\n{row}\n", encoding="latin-1")
    table = contract_of("nc_results_before_2014").tables[0]
    read = read_records(path, table, f"results_pct_{year}1104.txt", date(year, 11, 4))
    assert read.rows.select("county", "choice", "party", "early_voting").rows() == [("WAKE", "X", "DEM", early)]
