"""Result files read by name: what loads, what is set aside, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orchestration.contracts.model import Alias, Column, Reader, Table, Unpivot
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.records import read_records
from orchestration.ingest.rows import ReadRows

Read = Callable[..., ReadRows]

DAY = date(2020, 11, 3)
READER = Reader(members=".*", format="records", order="by_name", final_newline=False)
COLUMNS = (
    Column("county", "county"),
    Column("party", "party", optional=True, aliases=(Alias("party_code"),)),
    Column("votes", "votes", logical_type="integer", aliases=(Alias("ballots", until=date(2018, 1, 1)),)),
    Column("mail", "mail", logical_type="integer", optional=True, aliases=(Alias("absentee/mail-in"),)),
    Column("unnamed", "unnamed", optional=True),
)


def table(reader: Reader = READER, columns: tuple[Column, ...] = COLUMNS) -> Table:
    return Table("results", "", "one row per line", columns, reader)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def _read(
        text: str | bytes, reader: Reader = READER, columns: tuple[Column, ...] = COLUMNS,
        name: str = "file.csv", day: date = DAY,
    ) -> ReadRows:  # fmt: skip
        path = tmp_path / "member"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_records(path, table(reader, columns), name, day)

    return _read


def refusal(read: Read, *args: Any, **kwargs: Any) -> DeliveryRefused:
    with pytest.raises(DeliveryRefused) as caught:
        read(*args, **kwargs)
    return caught.value


def counts(rows: ReadRows) -> tuple[int, int, int, int]:
    return rows.structural, rows.accepted, rows.quarantined.height, rows.lines


def test_columns_are_found_by_name_whatever_their_order(read: Read) -> None:
    rows = read("votes, Party_Code ,county\n12,DEM,Adams\n3,REP,Allen\n")
    assert rows.rows.select("county", "party", "votes", "line_number").rows() == [
        ("Adams", "DEM", "12", 2),
        ("Allen", "REP", "3", 3),
    ]
    assert counts(rows) == (1, 2, 0, 3)


def test_a_column_that_the_file_lacks_is_null_when_declared_optional(read: Read) -> None:
    assert read("county,votes\nAdams,1\n").rows["party"].to_list() == [None]


def test_a_column_that_the_file_lacks_stops_it_when_not_optional(read: Read) -> None:
    refused = refusal(read, "county,party\nAdams,DEM\n")
    assert (refused.reason_code, refused.column) == ("missing_column", "votes")


def test_an_undeclared_column_is_refused_by_name_and_its_values_stay_unread(read: Read) -> None:
    refused = refusal(read, "county,votes,ssn\nAdams,1,123456789\n")
    assert refused.reason_code == "undeclared_column"
    assert refused.column == "ssn"
    assert "123456789" not in str(refused)


def test_an_alias_counts_only_in_its_time(read: Read) -> None:
    text = "county,ballots\nAdams,7\n"
    assert read(text, day=date(2016, 11, 8)).rows["votes"].to_list() == ["7"]
    assert refusal(read, text).reason_code == "undeclared_column"


def test_two_names_of_one_column_in_one_file_are_refused(read: Read) -> None:
    refused = refusal(read, "county,votes,mail,absentee/mail-in\nAdams,3,1,2\n")
    assert (refused.reason_code, refused.column) == ("doubled_column", "mail")


def test_a_repeated_header_text_can_be_declared_by_its_number(read: Read) -> None:
    columns = (Column("office", "office"), Column("district", "district", aliases=(Alias("office.2"),)))
    rows = read("office,office\nState House,12\n", columns=columns)
    assert rows.rows.select("office", "district").rows() == [("State House", "12")]


def test_columns_without_a_name_load_when_declared_and_empty(read: Read) -> None:
    rows = read("county,,votes,,\nAdams,,4,,\n")
    assert rows.rows["votes"].to_list() == ["4"]
    assert refusal(read, "county,,votes\nAdams,,4\n", columns=COLUMNS[:4]).column == "unnamed"


def test_a_value_under_a_column_without_a_name_sets_its_line_aside(read: Read) -> None:
    rows = read("county,,votes\nAdams,,4\nAllen,5,6\n")
    assert rows.rows["county"].to_list() == ["Adams"]
    assert rows.quarantined.rows() == [(3, "a value stands under a column without a name", "Allen,5,6")]
    assert counts(rows) == (1, 1, 1, 3)


def test_a_strict_order_refuses_another_order(read: Read) -> None:
    strict = replace(READER, order="strict")
    assert read("county,votes\nAdams,1\n", reader=strict).accepted == 1
    assert refusal(read, "votes,county\n1,Adams\n", reader=strict).reason_code == "column_order"


def test_a_strict_order_holds_from_its_day_on(read: Read) -> None:
    strict = replace(READER, order="strict", order_since=DAY)
    assert read("votes,county\n1,Adams\n", reader=strict, day=date(2019, 1, 1)).accepted == 1
    assert refusal(read, "votes,county\n1,Adams\n", reader=strict).reason_code == "column_order"


def test_a_column_outside_its_time_is_neither_wanted_nor_taken(read: Read) -> None:
    columns = (*COLUMNS[:3], Column("mode", "mode", since=date(2018, 7, 1)))
    assert read("county,votes\nAdams,1\n", columns=columns, day=date(2016, 11, 8)).accepted == 1
    assert refusal(read, "county,votes\nAdams,1\n", columns=columns).reason_code == "missing_column"
    early = refusal(read, "county,votes,mode\nAdams,1,x\n", columns=columns, day=date(2016, 11, 8))
    assert early.reason_code == "undeclared_column"


def test_a_contract_without_header_is_not_read_by_name(read: Read) -> None:
    with pytest.raises(ValueError, match="header: false"):
        read("county,votes\n", reader=replace(READER, header=False))


def test_short_and_long_lines_are_set_aside_with_number_and_reason(read: Read) -> None:
    rows = read("county,votes\nAdams,1\nAllen\nAshland,2,3\nAthens,4\n")
    assert rows.rows.select("county", "line_number").rows() == [("Adams", 2), ("Athens", 5)]
    assert rows.quarantined.rows() == [
        (3, "expected 2 fields, found 1", "Allen"),
        (4, "expected 2 fields, found 3", "Ashland,2,3"),
    ]
    assert counts(rows) == (1, 2, 2, 5)


def test_short_lines_are_padded_only_as_far_as_declared(read: Read) -> None:
    lenient = replace(READER, short_rows=2)
    rows = read("county,party,votes\nAdams,DEM\nAllen\n", reader=lenient)
    assert rows.rows.select("county", "party", "votes").rows() == [("Adams", "DEM", None)]
    assert rows.quarantined["line_number"].to_list() == [3]


def test_a_quote_that_is_never_closed_takes_only_its_own_line_along(read: Read) -> None:
    rows = read('county,votes\nAdams,1\n"Allen,2\nAshland,3\n')
    assert rows.rows["county"].to_list() == ["Adams", "Ashland"]
    assert rows.quarantined["line_number"].to_list() == [3]


def test_a_value_over_two_lines_is_one_record_only_where_declared(read: Read) -> None:
    text = 'county,votes\n"Ad\nams",1\nAllen,2\n'
    rows = read(text, reader=replace(READER, multiline=True))
    assert rows.rows.select("county", "line_number").rows() == [("Ad\nams", 2), ("Allen", 3)]
    assert counts(rows) == (1, 2, 0, 3)
    assert read(text).quarantined["line_number"].to_list() == [2, 3]


def test_inner_quotes_survive(read: Read) -> None:
    rows = read('county,votes\n"STEVE A ""VON"" LOOR",1\nJo "Jo" Doe,2\n')
    assert rows.rows["county"].to_list() == ['STEVE A "VON" LOOR', 'Jo "Jo" Doe']


def test_without_quoting_a_quotation_mark_is_data(read: Read) -> None:
    rows = read('county\tvotes\n"Adams\t1\n', reader=replace(READER, delimiter="\t", quote=None))
    assert rows.rows["county"].to_list() == ['"Adams']


def test_a_file_with_bare_cr_line_ends_loads(read: Read) -> None:
    rows = read("county,votes\rAdams,1\rAllen,2")
    assert rows.rows["county"].to_list() == ["Adams", "Allen"]
    assert counts(rows) == (1, 2, 0, 3)


def test_crlf_and_a_byte_order_mark_leave_no_trace(read: Read) -> None:
    rows = read(b"\xef\xbb\xbfcounty,votes\r\nAdams,1\r\n")
    assert rows.rows.select("county", "votes").rows() == [("Adams", "1")]


def test_a_stray_cr_inside_a_line_sets_that_line_aside(read: Read) -> None:
    rows = read("county,votes\nAda\rms,1\nAllen,2\n")
    assert rows.rows["county"].to_list() == ["Allen"]
    assert rows.quarantined["line_number"].to_list() == [2]


def test_blank_lines_and_lines_of_bare_delimiters_hold_no_row(read: Read) -> None:
    rows = read("county,votes\nAdams,1\n\n,\nAllen,2\n\n")
    assert rows.rows.select("county", "line_number").rows() == [("Adams", 2), ("Allen", 5)]
    assert counts(rows) == (4, 2, 0, 6)


def test_a_trailing_delimiter_is_no_column(read: Read) -> None:
    trailing = replace(READER, delimiter="\t", trailing_delimiter=True)
    assert read("county\tvotes\t\nAdams\t1\t\n", reader=trailing).rows["votes"].to_list() == ["1"]
    rows = read("county\tvotes\t\nAdams\t1\t9\n", reader=trailing)
    assert rows.quarantined["reason"].to_list() == ["a value stands under a column without a name"]
    undeclared = refusal(read, "county\tvotes\t\nAdams\t1\t\n", replace(READER, delimiter="\t"), COLUMNS[:4])
    assert undeclared.reason_code == "undeclared_column"


def test_thousands_commas_go_only_from_whole_numbers_that_have_them(read: Read) -> None:
    rows = read('county,votes\n"1,234","1,234"\n"Adams","1,23"\n')
    assert rows.rows.select("county", "votes").rows() == [("1,234", "1234"), ("Adams", "1,23")]


def test_declared_null_markers_and_blanks_are_null(read: Read) -> None:
    rows = read("county,party,votes\nAdams,NA,1 \n,DEM,2\n", reader=replace(READER, null_values=("NA",)))
    assert rows.rows.select("county", "party", "votes").rows() == [("Adams", None, "1"), (None, "DEM", "2")]
    assert read("county,party,votes\nAdams,NA,1\n").rows["party"].to_list() == ["NA"]


def test_the_file_name_fills_columns_and_a_strange_name_is_refused(read: Read) -> None:
    reader = replace(READER, from_name=r"(?P<day>\d{8})__(?P<state>[a-z]{2})__.*\.csv")
    columns = (*COLUMNS, Column("day", "(file name)"), Column("state", "(file name)"))
    rows = read("county,votes\nAdams,1\n", reader, columns, name="folder/20201103__oh__general.csv")
    assert rows.rows.select("state", "day").rows() == [("oh", "20201103")]
    assert refusal(read, "county,votes\nAdams,1\n", reader, columns, name="x.csv").reason_code == "file_name"


def test_bytes_of_another_encoding_are_refused_with_their_line(read: Read) -> None:
    refused = refusal(read, "county,votes\nAdams,1\nDoña,2\n".encode("latin-1"))
    assert (refused.reason_code, refused.line) == ("wrong_encoding", 3)
    latin = replace(READER, encoding="latin-1")
    assert read("county,votes\nDoña,2\n".encode("latin-1"), reader=latin).rows["county"].to_list() == ["Doña"]
    wide = replace(READER, encoding="utf-16")
    assert read("county,votes\nDoña,2\n".encode("utf-16"), reader=wide).rows["county"].to_list() == ["Doña"]


def test_a_last_line_without_a_line_end_is_refused_unless_declared(read: Read) -> None:
    text = "county,votes\nAdams,1"
    assert read(text).accepted == 1
    assert refusal(read, text, reader=replace(READER, final_newline=True)).reason_code == "cut_short"


def test_an_empty_file_and_a_file_without_a_header_are_refused(read: Read) -> None:
    assert refusal(read, "").reason_code == "empty_file"
    assert refusal(read, '"county\nAdams\n').reason_code == "no_header"


def test_a_file_of_its_header_alone_has_no_rows(read: Read) -> None:
    assert counts(read("county,votes\n")) == (1, 0, 0, 1)


def test_line_numbers_follow_the_file_over_many_lines(read: Read) -> None:
    lines = [f"C{i},{i}" for i in range(50_000)]
    lines[25_000] = "broken"
    rows = read("county,votes\n" + "\n".join(lines) + "\n")
    assert (rows.rows["line_number"] - 2 == rows.rows["votes"].cast(int)).all()
    assert counts(rows) == (1, 49_999, 1, 50_001)


def test_a_reader_that_loses_a_line_is_an_internal_error() -> None:
    empty = pl.DataFrame(schema={"line_number": pl.Int64, "reason": pl.String, "raw": pl.String})
    with pytest.raises(AssertionError, match="lost count"):
        ReadRows(empty, empty, structural=1, accepted=1, lines=3)


def test_a_reader_of_multi_line_values_reads_files_without_them_alike(read: Read) -> None:
    text = 'county,votes\nAdams,1\n"Allen, east",2\n'
    plain, multiline = read(text), read(text, reader=replace(READER, multiline=True))
    assert plain.rows.equals(multiline.rows)
    assert counts(plain) == counts(multiline) == (1, 2, 0, 3)
    # One value with a line end: its record is one row, and the rows after it keep their record's number.
    rows = read('county,votes\n"Ad\nams",1\nAllen,2\n', reader=replace(READER, multiline=True))
    assert rows.rows["county"].to_list() == ["Ad\nams", "Allen"]
    assert rows.rows["line_number"].to_list() == [2, 3]


def test_columns_that_share_a_name_are_told_apart_by_their_place(read: Read) -> None:
    columns = (
        Column("reserved_1", "Reserved"),
        Column("amount", "Amount"),
        Column("reserved_2", "Reserved.2"),
        Column("reserved_3", "Reserved.3", optional=True),
    )
    rows = read("Reserved,Amount,Reserved,Reserved\na,1,b,c\n", columns=columns).rows
    assert rows.select("reserved_1", "amount", "reserved_2", "reserved_3").row(0) == ("a", "1", "b", "c")
    # An older vintage with fewer of them still reads; one more than declared is refused by name.
    assert read("Reserved,Amount,Reserved\na,1,b\n", columns=columns).rows["reserved_3"].to_list() == [None]
    refused = refusal(read, "Reserved,Amount,Reserved,Reserved,Reserved\na,1,b,c,d\n", columns=columns)
    assert (refused.reason_code, refused.column) == ("undeclared_column", "reserved.4")


QUESTIONS = replace(
    table(replace(READER, multiline=True)),
    unpivots=(
        Unpivot("answers", ("county",), r"(?s)question\[(?P<question>.*?)\](?P<repeat>(?:_[0-9]+)?)", ("answer",)),
    ),
)


def test_columns_declared_by_a_pattern_keep_their_own_names_even_over_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "member"
    head = 'county,votes,"question[Who, if ""anyone"",\nwill you support?]",question[Sign?]\n'
    path.write_text(head + "Adams,3,Us,yes\nAllen,4,,no\n")
    rows = read_records(path, QUESTIONS, "file.csv", DAY)
    assert rows.rows['question[Who, if "anyone",\nwill you support?]'].to_list() == ["Us", None]
    assert rows.rows["question[Sign?]"].to_list() == ["yes", "no"]
    assert rows.rows["line_number"].to_list() == [3, 4]
    assert counts(rows) == (2, 2, 0, 4)


def test_a_column_that_no_pattern_declares_is_refused_beside_those_that_one_does(tmp_path: Path) -> None:
    path = tmp_path / "member"
    path.write_text("county,votes,question[Sign?],contact[ssn]\nAdams,3,yes,1\n")
    with pytest.raises(DeliveryRefused) as caught:
        read_records(path, QUESTIONS, "file.csv", DAY)
    assert caught.value.reason_code == "undeclared_column"
    assert caught.value.column == "contact[ssn]"


def test_two_columns_of_one_question_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "member"
    path.write_text("county,votes,question[Sign?],question[Sign?]\nAdams,3,yes,no\n")
    with pytest.raises(DeliveryRefused) as caught:
        read_records(path, QUESTIONS, "file.csv", DAY)
    assert caught.value.reason_code == "doubled_column"


def test_a_header_that_never_ends_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "member"
    path.write_text('county,votes,"question[Sign?\nAdams,3,yes\n')
    with pytest.raises(DeliveryRefused) as caught:
        read_records(path, QUESTIONS, "file.csv", DAY)
    assert caught.value.reason_code == "no_header"
