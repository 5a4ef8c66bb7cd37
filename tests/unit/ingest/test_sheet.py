"""Spreadsheets saved as text: every option of ``Sheet`` with the file that needs it and one that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.contracts.model import Column, Reader, Sheet, Table
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.rows import ReadRows
from orchestration.ingest.sheet import read_sheet

Read = Callable[..., ReadRows]

CANVASS = Sheet(header_row=1, group_row=0, fixed=3, skip_first_column="Total|Percentage")
CANVASS_COLUMNS = (
    Column("county", "County"),
    Column("precinct", "Precinct"),
    Column("registered", "Registered", logical_type="integer"),
    Column("contest", "(title)"),
    Column("candidate", "(header)"),
    Column("votes", "(cell)", logical_type="integer"),
)
CANVASS_TEXT = (
    '"Official Canvass\n*Write-in candidates",,,"Governor\n",,"Senator\n"\n'
    "County,Precinct,Registered,Ann (D),Bob (R),Cem (L)\n"
    'Total,,"2,100","1,300",30,8\n'
    "Percentage,,,97.7%,2.3%,100.0%\n"
    'Adams,NORTH,"1,600","1,200",20,3\n'
    "Adams,SOUTH,500,100,10,5\n"
)

DATABASE = Sheet(header_row=0, subheader="party", fixed=2, skip_first_column="TOTALS", pad_short_rows=True)
DATABASE_COLUMNS = (
    Column("county", "County"),
    Column("precinct", "Pct"),
    Column("candidate", "(header)"),
    Column("party", "(second header line)"),
    Column("votes", "(cell)", logical_type="integer"),
    Column("contest", "(file name)"),
)
DATABASE_TEXT = (
    'County,Pct,"Ann Doe","Bob Roe","All Others"\n'
    ",,Democratic,Republican\n"
    'Accomack,101,"1,200",7,1\n'
    "Accomack,102,3,4,0\n"
    "Chesapeake,1,0\n"
    'TOTALS,,"1,203",11,1\n'
)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def _read(
        text: str, sheet: Sheet = CANVASS, columns: tuple[Column, ...] = CANVASS_COLUMNS, name: str = "sheet.csv",
        **options: Any,
    ) -> ReadRows:  # fmt: skip
        path = tmp_path / "member"
        path.write_text(text, encoding="utf-8")
        options = {"multiline": True, "final_newline": False} | options
        reader = Reader(members=".*", format="sheet", sheet=sheet, **options)
        return read_sheet(path, Table("results", "", "one row", columns, reader), name, date(2024, 11, 5))

    return _read


def database(read: Read, text: str = DATABASE_TEXT, sheet: Sheet = DATABASE, **options: Any) -> ReadRows:
    options = {"from_name": r"(?P<contest>.+)\.csv", "name": "Governor.csv"} | options
    return read(text, sheet, DATABASE_COLUMNS, **options)


def refusal(read: Callable[..., ReadRows], *args: Any, **kwargs: Any) -> DeliveryRefused:
    with pytest.raises(DeliveryRefused) as caught:
        read(*args, **kwargs)
    return caught.value


def counts(rows: ReadRows) -> tuple[int, int, int, int]:
    return rows.structural, rows.accepted, rows.quarantined.height, rows.lines


def test_each_candidate_column_becomes_a_row_under_its_contest(read: Read) -> None:
    rows = read(CANVASS_TEXT)
    assert rows.rows.rows() == [
        ("Adams", "NORTH", "1600", "Governor", "Ann (D)", "1200", 5),
        ("Adams", "NORTH", "1600", "Governor", "Bob (R)", "20", 5),
        ("Adams", "NORTH", "1600", "Senator", "Cem (L)", "3", 5),
        ("Adams", "SOUTH", "500", "Governor", "Ann (D)", "100", 6),
        ("Adams", "SOUTH", "500", "Governor", "Bob (R)", "10", 6),
        ("Adams", "SOUTH", "500", "Senator", "Cem (L)", "5", 6),
    ]
    assert counts(rows) == (4, 2, 0, 6)


def test_titles_that_hold_line_ends_need_the_declaration(read: Read) -> None:
    assert refusal(read, CANVASS_TEXT, multiline=False).reason_code == "multi_line_value"


def test_a_column_that_does_not_sum_to_the_total_line_refuses_the_sheet(read: Read) -> None:
    without = CANVASS_TEXT.replace("Adams,SOUTH,500,100,10,5\n", "")
    refused = refusal(read, without)
    assert (refused.reason_code, refused.column, refused.line) == ("total_line", "registered", 3)
    assert (refused.expected, refused.found) == ("2100", "1600")
    doubled = CANVASS_TEXT.replace("100,10,5", "100,11,5")
    assert refusal(read, doubled).column == "Bob (R)"


def test_a_total_line_that_is_not_declared_would_be_counted_as_a_precinct(read: Read) -> None:
    rows = read(CANVASS_TEXT, replace(CANVASS, skip_first_column=None))
    assert "Total" in rows.rows["county"].to_list()


def test_percentages_are_no_votes(read: Read) -> None:
    rows = read(CANVASS_TEXT, replace(CANVASS, skip_first_column="Total"))
    assert rows.quarantined["line_number"].to_list() == [4]
    assert rows.quarantined["reason"].to_list() == ["votes in field 4 is not a whole number"]


def test_thousands_commas_need_the_declaration(read: Read) -> None:
    strict = read(CANVASS_TEXT, replace(CANVASS, thousands=False, skip_first_column="Percentage"))
    assert strict.quarantined["line_number"].to_list() == [3, 5]
    assert strict.rows["line_number"].unique().to_list() == [6]


def test_commas_in_strange_places_are_no_thousands(read: Read) -> None:
    text = CANVASS_TEXT.replace('"1,200"', '"12,00"').replace('"1,300"', "100").replace('"2,100"', "500")
    text = text.replace(",30,8", ",10,5")
    rows = read(text)
    assert rows.quarantined["line_number"].to_list() == [5]


def test_the_header_is_found_by_its_row(read: Read) -> None:
    assert refusal(read, CANVASS_TEXT, replace(CANVASS, header_row=2)).reason_code == "not_this_file"
    assert refusal(read, "one line\n", CANVASS).reason_code == "no_header"


def test_contest_titles_are_found_by_their_row(read: Read) -> None:
    assert refusal(read, CANVASS_TEXT, replace(CANVASS, group_row=3, fixed=6)).reason_code == "no_candidates"
    untitled = CANVASS_TEXT.replace('"Governor\n"', "")
    assert refusal(read, untitled).reason_code == "no_contest_title"


def test_the_fixed_columns_must_be_the_declared_ones(read: Read) -> None:
    assert refusal(read, CANVASS_TEXT, replace(CANVASS, fixed=4)).reason_code == "undeclared_column"
    assert refusal(read, CANVASS_TEXT, replace(CANVASS, fixed=2)).reason_code == "missing_column"
    swapped = CANVASS_TEXT.replace("County,Precinct,", "Precinct,County,")
    assert refusal(read, swapped).reason_code == "column_order"


def test_without_fixed_the_declared_columns_are_counted(read: Read) -> None:
    assert read(CANVASS_TEXT, replace(CANVASS, fixed=None)).rows.height == 6


def test_value_label_and_group_take_the_names_of_the_contract(read: Read) -> None:
    named = replace(CANVASS, value="ballots", label="choice", group="title")
    columns = (*CANVASS_COLUMNS[:3], Column("title", "x"), Column("choice", "x"), Column("ballots", "x"))
    rows = read(CANVASS_TEXT, named, columns)
    assert rows.rows.select("title", "choice", "ballots").row(0) == ("Governor", "Ann (D)", "1200")


def test_the_party_stands_in_a_second_header_line(read: Read) -> None:
    rows = database(read)
    assert rows.rows.rows()[:3] == [
        ("Accomack", "101", "Ann Doe", "Democratic", "1200", "Governor", 3),
        ("Accomack", "101", "Bob Roe", "Republican", "7", "Governor", 3),
        ("Accomack", "101", "All Others", None, "1", "Governor", 3),
    ]
    assert counts(rows) == (3, 3, 0, 6)


def test_a_missing_party_line_is_noticed(read: Read) -> None:
    text = DATABASE_TEXT.replace(",,Democratic,Republican\n", "")
    assert refusal(database, read, text).reason_code == "no_party_line"


def test_an_undeclared_party_line_is_no_row_of_votes(read: Read) -> None:
    rows = read(
        DATABASE_TEXT, replace(DATABASE, subheader=None), tuple(c for c in DATABASE_COLUMNS if c.name != "party"),
        name="Governor.csv", from_name=r"(?P<contest>.+)\.csv",
    )  # fmt: skip
    assert rows.quarantined["line_number"].to_list() == [2]


def test_short_rows_are_padded_only_when_declared(read: Read) -> None:
    padded = database(read).rows
    assert padded.filter(padded["county"] == "Chesapeake").select("candidate", "votes").rows() == [("Ann Doe", "0")]
    strict = database(read, sheet=replace(DATABASE, pad_short_rows=False))
    assert strict.quarantined.rows() == [(5, "expected 5 fields, found 3", "Chesapeake,1,0")]


def test_a_row_longer_than_its_header_is_set_aside(read: Read) -> None:
    text = DATABASE_TEXT.replace("102,3,4,0", "102,3,4,0,9").replace('"1,203",11', '"1,200",7')
    assert database(read, text).quarantined["line_number"].to_list() == [4]


def test_named_candidates_are_held_to_the_total_line_and_all_others_are_not(read: Read) -> None:
    assert database(read, DATABASE_TEXT.replace("102,3,4,0", "102,3,4,2")).accepted == 3
    assert refusal(database, read, DATABASE_TEXT.replace("102,3,4,0", "102,3,5,0")).column == "Bob Roe"


def test_empty_columns_that_a_spreadsheet_left_behind_are_no_candidates(read: Read) -> None:
    text = "\n".join(line + ",," for line in DATABASE_TEXT.splitlines()) + "\n"
    assert database(read, text).rows.height == database(read).rows.height


def test_a_column_of_votes_without_a_name_is_refused(read: Read) -> None:
    text = DATABASE_TEXT.replace('"Bob Roe"', "")
    assert refusal(database, read, text).reason_code == "nameless_column"


def test_one_candidate_in_two_columns_is_refused(read: Read) -> None:
    text = DATABASE_TEXT.replace("Bob Roe", "Ann Doe").replace("Republican", "Democratic")
    assert refusal(database, read, text).reason_code == "doubled_column"


def test_blank_lines_are_no_rows(read: Read) -> None:
    rows = database(read, DATABASE_TEXT.replace("Chesapeake", ",,\n\nChesapeake"))
    assert counts(rows) == (5, 3, 0, 8)


def test_broken_quoting_refuses_the_sheet_with_its_line(read: Read) -> None:
    refused = refusal(database, read, DATABASE_TEXT.replace('"Ann Doe"', '"Ann Doe"x'))
    assert (refused.reason_code, refused.line) == ("malformed_sheet", 1)
