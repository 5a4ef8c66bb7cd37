"""Whatever bytes arrive, no line is lost, no row is made up, and nothing depends on order or on the cut into files."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from ingest_support import COLUMNS, contract
from property_support import parsing, property_of

from orchestration.contracts.model import Alias, Contract
from orchestration.ingest.errors import DeliveryRefused

FREE: dict[str, Any] = {"asOf": None, "stateColumn": None, "maxQuarantinedShare": 1.0}
TABBED = contract(**FREE)
LIST = contract(**FREE, kind="accumulate", reader={"encoding": "utf-8", "delimiter": ",", "order": "by_name"})
MULTILINE = contract(
    **FREE, kind="accumulate", reader={"encoding": "utf-8", "delimiter": ",", "order": "by_name", "multiline": True}
)
READERS = st.sampled_from([TABBED, LIST, MULTILINE])
# A small alphabet of what parsers stumble over, so that it is met often.
PIECES = st.sampled_from(
    ['"', '""', "\t", ",", "\r", "\n", "\r\n", "\0", "\x1b", " ", "1", "22", "A", "é", "\x85", "\ufeff", "\u202e", "'"]
)
JUNK = st.lists(PIECES, max_size=30).map("".join)
CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=6)
# Without the characters that could make a byte sequence of UTF-8: such a file is refused for its encoding.
LATIN = st.text(
    st.characters(codec="latin-1", exclude_categories=["Cc"], exclude_characters=map(chr, range(0x80, 0xC0))),
    max_size=6,
)


def ids(count: int) -> list[str]:
    return [str(1000 + i) for i in range(count)]


def written(made: Contract, rows: list[list[str]], header: tuple[str, ...] = COLUMNS, end: str = "\n") -> bytes:
    """Rows as a file that the reader of ``made`` describes, every value quoted."""
    reader = made.tables[0].reader
    assert reader is not None
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=reader.delimiter, quoting=csv.QUOTE_ALL, lineterminator=end).writerows([header, *rows])
    return out.getvalue().encode(reader.encoding)


def table(cell: st.SearchStrategy[str], most: int = 12) -> st.SearchStrategy[list[list[str]]]:
    """Rows of text under an id each."""
    values = st.lists(st.lists(cell, min_size=len(COLUMNS) - 1, max_size=len(COLUMNS) - 1), min_size=1, max_size=most)
    return values.map(lambda rows: [[number, *row] for number, row in zip(ids(len(rows)), rows, strict=True)])


def kept(row: list[str]) -> tuple[str | None, ...]:
    """What is left of a row's values: blanks behind them are cut, nothing is null."""
    return tuple(value.rstrip() or None for value in row)


@property_of(made=READERS, content=st.one_of(st.binary(max_size=200), JUNK.map(str.encode)), headed=st.booleans())
def test_any_bytes_are_refused_with_a_reason_or_accounted_for_to_the_last_line(
    made: Contract, content: bytes, headed: bool
) -> None:
    head = written(made, []) if headed else b""
    with parsing(made) as parse:
        taken = parse({"tiny.txt": head + content})
    if isinstance(taken, DeliveryRefused):
        assert taken.reason_code in str(taken)
        assert str(taken).isprintable(), taken
        return
    parsed = taken.parsed
    assert parsed.lines == parsed.accepted_lines + len(taken.quarantined)
    assert parsed.accepted_lines == len(taken.rows)
    if made is TABBED:
        body = content.removesuffix(b"\n").split(b"\n") if content else []
        assert parsed.lines == len(body)


@property_of(made=READERS, rows=table(LATIN), spoilt=st.dictionaries(st.integers(0, 11), JUNK, max_size=3))
def test_junk_among_good_lines_costs_only_itself(made: Contract, rows: list[list[str]], spoilt: dict[int, str]) -> None:
    good = written(made, rows).splitlines(keepends=True)
    junk = {at + 1: text.replace("\n", "").replace("\r", "") for at, text in spoilt.items() if at < len(rows)}
    lines = [
        f"{junk[i]}\n".encode(made.tables[0].reader.encoding, "replace") if i in junk else line  # type: ignore[union-attr]
        for i, line in enumerate(good)
    ]
    with parsing(made) as parse:
        taken = parse({"tiny.txt": b"".join(lines)})
    if isinstance(taken, DeliveryRefused):
        assert taken.reason_code in ("unclosed_quote", "wrong_encoding", "cut_short"), taken
        return
    expected = {kept(row) for i, row in enumerate(rows, start=1) if i not in junk}
    found = {row[:-1] for row in taken.rows}
    assert expected <= found or made is MULTILINE
    # What is neither a good row nor set aside can only be junk that is a row by itself.
    assert len(taken.rows) + len(taken.quarantined) == taken.parsed.lines
    assert len(found - expected) <= len(junk)


