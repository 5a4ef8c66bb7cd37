"""What the command line prints: exact JSON, harmless CSV, readable tables, complaints beside the results."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest

from orchestration.cli.show import complain, defused, plain, print_csv, print_json, print_rows, print_table, progress
from orchestration.progress import Step, report

ROWS = [{"name": "=1+1", "votes": 1234567, "share": Decimal("0.5234"), "day": date(2026, 11, 3), "none": None}]
COLUMNS = ("name", "votes", "share", "day", "none")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_text_that_a_spreadsheet_would_run_is_defused(start: str) -> None:
    assert defused(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", ["NC-12", "37001", "", " =1", -3, -0.5, Decimal("-1.5"), None, date(2026, 1, 1)])
def test_what_is_no_formula_is_left_as_it_is(value: object) -> None:
    assert defused(value) == value


def test_csv_quotes_and_defuses_and_keeps_order(capsys: pytest.CaptureFixture[str]) -> None:
    print_csv([{"a": 'x,"y"', "b": -5, "c": "@sum"}], ("c", "a", "b"))
    text = capsys.readouterr().out
    assert list(csv.reader(io.StringIO(text))) == [["c", "a", "b"], ["'@sum", 'x,"y"', "-5"]]
    assert text.endswith("\n")
    assert "\r" not in text


def test_json_keeps_whole_decimals_whole_and_fractions_as_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"whole": Decimal("12345678901234567890"), "zeros": Decimal("10.00"), "share": Decimal("0.5234"),
                "day": date(2026, 11, 3), "name": "Núñez"})  # fmt: skip
    text = capsys.readouterr().out
    assert json.loads(text) == {
        "whole": 12345678901234567890, "zeros": 10, "share": 0.5234, "day": "2026-11-03", "name": "Núñez",
    }  # fmt: skip
    assert "Núñez" in text
    assert '"zeros": 10,' in text


def test_anything_else_becomes_text_in_json() -> None:
    assert plain({1}.__class__) == "<class 'set'>"


def test_rows_come_in_the_form_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(ROWS, COLUMNS, "json")
    assert json.loads(capsys.readouterr().out) == [
        {"name": "=1+1", "votes": 1234567, "share": 0.5234, "day": "2026-11-03", "none": None}
    ]
    print_rows(ROWS, COLUMNS, "csv")
    assert capsys.readouterr().out.splitlines() == ["name,votes,share,day,none", "'=1+1,1234567,0.5234,2026-11-03,"]
    print_rows(ROWS, COLUMNS, "table")
    shown = capsys.readouterr().out
    assert "1,234,567" in shown
    assert "0.5234" in shown


def test_square_brackets_in_a_cell_are_shown_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"cause": "[cut_short] the file ends within a line"}], ["cause"])
    assert "[cut_short] the file ends" in capsys.readouterr().out


def test_yes_and_no_are_words(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"current": True}, {"current": False}], ["current"])
    assert capsys.readouterr().out.split()[-2:] == ["yes", "no"]


def test_complaints_and_progress_leave_standard_output_to_results(capsys: pytest.CaptureFixture[str]) -> None:
    complain("no such thing")
    with progress():
        report(Step("parse", 10, 0.1))
        report(Step("look", None, 0.1))  # nothing to tell
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["winnumber: no such thing", "  parse: 0.1 s, 10 rows"]
