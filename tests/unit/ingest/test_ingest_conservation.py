"""Whatever arrives, every physical line is an accepted row or a quarantined line, exactly once."""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_support import COLUMNS, DAY1, contract, drop, only, rows_of, text

from orchestration.ingest.decode import Inspector

ANY_CELL = st.text(alphabet=st.characters(codec="latin-1", exclude_characters="\n\r"), max_size=6)
GOOD_CELL = st.text(alphabet=st.characters(codec="latin-1", min_codepoint=32, exclude_categories=["Cc"]), max_size=8)
GOOD_LINE = st.builds(
    lambda number, cells: "\t".join(['"' + str(number) + '"', *('"' + c.replace('"', '""') + '"' for c in cells)]),
    st.integers(1, 40),
    st.lists(GOOD_CELL, min_size=6, max_size=6),
)
ANY_LINE = st.one_of(
    GOOD_LINE,
    st.lists(ANY_CELL, min_size=0, max_size=9).map("\t".join),
    st.lists(ANY_CELL, min_size=7, max_size=7).map(lambda c: "\t".join(f'"{x}"' for x in c)),
    st.text(alphabet='"\t a1\x00', max_size=20),
)
OPEN = contract(asOf=None, stateColumn=None, maxQuarantinedShare=1.0)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def pass_all(files: object, checks: list[object]) -> list[object]:
    from orchestration.gates.checks import CheckResult, Severity, Status

    return [CheckResult(c.check_id, c.table, Status.PASS, Severity.ERROR, 1, 0, "", "", "") for c in checks]  # type: ignore[attr-defined]


@QUICK
@given(lines=st.lists(ANY_LINE, min_size=1, max_size=25), end=st.sampled_from(["\n", "\r\n"]))
def test_accepted_and_quarantined_lines_add_up_and_bear_their_numbers(lines: list[str], end: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        header = "\t".join(f'"{c}"' for c in COLUMNS)
        drop(home, DAY1, "".join(line + end for line in [header, *lines]))
        outcome = only(home, OPEN, gate=pass_all)
        # A file of which nothing is left is no file of voters, however much may be set aside.
        assert outcome.status == ("accepted" if outcome.accepted else "refused"), outcome.cause
        assert outcome.accepted or "[no_rows]" in str(outcome.cause)
        assert outcome.lines == len(lines) == outcome.accepted + outcome.quarantined
        bad = {
            number: raw
            for path in (home / "archive" / "quarantine").rglob("*.parquet")
            for number, raw in duckdb.sql(f"select line_number, raw from read_parquet('{path}')").fetchall()
        }
        assert len(bad) == outcome.quarantined
        # What was accepted is exactly what an independent parser makes of the lines that were.
        good = [line for number, line in enumerate(lines, start=2) if number not in bad]
        expected = list(csv.reader(io.StringIO("".join(f"{g}\n" for g in good)), delimiter="\t", strict=True))
        accepted = rows_of(outcome) if outcome.accepted else []
        assert accepted == [tuple((cell.rstrip(" \xa0") or None) for cell in row) for row in expected]


@QUICK
@given(
    rows=st.lists(st.lists(GOOD_CELL, min_size=6, max_size=6), min_size=1, max_size=12),
    bad=st.sets(st.integers(0, 11), max_size=4),
)
def test_a_bad_line_never_changes_the_rows_around_it(rows: list[list[str]], bad: set[int]) -> None:
    lines = [
        "\t".join(f'"{v}"' for v in [str(i + 1), *(c.replace('"', '""') for c in row)]) for i, row in enumerate(rows)
    ]
    header = "\t".join(f'"{c}"' for c in COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        clean = [line for i, line in enumerate(lines) if i not in bad]
        dirty = ["broken" if i in bad else line for i, line in enumerate(lines)]
        found = []
        for name, content in (("clean", clean), ("dirty", dirty)):
            drop(Path(folder) / name, DAY1, "".join(f"{line}\n" for line in [header, *content]))
            outcome = only(Path(folder) / name, OPEN, gate=pass_all)
            found.append(rows_of(outcome) if outcome.accepted else [])
        assert found[0] == found[1]


@QUICK
@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=6))
def test_byte_facts_do_not_depend_on_how_the_stream_is_cut(data: bytes, cuts: list[int]) -> None:
    whole, pieces = Inspector(), Inspector()
    whole.update(data)
    edges = sorted({0, *[c for c in cuts if c < len(data)], len(data)})
    for start, end in itertools.pairwise(edges):
        pieces.update(data[start:end])
    one, many = whole.finish(), pieces.finish()
    assert one == many
    assert one.newlines == data.count(b"\n")
    assert one.lines == len(data.decode("latin-1").split("\n")) - (data.endswith(b"\n") or not data)
    assert one.crlf == data.count(b"\r\n")
    try:
        data.decode("utf-8")
        line = None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    assert (one.utf8, one.utf8_error_line) == (line is None, line)


def test_the_order_of_lines_and_the_cutting_into_files_do_not_change_what_is_accepted(tmp_path: Path) -> None:
    from ingest_support import people

    rows = people(60)
    contents = {
        "one": {"tiny.txt": text(rows)},
        "shuffled": {"tiny.txt": text(reversed(rows))},
        "cut": {f"tiny{i}.txt": text(rows[i * 20 : i * 20 + 20]) for i in range(3)},
    }
    found = {}
    for name, files in contents.items():
        for file, content in files.items():
            drop(tmp_path / name, DAY1, content, file)
        found[name] = sorted(rows_of(only(tmp_path / name)))
    assert found["one"] == found["shuffled"] == found["cut"]
