"""Everything that must stop a delivery does, says where and what, and never shows a person's record."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from ingest_support import COLUMNS, DAY1, DAY2, DAY3, contract, drop, only, packed, people, rows_of, take, text

from orchestration.ingest.ledger import Ledger

GOOD = people(400)


def refused(home: Path, code: str, *said: str, made: object = None) -> str:
    outcome = only(home, made)  # type: ignore[arg-type]
    assert outcome.status == "refused", outcome
    assert f"[{code}]" in str(outcome.cause), outcome.cause
    for word in said:
        assert word in str(outcome.cause), outcome.cause
    return str(outcome.cause)


def test_a_good_delivery_is_accepted_and_every_line_accounted_for(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    outcome = only(tmp_path)
    assert (outcome.status, outcome.lines, outcome.accepted, outcome.quarantined) == ("accepted", 400, 400, 0)
    assert re.fullmatch(r"tiny_voters/2026-09-01/[0-9a-f]{12}", outcome.delivery_id)


def test_a_new_column_is_refused_and_only_its_name_is_told(tmp_path: Path) -> None:
    rows = [[*row, "666-12-9999"] for row in GOOD]
    drop(tmp_path, DAY1, text(rows, (*COLUMNS, "ssn")))
    cause = refused(tmp_path, "undeclared_column", "column ssn", "tiny.txt", "line 1")
    assert "666" not in cause


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text([row[:4] + row[5:] for row in GOOD], COLUMNS[:4] + COLUMNS[5:]))
    refused(tmp_path, "missing_column", "column zip")


def test_a_renamed_column_is_refused_until_it_has_a_dated_alias(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD, (*COLUMNS[:4], "postcode", *COLUMNS[5:])))
    refused(tmp_path, "undeclared_column", "column postcode", "lacks zip")
    aliases = [{"property": "aliases", "value": [{"name": "postcode", "since": "2026-08-01"}]}]
    dated = contract(columns=[{"name": "zip", "customProperties": aliases}])
    assert only(tmp_path, dated).status == "accepted"
    aliases[0]["value"][0]["since"] = "2026-10-01"  # type: ignore[index]
    early = contract(columns=[{"name": "zip", "customProperties": aliases}])
    assert only(tmp_path, early).status == "refused"


def test_swapped_headers_are_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD, ("voter_id", "first_name", "last_name", *COLUMNS[3:])))
    refused(tmp_path, "column_order", "first_name", "field 2")


def test_a_doubled_header_is_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text([[*row, "x"] for row in GOOD], (*COLUMNS, "zip")))
    refused(tmp_path, "doubled_column", "column zip")


def test_a_file_without_header_is_refused_without_showing_its_first_row(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD, header=None))
    assert "Birch" not in refused(tmp_path, "not_this_file")


def test_values_that_moved_under_an_intact_header_are_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text([[r[0], r[1], r[2], r[4], r[3], r[5], r[6]] for r in GOOD]))
    refused(tmp_path, "gate", "county_is_known", "zip_is_a_zip")


def test_names_that_moved_under_an_intact_header_are_refused_from_the_second_day_on(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY2, text([[r[0], r[2], r[1], *r[3:]] for r in people(401, DAY2)]))
    first, second = take(tmp_path)
    assert first.status == "accepted"
    assert "[columns_changed]" in str(second.cause)
    assert "last_name, first_name" in str(second.cause)


@pytest.mark.parametrize(("encoding", "found"), [("utf-8", "utf-8"), ("utf-16", "utf-16")])
def test_another_encoding_than_declared_is_refused(tmp_path: Path, encoding: str, found: str) -> None:
    accented = [*GOOD, ["99999", "Núñez", "Zoë", "01", "12345", DAY1, "XX"]]
    drop(tmp_path, DAY1, text(accented).encode(encoding))
    cause = refused(tmp_path, "wrong_encoding", "expected latin-1", f"found {found}")
    assert "ez" not in cause.lower().split("found")[1].split(";")[0]


def test_latin_1_under_a_utf_8_contract_is_refused_with_its_first_line(tmp_path: Path) -> None:
    rows = [*GOOD[:100], ["99999", "Núñez", "Zoe", "01", "12345", DAY1, "XX"], *GOOD[100:]]
    drop(tmp_path, DAY1, text(rows).encode("latin-1"))
    refused(tmp_path, "wrong_encoding", "line 102", "expected utf-8", made=contract(reader={"encoding": "utf-8"}))


def test_accents_in_the_declared_encoding_arrive_as_they_are(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text([*GOOD, ["99999", "Núñez", "Zoë", "01", "12345", DAY1, "XX"]]).encode("latin-1"))
    assert ("99999", "Núñez", "Zoë", "01", "12345", DAY1, "XX") in rows_of(only(tmp_path))


def test_a_windows_1252_letter_in_a_latin_1_file_is_quarantined_and_named(tmp_path: Path) -> None:
    content = text([*GOOD, ["99999", "O@Neil", "Zoe", "01", "12345", DAY1, "XX"]]).encode("latin-1")
    drop(tmp_path, DAY1, content.replace(b"O@Neil", b"O\x92Neil"))
    outcome = only(tmp_path)
    assert (outcome.lines, outcome.accepted, outcome.quarantined) == (401, 400, 1)
    assert [r[2] for r in quarantined(tmp_path)] == ["windows-1252 character in a file declared otherwise"]


def test_a_file_cut_in_the_middle_of_a_line_is_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD)[:-9])
    refused(tmp_path, "cut_short", "line 401")


def test_a_file_cut_at_a_line_is_refused_by_its_size_against_the_day_before(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY2, text(people(200, DAY2)))
    first, second = take(tmp_path)
    assert first.status == "accepted"
    assert "[rows_fell]" in str(second.cause)
    assert "fell from 400 to 200" in str(second.cause)


def test_another_states_file_is_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text([[*row[:6], "YY"] for row in GOOD]))
    refused(tmp_path, "wrong_state", "0 of 400 rows")


def test_yesterdays_bytes_under_todays_date_are_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY2, text(GOOD))
    first, second = take(tmp_path)
    assert (first.status, second.status) == ("accepted", "refused")
    assert "[stale_resend]" in str(second.cause)
    assert DAY1 in str(second.cause)


def test_yesterdays_people_in_other_bytes_under_todays_date_are_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY2, text(reversed(GOOD)))
    assert "[stale_content]" in str(take(tmp_path)[1].cause)


def test_a_file_of_last_year_is_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(people(400, "2025-09-01")))
    refused(tmp_path, "old_content", "found 2025-09-01")


def test_tomorrows_file_under_todays_date_is_refused(tmp_path: Path) -> None:
    rows = people(400)
    for row in rows[:30]:
        row[5] = "2026-09-05"
    drop(tmp_path, DAY1, text(rows))
    refused(tmp_path, "newer_content", "30 rows")


def test_a_missing_part_is_refused_and_taken_when_it_comes(tmp_path: Path) -> None:
    made = contract(expectedParts=["^tiny_a", "^tiny_b"])
    drop(tmp_path, DAY1, text(people(200)), "tiny_a.txt")
    refused(tmp_path, "missing_part", "1 of 2 parts", "^tiny_b", made=made)
    drop(tmp_path, DAY1, text(people(200, first=5000)), "tiny_b.txt")
    outcome = only(tmp_path, made)
    assert (outcome.status, outcome.accepted) == ("accepted", 400)


def test_two_files_for_one_part_are_refused(tmp_path: Path) -> None:
    made = contract(expectedParts=["^tiny"])
    drop(tmp_path, DAY1, text(people(200)), "tiny_a.txt")
    drop(tmp_path, DAY1, text(people(200, first=5000)), "tiny_b.txt")
    refused(tmp_path, "doubled_part", "tiny_a.txt, tiny_b.txt", made=made)


def test_an_unexpected_file_is_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY1, "hello\n", "readme.doc")
    refused(tmp_path, "unexpected_file", "readme.doc")


def test_mixed_line_ends_are_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD[:200], end="\r\n") + text(GOOD[200:], header=None))
    refused(tmp_path, "mixed_line_ends", "201 CR LF and 200 LF")


def test_one_kind_of_line_end_is_as_good_as_the_other(tmp_path: Path) -> None:
    drop(tmp_path / "a", DAY1, text(GOOD, end="\r\n"))
    drop(tmp_path / "b", DAY1, text(GOOD))
    assert rows_of(only(tmp_path / "a")) == rows_of(only(tmp_path / "b"))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, "")
    refused(tmp_path, "empty_file")


def test_a_file_with_nothing_but_a_header_is_refused(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text([]))
    refused(tmp_path, "no_rows", "tiny.txt", "at least one row below the header")
    refused(tmp_path, "no_rows", "0 lines", made=contract(stateColumn=None, asOf=None))


def quarantined(home: Path) -> list[tuple[str, int, str, str]]:
    found = sorted((home / "archive" / "quarantine").rglob("*.parquet"))
    return [
        row
        for path in found
        for row in duckdb.sql(f"select source_file, line_number, reason, raw from read_parquet('{path}')").fetchall()
    ]


BROKEN = {
    "control character": lambda line: line.replace("Given", "Gi\x00ven"),
    "unbalanced or misplaced quotation mark": lambda line: line.replace('"Given', "Given", 1),
    "blank line": lambda line: "\n",
    "expected 7 fields, found 6": lambda line: line.split("\t", 1)[1],
    "expected 7 fields, found 8": lambda line: "\t".join(['"x"', line]),
    "voter_id is missing": lambda line: '""\t' + line.split("\t", 1)[1],
    "voter_id is not of the declared form": lambda line: line.replace('"1', '"A1', 1),
    "carriage return inside the line": lambda line: line.replace("Given", "Gi\rven"),
}


@pytest.mark.parametrize("reason", BROKEN)
@pytest.mark.parametrize("where", [1, 150, 400])
def test_a_single_bad_line_is_quarantined_with_its_number_and_the_others_are_kept(
    tmp_path: Path, reason: str, where: int
) -> None:
    lines = text(GOOD).splitlines(keepends=True)
    original = lines[where]
    lines[where] = BROKEN[reason](original)
    drop(tmp_path, DAY1, "".join(lines))
    # The one who registered last may be the one set aside.
    outcome = only(tmp_path, contract(asOf=None))
    assert (outcome.status, outcome.lines, outcome.accepted, outcome.quarantined) == ("accepted", 400, 399, 1)
    assert [(r[0], r[1], r[2]) for r in quarantined(tmp_path)] == [("tiny.txt", where + 1, reason)]
    numbers = duckdb.sql(f"select voter_id, _line from read_parquet('{outcome.tables['tiny_voters']}')").fetchall()
    assert all(number == int(voter) - 1000 + 1 for voter, number in numbers)


def test_a_repeated_voter_is_quarantined_and_the_first_one_kept(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text([*GOOD, [GOOD[7][0], "Other", "Person", "01", "12345", "2020-01-01", "XX"]]))
    outcome = only(tmp_path)
    assert (outcome.accepted, outcome.quarantined) == (400, 1)
    assert quarantined(tmp_path)[0][1:3] == (402, "voter_id repeats an earlier row")


def test_too_many_bad_lines_refuse_the_delivery_and_say_why(tmp_path: Path) -> None:
    lines = text(GOOD).splitlines(keepends=True)
    lines[10:15] = ['"1"\t"2"\n'] * 5
    drop(tmp_path, DAY1, "".join(lines))
    cause = refused(tmp_path, "too_many_malformed", "5 of 400 lines", "5 with expected 7 fields, found 2", "line 11")
    assert "Given" not in cause


def test_too_many_rows_against_a_rule_refuse_the_delivery(tmp_path: Path) -> None:
    rows = [["", *row[1:]] if i < 5 else row for i, row in enumerate(GOOD)]
    drop(tmp_path, DAY1, text(rows))
    refused(tmp_path, "too_many_quarantined", "5 of 400 lines", "5 because voter_id is missing")


def test_an_unterminated_quote_does_not_swallow_the_lines_after_it(tmp_path: Path) -> None:
    lines = text(GOOD).splitlines(keepends=True)
    lines[5] = lines[5].replace('"Given5"', '"Given5')
    drop(tmp_path, DAY1, "".join(lines))
    outcome = only(tmp_path)
    assert (outcome.accepted, outcome.quarantined) == (399, 1)


def test_the_quarantine_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text([["", *GOOD[0][1:]], *GOOD[1:]]))
    assert only(tmp_path).quarantined == 1
    (path,) = (tmp_path / "archive" / "quarantine").rglob("*.parquet")
    assert oct(path.stat().st_mode)[-3:] == "600"
    assert oct(path.parent.stat().st_mode)[-3:] == "700"


def test_no_message_holds_a_value_of_a_record(tmp_path: Path) -> None:
    canary = "Zzyzxcanary"
    lines = text([[r[0], canary, canary, *r[3:]] for r in GOOD]).splitlines(keepends=True)
    faults = {
        "a": "".join([*lines[:9], lines[9].replace("\t", "", 1), *lines[10:]]),
        "b": "".join(line.replace("\t", "", 1) if i > 9 else line for i, line in enumerate(lines)),
        "c": "".join(lines)[:-6],
        "d": "".join(line.replace(f'"{canary}"', f'"{canary}', 1) for line in lines),
        "e": "".join(lines[1:]),
        "f": "".join(lines).replace('"XX"', '"YY"'),
        "g": "".join(lines).replace('"0', f'"{canary}0'),
        "h": "".join(lines[:1] + [line.replace('"1', f'"{canary}', 1) for line in lines[1:]]),
    }
    for name, content in faults.items():
        drop(tmp_path / name, DAY1, content)
        outcome = only(tmp_path / name)
        assert canary not in repr(outcome), name
        for file in (tmp_path / name).rglob("*"):
            if file.is_file() and not {"landing", "objects", "quarantine", "accepted", "history"} & set(file.parts):
                assert canary.encode() not in file.read_bytes(), file
        with Ledger(tmp_path / name / "ledger.sqlite") as ledger:
            assert canary not in repr(ledger.steps(outcome.delivery_id))


def test_a_name_that_looks_like_a_pattern_opens_only_its_own_file(tmp_path: Path) -> None:
    made = contract(reader={"members": r"^tiny.*\.txt$"})
    drop(tmp_path, DAY1, text(GOOD), "tiny[1].txt")
    (tmp_path / "landing/tiny_voters" / DAY2).mkdir()
    drop(tmp_path, DAY2, text(people(401, DAY2)), "tiny1.txt")
    first, second = take(tmp_path, made)
    assert (first.accepted, second.accepted) == (400, 401)


@pytest.mark.parametrize("name", ["tiny';drop table x;--.txt", "tiny$$%s{0}.txt", 'tiny"quoted".txt', "tiny '' é.txt"])
def test_a_hostile_file_name_is_only_data(tmp_path: Path, name: str) -> None:
    drop(tmp_path, DAY1, text(GOOD), name)
    drop(tmp_path, DAY1, text(people(50, first=9000)), "tiny_b.txt")
    outcome = only(tmp_path)
    assert (outcome.status, outcome.accepted) == ("accepted", 450)
    from orchestration.ingest.run import accepted_views

    select = accepted_views(tmp_path, {"tiny_voters": contract()})["tiny_voters"]
    assert {r[0] for r in duckdb.sql(f"select distinct source_file from ({select})").fetchall()} == {
        name,
        "tiny_b.txt",
    }


def test_a_delivery_in_a_folder_without_a_date_is_told_where_to_go(tmp_path: Path) -> None:
    drop(tmp_path, "september", text(GOOD))
    refused(tmp_path, "misplaced", "expected a folder named by the snapshot date")


def test_a_refused_delivery_no_longer_matters_once_a_newer_one_is_accepted(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY2, text(GOOD)[:-4])
    assert [o.status for o in take(tmp_path)] == ["accepted", "refused"]
    drop(tmp_path, DAY3, text(people(401, DAY3)))
    assert [o.status for o in take(tmp_path)] == ["accepted", "superseded", "accepted"]


def test_junk_folders_inside_an_archive_are_passed_over(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, packed({"tiny.txt": text(GOOD), "junk/tiny.txt": "other\n"}), "x.zip")
    assert only(tmp_path).accepted == 400


def test_a_table_that_may_be_empty_is_taken_without_rows_and_judged_when_it_has_some(tmp_path: Path) -> None:
    empty_allowed = [{"property": "mayBeEmpty", "value": True}]
    drop(tmp_path, DAY1, text([]))
    assert only(tmp_path, contract(asOf=None, stateColumn=None)).status == "refused"
    assert only(tmp_path, contract(asOf=None, stateColumn=None, table=empty_allowed)).status == "accepted"
    bad = [[*row[:3], "99", *row[4:]] for row in people(100)]
    drop(tmp_path, DAY2, text(bad))
    outcomes = take(tmp_path, contract(asOf=None, stateColumn=None, table=empty_allowed))
    assert [o.status for o in outcomes] == ["accepted", "refused"]
    assert "county_is_known" in (outcomes[1].cause or "")


def test_an_own_account_may_have_a_quiet_day_but_a_result_is_of_one_election(tmp_path: Path) -> None:
    drop(tmp_path, DAY1, text(GOOD))
    drop(tmp_path, DAY2, text(GOOD))
    account = contract(kind="accumulate", asOf=None, stateColumn=None, reader={"order": "by_name"})
    assert [o.status for o in take(tmp_path, account)] == ["accepted", "duplicate"]
    other = tmp_path / "results"
    drop(other, DAY1, text(GOOD))
    drop(other, DAY2, text(GOOD))
    outcomes = take(other, replace(account, domain="results"))
    assert [o.status for o in outcomes] == ["accepted", "refused"]
    assert "stale_resend" in str(outcomes[1].cause)