@property_of(made=READERS, rows=table(CELL))
def test_what_is_written_with_quotes_comes_back_as_it_was(made: Contract, rows: list[list[str]]) -> None:
    if made is TABBED:
        rows = [["".join(c for c in v if c < "\x80" or "\xc0" <= c <= "\xff") for v in row] for row in rows]
    with parsing(made) as parse:
        taken = parse({"tiny.txt": written(made, rows)})
    assert [row[:-1] for row in taken.rows] == [kept(row) for row in rows]
    assert (taken.parsed.lines, taken.quarantined) == (len(rows), [])


@property_of(rows=table(st.text(st.sampled_from('ab",\n'), max_size=8)))
def test_values_with_line_ends_come_back_as_they_were(rows: list[list[str]]) -> None:
    with parsing(MULTILINE) as parse:
        taken = parse({"tiny.txt": written(MULTILINE, rows)})
    assert [row[:-1] for row in taken.rows] == [kept(row) for row in rows]
    assert taken.quarantined == []


@property_of(made=READERS, rows=table(LATIN), data=st.data())
def test_the_order_of_the_lines_changes_nothing_but_their_numbers(
    made: Contract, rows: list[list[str]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    with parsing(made) as parse:
        one, other = parse({"tiny.txt": written(made, rows)}), parse({"tiny.txt": written(made, shuffled)})
    assert one.values == other.values
    assert sorted(q[1:] for q in one.quarantined) == sorted(q[1:] for q in other.quarantined)


@property_of(made=READERS, rows=table(LATIN), cut=st.integers(0, 12), end=st.sampled_from(["\n", "\r\n"]))
def test_a_file_in_two_parts_gives_the_same_rows(made: Contract, rows: list[list[str]], cut: int, end: str) -> None:
    parts = {f"tiny_{i}.txt": written(made, part, end=end) for i, part in enumerate((rows[:cut], rows[cut:])) if part}
    with parsing(made) as parse:
        whole, pieces = parse({"tiny.txt": written(made, rows)}), parse(parts)
    assert whole.values == pieces.values
    assert whole.parsed.lines == pieces.parsed.lines


@property_of(
    made=READERS, rows=table(LATIN), named=st.dictionaries(st.sampled_from(COLUMNS), st.integers(0, 99), max_size=6)
)
def test_columns_renamed_by_the_sender_give_the_same_rows_once_the_contract_knows(
    made: Contract, rows: list[list[str]], named: dict[str, int]
) -> None:
    header = tuple(f"vendor {name} {named[name]}" if name in named else name for name in COLUMNS)
    first = made.tables[0]
    columns = tuple(
        replace(c, aliases=(Alias(h, since=None, until=None),)) for c, h in zip(first.columns, header, strict=True)
    )
    renamed = replace(made, tables=(replace(first, columns=columns),))
    with parsing(made) as parse, parsing(renamed) as parse_renamed:
        plain = parse({"tiny.txt": written(made, rows)})
        again = parse_renamed({"tiny.txt": written(made, rows, header)})
    assert plain.values == again.values
    assert plain.quarantined == again.quarantined


@property_of(made=READERS, rows=table(LATIN), twice=st.lists(st.integers(0, 11), max_size=4))
def test_rows_told_twice_stay_once_and_the_rest_is_set_aside(
    made: Contract, rows: list[list[str]], twice: list[int]
) -> None:
    again = [rows[at % len(rows)] for at in twice]
    with parsing(made) as parse:
        once = parse({"tiny.txt": written(made, rows)}, unique=True)
        more = parse({"tiny.txt": written(made, [*rows, *again])}, unique=True)
    assert more.values == once.values
    assert len(more.quarantined) - len(once.quarantined) == len(again)
    assert more.parsed.lines == len(rows) + len(again)
