"""Each voter file's contract covers its sender's layout, and says whose data every column is.

The numbers of columns are those of the senders' own layouts; the sample generator, which was written from
the same layouts, has the same headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from orchestration.contracts.checks import delivery_checks
from orchestration.contracts.load import ROOT, load_contracts, validate_standard
from orchestration.contracts.model import Column, Contract, Kind, PiiFamily, Table
from orchestration.contracts.shape import file_columns, stored_columns
from orchestration.gates.checks import Severity
from orchestration.ingest.parse import members_of
from orchestration.sample import nc, oh, va
from orchestration.sample.data import columns

TODAY = date(2026, 9, 1)
VOTERS = ("nc_voters", "oh_voters", "fl_voters", "va_voters", "pa_voters")
HISTORIES = ("nc_history", "fl_history", "va_history")
GEOGRAPHY = ("cvap_county", "media_markets")
SOURCES = (*VOTERS, *HISTORIES, *GEOGRAPHY)

# Fields of one line of the file by day; of Ohio without its election columns.
LAYOUT = [
    ("nc_voters", date(2022, 2, 5), 71), ("nc_voters", date(2026, 1, 31), 67), ("nc_voters", TODAY, 70),
    ("nc_history", TODAY, 15), ("oh_voters", TODAY, 46), ("fl_voters", TODAY, 38), ("fl_history", TODAY, 5),
    ("va_voters", TODAY, 44), ("pa_voters", TODAY, 154),
    ("pa_zone_types", TODAY, 4), ("pa_zone_codes", TODAY, 4), ("pa_election_map", TODAY, 4),
    ("cvap_county", TODAY, 12), ("media_markets", TODAY, 3),
]  # fmt: skip
FL_VOTERS = columns("""
county_code voter_id name_last name_suffix name_first name_middle public_records_exemption residence_address_line_1
residence_address_line_2 residence_city residence_state residence_zipcode mailing_address_line_1
mailing_address_line_2 mailing_address_line_3 mailing_city mailing_state mailing_zipcode mailing_country gender race
birth_date registration_date party_affiliation precinct precinct_group precinct_split precinct_suffix voter_status
congressional_district house_district senate_district county_commission_district school_board_district
daytime_area_code daytime_phone_number daytime_phone_extension email_address
""")
PA_START = columns("""
id_number title last_name first_name middle_name suffix gender dob registration_date voter_status status_change_date
party_code house_number house_number_suffix street_name apartment_number address_line_2 city state zip mail_address_1
mail_address_2 mail_city mail_state mail_zip last_vote_date precinct_code precinct_split_id date_last_changed
custom_data_1
""")
PA_DISTRICTS = [f"district_{n}" for n in range(1, 41)]
PA_ELECTIONS = [f"election_{n}_{what}" for n in range(1, 41) for what in ("vote_method", "party")]
PA_END = ["home_phone", "county", "mail_country", "registration_method"]

# What a column of such a name holds about a person, whichever state sends it.
NAMED = (
    (PiiFamily.IDENTITY, r"(last|first|middle)_name|name_(last|first|middle|suffix).*|suffix|title"),
    (PiiFamily.IDENTITY, r"voter_id|ncid|sos_voterid|identification_number|id_number|voter_reg_num"),
    (PiiFamily.BIRTH, r"dob|date_of_birth|birth_.*|age_.*"),
    (PiiFamily.CONTACT, r".*(phone|email|area_code|zip|street|house_?number|apt_num|apartment).*"),
    (PiiFamily.CONTACT, r".*address(?!_use_residence).*|mail(ing)?_(addr|city|zip).*|res(iden\w+)?_city.*"),
)
# What models and goals rest on: if its values moved, somebody must notice before they are used.
GUARDED = {
    "nc_voters": "ncid county_id status_cd party_cd gender_code race_code birth_year registr_dt zip_code "
    "precinct_abbrv cong_dist_abbrv nc_senate_abbrv nc_house_abbrv",
    "oh_voters": "sos_voterid county_number voter_status party_affiliation date_of_birth registration_date "
    "residential_zip precinct_code congressional_district state_senate_district state_representative_district",
    "fl_voters": "voter_id county_code voter_status party_affiliation gender race birth_date registration_date "
    "residence_zipcode congressional_district senate_district house_district",
    "va_voters": "identification_number locality_code status gender dob registration_date zip precinct_code_value "
    "cong_code_value stsenate_code_value sthouse_code_value",
    "pa_voters": "id_number county voter_status party_code gender dob registration_date zip",
    "nc_history": "county_id county_desc election_lbl voting_method voted_party_cd",
    "fl_history": "county_code voter_id election_date election_type history_code",
    "va_history": "identification_number election_date election_type primary_type_code_name absentee",
    "cvap_county": "geoid lntitle cvap_est",
    "media_markets": "county_fips",
}

CONTRACTS = load_contracts()
PA_NAMES = ("ADAMS FVE 20260901.txt", "McKEAN Zone Types 20260901.txt", "MCKEAN Zone Codes 20260901.txt",
            "Adams Election Map 20260901.txt")  # fmt: skip


def table(name: str) -> Table:
    return next(t for c in CONTRACTS.values() for t in c.tables if t.name == name)


def all_columns() -> Iterator[tuple[Table, Column]]:
    for source in SOURCES:
        for of in CONTRACTS[source].tables:
            for column in of.columns:
                yield of, column


def physical(name: str, day: date = TODAY) -> list[str]:
    return [c.physical_name for c in file_columns(table(name), day)]


def fed(contract: Contract, path: str) -> list[str]:
    """Which tables of the contract a member of this path feeds."""
    return [t.name for t in contract.tables if members_of(t, [(Path(path).name, path)])]


@pytest.mark.parametrize("source", SOURCES)
def test_a_contract_meets_the_published_standard(source: str) -> None:
    contract = CONTRACTS[source]
    folder = "geography" if source in GEOGRAPHY else "voter_file"
    assert Path(contract.path) == ROOT / folder / f"{source}.odcs.yaml"
    validate_standard(Path(contract.path))


@pytest.mark.parametrize(("name", "day", "count"), LAYOUT)
def test_the_columns_are_those_of_the_layout(name: str, day: date, count: int) -> None:
    assert len(file_columns(table(name), day)) == count


def test_the_columns_have_the_names_and_order_of_the_senders() -> None:
    assert physical("nc_voters") == nc.VOTER_COLUMNS
    assert physical("nc_history") == nc.HISTORY_COLUMNS
    assert physical("oh_voters") == oh.STATIC_COLUMNS
    assert physical("va_voters") == va.VOTER_COLUMNS
    assert set(va.HISTORY_COLUMNS) <= set(physical("va_history"))
    names = [c.name for c in file_columns(table("fl_voters"), TODAY)]
    assert names == FL_VOTERS
    names = [c.name for c in file_columns(table("pa_voters"), TODAY)]
    assert names == PA_START + PA_DISTRICTS + PA_ELECTIONS + PA_END


def test_a_pennsylvania_line_may_lack_the_last_field_as_before_june_2024_and_no_other() -> None:
    of = table("pa_voters")
    assert of.reader is not None
    assert of.reader.short_rows == 153
    last = of.columns[-1]
    assert last.optional or not last.present_on(date(2024, 6, 17))
    assert [c.name for c in of.columns if c.optional or c.since] in ([], [last.name])
    assert of.column("county").required


def test_a_column_is_named_after_the_senders_header() -> None:
    for source in ("nc_voters", "nc_history", "oh_voters", "va_voters", "va_history"):
        assert [c.name for c in table(source).columns] == [c.physical_name.lower() for c in table(source).columns]


def test_ohio_takes_any_election_column_and_turns_it_into_rows() -> None:
    (rule,) = table("oh_voters").unpivots
    for name in ("PRIMARY-03/07/2000", "GENERAL-11/03/2026", "SPECIAL-08/08/2023"):
        assert re.fullmatch(rule.pattern, name)
    for name in ("GENERAL-2022-11-08", "PARTY_AFFILIATION", "RUNOFF-11/03/2026"):
        assert re.fullmatch(rule.pattern, name) is None
    assert [c.name for c in table("oh_history").columns] == [*rule.keys, "election_label", *rule.values]


def test_pennsylvania_turns_all_eighty_election_fields_into_vote_slots() -> None:
    (rule,) = table("pa_voters").unpivots
    matched = [c.name for c in table("pa_voters").columns if re.fullmatch(rule.pattern, c.physical_name)]
    assert matched == PA_ELECTIONS
    assert [c.name for c in table("pa_vote_slots").columns] == [*rule.keys, "election_number", *rule.values]
    assert not set(PA_ELECTIONS) & {c.name for c in stored_columns(table("pa_voters"))}


def test_every_name_address_phone_email_and_birth_column_says_so() -> None:
    wrong = [
        f"{of.name}.{column.name} is {column.pii}, expected {family}"
        for of, column in all_columns()
        if of.name not in GEOGRAPHY
        for family, pattern in NAMED
        if re.fullmatch(pattern, column.name) and column.pii is not family
    ]
    assert not wrong


def test_each_state_has_columns_of_each_direct_family() -> None:
    for source in VOTERS:
        families = {c.pii for c in table(source).columns}
        assert {PiiFamily.IDENTITY, PiiFamily.CONTACT, PiiFamily.BIRTH, PiiFamily.POLITICAL} <= families


@pytest.mark.parametrize("source", VOTERS)
def test_a_voter_file_has_one_required_key_of_a_known_form(source: str) -> None:
    contract = CONTRACTS[source]
    first = contract.tables[0]
    assert contract.kind is Kind.VOTERS
    (key,) = (c for c in first.columns if c.key)
    assert key.required
    assert key.strict
    assert key.pattern
    assert key.pii is PiiFamily.IDENTITY


@pytest.mark.parametrize("source", VOTERS)
def test_a_voter_file_shows_its_own_day_and_state(source: str) -> None:
    contract = CONTRACTS[source]
    assert contract.as_of is not None
    assert contract.as_of.table == contract.tables[0].name
    assert contract.as_of.max_lag_days <= 92
    assert contract.state_column is not None
    assert contract.state == source[:2].upper()
    assert contract.max_fall_share is not None
    assert contract.max_column_change_share is not None


@pytest.mark.parametrize("source", [*VOTERS, *HISTORIES])
def test_a_states_list_says_what_it_may_be_used_for_and_why(source: str) -> None:
    contract = CONTRACTS[source]
    assert {"analysis", "voter_contact", "aggregate_publication"} <= set(contract.permitted_use)
    assert re.search(r"G\.S\.|R\.C\.|Pa\.C\.S\.|Va\. Code|Florida Statutes", contract.licence)
    assert contract.on_refusal == "stop"
    assert contract.cadence_days
    assert contract.fresh_within_days
    assert contract.retention_days


def test_virginia_and_pennsylvania_are_not_used_to_raise_money() -> None:
    for source in ("va_voters", "va_history", "pa_voters"):
        assert "fundraising" not in CONTRACTS[source].permitted_use


def test_only_lists_that_their_state_publishes_have_an_address() -> None:
    assert {s for s in (*VOTERS, *HISTORIES) if CONTRACTS[s].url} == {"nc_voters", "nc_history", "oh_voters"}


@pytest.mark.parametrize(
    ("source", "count", "names"),
    [
        ("nc_voters", 1, ["ncvoter_Statewide.txt"]),
        ("nc_history", 1, ["ncvhis_Statewide.txt"]),
        ("oh_voters", 4, ["SWVF_1_22.txt", "SWVF_23_44.txt", "SWVF_45_66.txt", "SWVF_67_88.txt"]),
        ("fl_voters", 67, ["ALA_20260901.txt", "dad_20260901.txt", "WAS_20260901.txt"]),
        ("fl_history", 67, ["ALA_H_20260901.txt", "STJ_H_20260901.TXT"]),
        ("va_voters", 1, ["Registered_Voter_List.csv"]),
        ("pa_voters", 268, list(PA_NAMES)),
        ("cvap_county", 1, ["County.csv"]),
        ("media_markets", 1, ["media_markets.csv"]),
    ],
)
def test_each_part_is_expected_once(source: str, count: int, names: list[str]) -> None:
    contract = CONTRACTS[source]
    assert len(set(contract.expected_parts)) == count
    for name in names:
        assert [bool(re.search(p, name)) for p in contract.expected_parts].count(True) == 1
        assert len(fed(contract, name)) == 1


def test_an_ohio_part_is_not_taken_for_another() -> None:
    parts = CONTRACTS["oh_voters"].expected_parts
    assert not any(re.search(p, "SWVF_1_221.txt") for p in parts)


def test_members_are_found_in_subfolders_and_junk_folders_are_passed_over() -> None:
    voters, history = CONTRACTS["fl_voters"], CONTRACTS["fl_history"]
    assert fed(voters, "Voter_Registration_20260414/ALA_20260414.txt") == ["fl_voters"]
    assert fed(history, "Voter _History_20260414/ALA_H_20260414.txt") == ["fl_history"]
    for junk in ("VerificationFiles", "a/ProcessedFiles"):
        assert fed(voters, f"{junk}/ALA_20260414.txt") == []
        assert fed(history, f"{junk}/ALA_H_20260414.txt") == []
    assert fed(voters, "ALA_H_20260414.txt") == []
    assert fed(history, "ALA_20260414.txt") == []


def test_each_of_pennsylvanias_four_kinds_feeds_its_own_table() -> None:
    fedtables = [fed(CONTRACTS["pa_voters"], f"export/{name}") for name in PA_NAMES]
    assert fedtables == [["pa_voters"], ["pa_zone_types"], ["pa_zone_codes"], ["pa_election_map"]]


def test_virginias_history_is_told_by_its_header_and_not_by_its_name() -> None:
    assert fed(CONTRACTS["va_history"], "2026 November General.csv") == ["va_history"]
    optional = {c.name for c in table("va_history").columns if c.optional}
    assert {"absentee", "provisional"} <= optional


def test_files_are_read_as_their_senders_write_them() -> None:
    florida, virginia, pennsylvania = (table(f"{s}_voters").reader for s in ("fl", "va", "pa"))
    assert florida is not None
    assert virginia is not None
    assert pennsylvania is not None
    # A bare quotation mark stands in Florida's addresses; Virginia writes NULL for nothing.
    assert (florida.quote, florida.header, florida.delimiter) == (None, False, "\t")
    assert virginia.null_values == ("NULL",)
    assert virginia.encoding == "latin-1"
    assert (pennsylvania.header, pennsylvania.short_rows) == (False, 153)


@pytest.mark.parametrize("source", SOURCES)
def test_what_the_goals_rest_on_is_guarded_against_moved_values(source: str) -> None:
    contract = CONTRACTS[source]
    said = " ".join(
        f" {value} "
        for check in delivery_checks(contract)
        if check.severity is Severity.ERROR and check.kind != "not_null" and check.kind != "unique"
        for value in check.params.values()
    )
    held = {c.name for c in table(source).columns if c.strict}
    if contract.state_column is not None:
        held.add(contract.state_column[1])
    bare = [c for c in GUARDED[source].split() if c not in held and not re.search(rf"\b{c}\b", said)]
    assert not bare


@pytest.mark.parametrize("source", SOURCES)
def test_every_rule_gives_a_reason(source: str) -> None:
    for check in delivery_checks(CONTRACTS[source]):
        assert len(check.reason.split()) >= 4, check.check_id
