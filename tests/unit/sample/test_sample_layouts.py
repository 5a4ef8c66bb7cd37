"""Each state's files have the official columns, delimiters, quoting, encoding and quirks."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from sample_reading import Sample


def test_north_carolina_is_quoted_tab_latin_1_with_seventy_columns(sample: Sample) -> None:
    data = sample.members("nc_voters")["ncvoter_Statewide.txt"]
    lines = data.decode("latin-1").split("\r\n")
    assert lines[-1] == ""
    assert {line.count("\t") for line in lines[:-1]} == {69}
    assert lines[0].startswith('"county_id"\t"county_desc"\t"voter_reg_num"\t"ncid"')
    assert '\t"drivers_lic"\t"ssn"\t"no_dl_ssn_chkbx"\t"hava_id_req"\t"precinct_abbrv"' in lines[0]
    assert not data.isascii()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


def test_north_carolina_pads_fixed_width_fields(sample: Sample) -> None:
    line = sample.members("nc_voters")["ncvoter_Statewide.txt"].decode("latin-1").split("\r\n")[1]
    fields = [field.strip('"') for field in line.split("\t")]
    assert [len(fields[place]) for place in (2, 3, 7, 8, 15, 27)] == [12, 12, 3, 2, 9, 3]


def test_north_carolina_identities_are_unique_and_numbers_only_within_the_county(sample: Sample) -> None:
    rows = sample.table("nc_voters")
    assert len({row["ncid"] for row in rows}) == len(rows)
    assert len({(row["county_id"], row["voter_reg_num"]) for row in rows}) == len(rows)
    assert len({row["voter_reg_num"] for row in rows}) < len(rows)


def test_north_carolina_has_every_county_and_status(sample: Sample) -> None:
    rows = sample.table("nc_voters")
    counties = {row["county_id"]: row["county_desc"] for row in rows}
    assert counties.keys() == {str(number) for number in range(1, 101)}
    assert (counties["26"], counties["60"], counties["92"], counties["100"]) == (
        "CUMBERLAND", "MECKLENBURG", "WAKE", "YANCEY",
    )  # fmt: skip
    assert {row["status_cd"] for row in rows} >= {"A", "I", "R"}
    on_file = [row for row in rows if row["status_cd"] in "AIS"]
    assert len(on_file) == sample.report.voters["NC"]
    assert all(row["precinct_abbrv"] and row["nc_house_abbrv"] for row in on_file)


def test_removed_and_confidential_people_show_no_address(sample: Sample) -> None:
    rows = sample.table("nc_voters")
    removed = [row for row in rows if row["status_cd"] == "R"]
    hidden = [row for row in rows if row["confidential_ind"] == "Y"]
    assert removed
    assert hidden
    assert {row["res_street_address"] for row in removed} == {"REMOVED"}
    assert {(row["res_street_address"], row["zip_code"], row["mail_addr1"]) for row in hidden} == {("", "", "")}


def test_north_carolina_masks_some_registration_dates_half_of_them_in_cumberland() -> None:
    from datetime import date

    import numpy as np

    from orchestration.sample import SamplePlan, counties, days, geography, people
    from orchestration.sample.fields import Chunk
    from orchestration.sample.nc import CUMBERLAND, masked_dates

    plan = SamplePlan(("NC",), 60_000, 1, 7)
    geo = geography.build(counties.build("NC", 60_000, 7, None), 7)
    nobody = days.newcomers(plan, geo)
    crowd = people.build(plan, geo, 0, range(100), nobody)
    chunk = Chunk(crowd, people.serial_starts(geo, nobody.sum(axis=0)))
    rows = np.arange(len(crowd))
    masked = masked_dates(chunk, crowd.county, rows, date(2026, 9, 1))
    assert 0.002 < masked.mean() < 0.004
    assert 0.35 < (crowd.county[masked] == CUMBERLAND).mean() < 0.6


def test_north_carolina_history_names_what_is_not_a_vote(sample: Sample) -> None:
    rows = sample.table("nc_history")
    assert list(rows[0]) == [
        "county_id", "county_desc", "voter_reg_num", "election_lbl", "election_desc", "voting_method", "voted_party_cd",
        "voted_party_desc", "pct_label", "pct_description", "ncid", "voted_county_id", "voted_county_desc", "vtd_label",
        "vtd_description",
    ]  # fmt: skip
    methods = Counter(row["voting_method"] for row in rows)
    assert {"ELIGIBLE DID NOT VOTE", "TRANSFER", "EARLY VOTING IN-PERSON", "ABSENTEE ONESTOP"} <= methods.keys()
    assert min(row["election_lbl"][-4:] for row in rows) == "2016"
    assert any(row["voted_county_id"] != row["county_id"] for row in rows)
    assert len({(row["ncid"], row["election_lbl"]) for row in rows}) == len(rows)
    known = {row["ncid"] for row in sample.table("nc_voters")}
    assert {row["ncid"] for row in rows} <= known


def test_ohio_comes_in_four_parts_with_one_column_per_election(sample: Sample) -> None:
    parts = sample.members("oh_voters")
    assert list(parts) == ["SWVF_1_22.txt", "SWVF_23_44.txt", "SWVF_45_66.txt", "SWVF_67_88.txt"]
    header = parts["SWVF_1_22.txt"].decode("latin-1").split("\n")[0].replace('"', "").split(",")
    assert header[:2] == ["SOS_VOTERID", "COUNTY_NUMBER"]
    assert header[46] == "PRIMARY-03/07/2000"
    assert "GENERAL-11/05/2024" in header
    assert len(header) == 73
    rows = sample.table("oh_voters")
    assert len(rows) == sample.report.voters["OH"] == len({row["SOS_VOTERID"] for row in rows})
    assert {row["COUNTY_NUMBER"] for row in rows} == {f"{number:02d}" for number in range(1, 89)}
    assert {row["GENERAL-11/05/2024"] for row in rows} == {"", "X"}
    assert {row["PRIMARY-03/19/2024"] for row in rows} == {"", "X", "D", "R"}
    assert {row["PARTY_AFFILIATION"] for row in rows} == {"", "D", "R"}
    assert all(re.fullmatch(r"\d{2}", row["CONGRESSIONAL_DISTRICT"]) for row in rows)
    assert all(bool(row["CITY"]) + bool(row["VILLAGE"]) + bool(row["TOWNSHIP"]) == 1 for row in rows)


def test_ohio_party_is_that_of_the_last_partisan_primary(sample: Sample) -> None:
    for row in sample.table("oh_voters"):
        ballots = [value for name, value in row.items() if name.startswith("PRIMARY") and value in ("D", "R")]
        assert row["PARTY_AFFILIATION"] == (ballots[-1] if ballots else "")


def test_florida_has_sixty_seven_members_without_header_and_masks_exempt_voters(sample: Sample) -> None:
    members = sample.members("fl_voters")
    assert len(members) == 67
    assert {"DAD_20260901.txt", "CLL_20260901.txt", "MRT_20260901.txt"} <= members.keys()
    assert [path.name for path in sample.folder("fl_history").iterdir()] == ["Voter _History_20260901.zip"]
    assert all(data.isascii() for data in members.values())
    rows = sample.records("fl_voters", ".txt")
    assert {len(row) for row in rows} == {38}
    assert len({row[1] for row in rows}) == len(rows) == sample.report.voters["FL"]
    exempt = [row for row in rows if row[6] == "Y"]
    assert exempt
    shown = {0, 1, 6, 19, 20, 22, 23, 28}
    for row in exempt:
        assert all((value != "*") == (place in shown) for place, value in enumerate(row))
    assert not any("*" in row for row in rows if row[6] == "N")


def test_florida_history_has_counted_and_uncounted_codes(sample: Sample) -> None:
    rows = sample.records("fl_history", "_H_")
    codes = Counter(row[4] for row in rows)
    assert set("AEY") < codes.keys() <= set("AEYBLPN")
    assert sum(codes[code] for code in "BLPN") < 0.03 * len(rows)
    assert {row[3] for row in rows} == {"GEN", "PRI", "PPP"}


def test_virginia_writes_null_for_blanks_and_has_every_locality(sample: Sample) -> None:
    rows = sample.table("va_voters")
    assert len(rows[0]) == 44
    assert list(rows[0])[-1] == "STATUS"
    assert len({row["LOCALITY_CODE"] for row in rows}) == 133
    assert {"FAIRFAX COUNTY", "FAIRFAX CITY"} <= {row["LOCALITYNAME"] for row in rows}
    assert not any(value == "" for row in rows for value in row.values())
    assert any(re.fullmatch(r"\d{4}", row["DOB"]) for row in rows)
    raw = sample.members("va_voters")["Registered_Voter_List.csv"].decode("latin-1")
    assert '"' in raw
    history = sample.table("va_history")
    assert {row["PRIMARY_TYPE_CODE_NAME"] for row in history} == {"NULL", "Democratic", "Republican"}
    assert {row["ABSENTEE"] for row in history} == {"TRUE", "FALSE"}
    assert {row["ELECTION_YEAR"] for row in history if row["ELECTION_TYPE"] == "General"} == {
        str(year) for year in range(2016, 2026)
    }


def test_pennsylvania_has_four_files_per_county_whose_numbers_differ(sample: Sample) -> None:
    members = sample.members("pa_voters")
    assert len(members) == 67 * 4
    assert "McKEAN FVE 20260901.txt" in members
    rows = sample.records("pa_voters", " FVE ", quoted=True)
    assert {len(row) for row in rows} == {154}
    assert len({row[0] for row in rows}) == len(rows) == sample.report.voters["PA"]
    maps = sample.records("pa_voters", "Election Map", quoted=True)
    slots = {(row[0], row[3]): row[1] for row in maps}
    assert len({slot for (_, day), slot in slots.items() if day == "11/05/2024"}) > 5
    zones = sample.records("pa_voters", "Zone Types", quoted=True)
    assert len({row[1] for row in zones if row[2] == "STH"}) > 5


def test_pennsylvania_zone_codes_explain_every_district_value(sample: Sample) -> None:
    codes = {(row[0], int(row[1]), row[2]) for row in sample.records("pa_voters", "Zone Codes", quoted=True)}
    for row in sample.records("pa_voters", " FVE ", quoted=True):
        for number, value in enumerate(row[30:70], 1):
            assert not value or (row[151], number, value) in codes
        assert any(value.startswith("STH") for value in row[30:70])


def test_pennsylvania_votes_stand_in_the_slots_of_the_county(sample: Sample) -> None:
    slots = {(row[0], int(row[1])) for row in sample.records("pa_voters", "Election Map", quoted=True)}
    for row in sample.records("pa_voters", " FVE ", quoted=True):
        for slot in range(40):
            method, party = row[70 + 2 * slot], row[71 + 2 * slot]
            assert bool(method) == bool(party)
            assert not method or (row[151], slot + 1) in slots


def test_reference_tables_cover_every_county(sample: Sample) -> None:
    markets = sample.table("media_markets", "2026-01-01")
    cvap = [row for row in sample.table("cvap_county", "2024-01-01") if row["lntitle"] == "Total"]
    president = sample.table("county_president", "2024-11-05")
    assert len({row["county_fips"] for row in markets}) == len(markets) == 455
    assert {row["geoid"][-5:] for row in cvap} == {row["county_fips"] for row in markets}
    assert Counter(row["year"] for row in president) == dict.fromkeys(map(str, range(2000, 2025, 4)), 455)
    assert all(int(row["votes_dem"]) + int(row["votes_rep"]) <= int(row["votes_total"]) for row in president)
