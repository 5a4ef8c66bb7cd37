"""Voter files spoilt in their bytes, header, lines and values, or as an electorate."""

from __future__ import annotations

import codecs

from bad_kinds import Kind, Make, as_it_is, changed_bytes, changed_cells, changed_lines, only
from bad_world import CANARY, FIRST, SECOND, Grid, Scene

NC, VA = "nc_voters", "va_voters"
NC_FILE, VA_FILE = "ncvoter_Statewide.txt", "Registered_Voter_List.csv"
# A voter in the first county, long registered.
ROW = 7


def refused(name: str, make: Make, code: str, *said: str, source: str = NC, **more: object) -> Kind:
    return Kind(name, source, make, "refused", code, said, **more)  # type: ignore[arg-type]


def quarantined(name: str, make: Make, reason: str, *, source: str = NC, lines: int = 1, more: int = 0) -> Kind:
    return Kind(name, source, make, "accepted", quarantined=lines, reasons=(reason,), more=more)


def accepted(name: str, make: Make, *, source: str = NC, more: int = 0) -> Kind:
    return Kind(name, source, make, "accepted", more=more)


def line(change: bytes, to: bytes, row: int = ROW) -> Make:
    """The first ``change`` in one line becomes ``to``."""

    def edit(lines: list[bytes]) -> None:
        assert change in lines[row], "the maker no longer finds what it spoils"
        lines[row] = lines[row].replace(change, to, 1)

    return changed_lines(edit)


def header(change: bytes, to: bytes) -> Make:
    return line(change, to, 0)


def cell(column: str, value: str, row: int = ROW) -> Make:
    return changed_cells(lambda grid: grid.set(row, column, value))


def column(name: str, value: str) -> Make:
    return changed_cells(lambda grid: grid.fill(name, value))


def rows(change: object) -> Make:
    """``change`` is called with the rows below the header."""

    def edit(grid: Grid) -> None:
        body = grid.rows[1:]
        change(body)  # type: ignore[operator]
        grid.rows[1:] = body

    return changed_cells(edit)


def _swap_header(grid: Grid) -> None:
    names = grid.rows[0]
    a, b = names.index("last_name"), names.index("first_name")
    names[a], names[b] = names[b], names[a]


def _move(grid: Grid, a: str, b: str, first: int) -> None:
    at, to = grid.place(a), grid.place(b)
    for row in grid.rows[first:]:
        row[at], row[to] = row[to], row[at]


def _more_columns(grid: Grid, names: list[str], value: str) -> None:
    grid.rows[0] += names
    for row in grid.rows[1:]:
        row += [value] * len(names)


def _drop_column(grid: Grid, name: str) -> None:
    at = grid.place(name)
    for row in grid.rows:
        del row[at]


def _halved(lines: list[bytes]) -> None:
    del lines[len(lines) // 2 :]


def _without_last_county(lines: list[bytes]) -> None:
    while b"YANCEY" in lines[-1]:
        del lines[-1]


def _doubled(grid: Grid) -> None:
    """Every voter once more under an id of his own: two states of one file joined."""
    at = grid.place("ncid")
    copies = [list(row) for row in grid.rows[1:]]
    for number, row in enumerate(copies):
        row[at] = f"ZZ{number:07d}".ljust(12)
    grid.rows += copies


def _dated(value: str, count: int) -> Make:
    def edit(grid: Grid) -> None:
        at = grid.place("registr_dt")
        for row in grid.rows[ROW : ROW + count]:
            row[at] = value

    return changed_cells(edit)


def _other_states_rows(scene: Scene) -> None:
    content = scene.files(source=VA)[VA_FILE]
    scene.put({NC_FILE: content})


def _other_states_file(scene: Scene) -> None:
    scene.put(scene.files(source=VA))


def _rewritten(scene: Scene) -> None:
    """Yesterday's rows, in another order of lines, under today's date."""
    files = scene.files(FIRST)
    lines = files[NC_FILE].splitlines(keepends=True)
    scene.put({NC_FILE: b"".join([lines[0], *reversed(lines[1:])])})


def _twice(row: int, **changes: str) -> Make:
    def edit(grid: Grid) -> None:
        copy = list(grid.rows[row])
        for name, value in changes.items():
            copy[grid.place(name)] = value
        grid.rows.append(copy)

    return changed_cells(edit)


def _many_twice(grid: Grid) -> None:
    grid.rows += [list(row) for row in grid.rows[ROW : ROW + 30]]


def _wrong_delimiter(grid: Grid) -> None:
    grid.delimiter = ","


def _no_zeros(grid: Grid) -> None:
    grid.fill("IDENTIFICATION_NUMBER", lambda value: value.lstrip("0"))


def _scientific(grid: Grid) -> None:
    grid.fill("IDENTIFICATION_NUMBER", lambda value: f"{int(value):.2E}")


def _spreadsheet_errors(grid: Grid) -> None:
    for row in grid.rows[ROW : ROW + 60]:
        row[grid.place("IDENTIFICATION_NUMBER")] = "#REF!"


def _party_blanked(grid: Grid) -> None:
    grid.fill("party_cd", lambda value: "UNA" if value.strip() == "REP" else value)


BYTES = (
    quarantined("an unterminated quote", line(b'"' + CANARY.encode() + b'"', b'"' + CANARY.encode()),
                "unbalanced or misplaced quotation mark"),
    quarantined("a quotation mark inside a value", line(CANARY.encode(), b'ZZ"QUICK'),
                "unbalanced or misplaced quotation mark"),
    accepted("doubled quotation marks inside a value", line(CANARY.encode(), b'ZZ""QUICK""')),
    quarantined("a short row", line(b'"ALAMANCE"\t', b""), "expected 70 fields, found 69"),
    quarantined("a long row", line(b'"' + CANARY.encode(), b'""\t"' + CANARY.encode()),
                "expected 70 fields, found 71"),
    quarantined("a NUL byte in a value", line(CANARY.encode(), b"ZZ\0QUICK"), "control character"),
    quarantined("a terminal code in a value", line(CANARY.encode(), b"\x1b[2J" + CANARY.encode()), "control character"),
    quarantined("a lone carriage return in a value", line(CANARY.encode(), b"ZZ\rQUICK"),
                "carriage return inside the line"),
    quarantined("a blank line", changed_lines(lambda lines: lines.insert(ROW, b"\r\n")), "blank line", more=1),
    quarantined("a line of ten megabytes", line(CANARY.encode(), CANARY.encode() * 800_000),
                "longer than 1048576 bytes"),
    quarantined("one line in UTF-8 in a latin-1 file", line(CANARY.encode(), "NUÑEZ".encode()),
                "windows-1252 character in a file declared otherwise"),
    quarantined("one line in windows-1252 in a latin-1 file", line(CANARY.encode(), b"O\x92BRIEN"),
                "windows-1252 character in a file declared otherwise"),
    refused("a whole file in UTF-16", changed_bytes(lambda c: c.decode("latin-1").encode("utf-16")),
            "wrong_encoding", NC_FILE, "expected latin-1", "found utf-16"),
    refused("a whole file in UTF-8", changed_bytes(lambda c: c.decode("latin-1").replace("WILLIAMS", "NUÑEZ").encode()),
            "wrong_encoding", NC_FILE, "found utf-8"),
    refused("a byte order mark in a latin-1 file", changed_bytes(lambda c: codecs.BOM_UTF8 + c),
            "wrong_encoding", NC_FILE, "found utf-8"),
    refused("a file cut within a line", changed_bytes(lambda c: c[:-12]), "cut_short", NC_FILE, "line 2116"),
    refused("a file cut between lines", changed_lines(_halved), "rows_fell", "fell from 2113 to 1057"),
    refused("CR LF and LF mixed", changed_bytes(lambda c: c.replace(b"\r\n", b"\n", 900)),
            "mixed_line_ends", NC_FILE, "1216 CR LF and 900 LF"),
    refused("lines that end with CR alone", changed_bytes(lambda c: c.replace(b"\r\n", b"\r")),
            "wrong_line_ends", NC_FILE),
    accepted("LF in place of CR LF", changed_bytes(lambda c: c.replace(b"\r\n", b"\n"))),
    refused("an empty file", changed_bytes(lambda c: b""), "empty_file", NC_FILE, "Ask the sender"),
    refused("a header and nothing else", changed_lines(lambda lines: lines.__delitem__(slice(1, None))),
            "no_rows", NC_FILE),
    refused("a blank first line", changed_lines(lambda lines: lines.insert(0, b"\r\n")), "no_header", "line 1"),
    refused("a Parquet file named txt", only(NC_FILE, b"PAR1" + b"\x15\x04" * 4000 + b"PAR1"),
            "not_this_file", NC_FILE, "a Parquet file"),
    refused("a web page saved as text", only(NC_FILE, b"<!DOCTYPE html>\n<html><body>Please sign in</body></html>\n"),
            "not_this_file", NC_FILE, "a web page", "signed in"),
    refused("JSON in place of a table", only(NC_FILE, f'[{{"ncid": "AA1", "last_name": "{CANARY}"}}]\n'.encode()),
            "not_this_file", NC_FILE, "found JSON"),
    refused("an encrypted message in place of a table", only(NC_FILE, b"-----BEGIN PGP MESSAGE-----\n\nhQEM\n"),
            "not_this_file", "an encrypted or signed message"),
    refused("lines that the engine cannot read as a whole",
            lambda scene: (scene.monkeypatch.setattr("orchestration.ingest.parse._copy", lambda *a: False),
                           as_it_is()(scene))[1],
            "unreadable", NC_FILE, "Compare the delimiter and quoting"),
)  # fmt: skip

HEADERS = (
    refused("two columns swapped in the header", changed_cells(_swap_header), "column_order", "last_name", "first_name",
            "field 5"),
    refused("a renamed column", header(b'"last_name"', b'"surname"'), "undeclared_column", "line 1", "column surname",
            "lacks last_name"),
    refused("an added column", changed_cells(lambda g: _more_columns(g, ["shoe_size"], "9")), "undeclared_column",
            "column shoe_size", "PII family"),
    refused("a removed column", changed_cells(lambda g: _drop_column(g, "middle_name")), "missing_column",
            "column middle_name"),
    refused("a column named twice", changed_cells(lambda g: _more_columns(g, ["last_name"], CANARY)), "doubled_column",
            "column last_name"),
    refused("columns and values reordered together", changed_cells(lambda g: _move(g, "last_name", "first_name", 0)),
            "column_order", "Ask the sender whether header and values moved together"),
    accepted("the header in capitals", changed_lines(lambda lines: lines.__setitem__(0, lines[0].upper()))),
    accepted("blanks around a column's name", header(b'"last_name"', b'" last_name "')),
    refused("a file without its header", changed_lines(lambda lines: lines.__delitem__(0)), "not_this_file", "line 1",
            "has no header"),
    refused("five thousand columns too many",
            changed_cells(lambda g: _more_columns(g, [f"extra_{i}" for i in range(5000)], "")),
            "undeclared_column", "extra_0", "and 4992 more"),
    refused("an invisible character in a column's name", header(b'"ncid"', b'"nc\xadid"'), "undeclared_column",
            r"nc\xadid"),
    refused("commas in place of tabs", changed_cells(_wrong_delimiter), "not_this_file", NC_FILE,
            "its quoting is broken"),
    refused("a quotation mark left open in the header", header(b'"last_name"', b'"last_name'), "not_this_file",
            "its quoting is broken"),
)  # fmt: skip

VALUES = (
    quarantined("the letter O for a zero in an id", cell("ncid", "AAOOOOO7"), "ncid is not of the declared form"),
    quarantined("an id that is missing", cell("ncid", ""), "ncid is missing"),
    quarantined("a voter told twice", _twice(ROW), "ncid repeats an earlier row", more=1),
    quarantined("a voter in two counties", _twice(ROW, county_id="92", county_desc="WAKE"),
                "ncid repeats an earlier row", more=1),
    refused("thirty voters told twice", changed_cells(_many_twice), "too_many_quarantined", "30 of 2145 lines",
            "ncid repeats an earlier row", NC_FILE),
    refused("a hundred short rows", rows(lambda body: [row.pop() for row in body[:100]]), "too_many_malformed",
            NC_FILE, "100 of 2115 lines", "expected 70 fields, found 69", "line 2"),
    refused("values swapped under an intact header", changed_cells(lambda g: _move(g, "last_name", "first_name", 1)),
            "columns_changed", "last_name, first_name"),
    refused("values that moved one column on", rows(lambda body: [row.insert(4, row.pop()) for row in body]),
            "too_many_quarantined", NC_FILE, "status_cd is missing"),
    refused("the rows of another state under this state's header", column("state_cd", "VA"), "wrong_state",
            "the content is not NC's", "0 of 2115 rows"),
    refused("another state's rows under this state's file name", _other_states_rows, "not_this_file",
            "It looks like a file of va_voters: move it there"),
    refused("another state's file", _other_states_file, "unexpected_file", VA_FILE,
            "It looks like a file of va_voters: move it there"),
    accepted("registrations dated in the future", _dated("01/01/2062", 5)),
    accepted("registrations dated in 1900", _dated("01/01/1900", 50)),
    refused("dates in another format", changed_cells(lambda g: g.fill("registr_dt", "2020-01-31")), "no_content_date",
            "column registr_dt", "dates of the form %m/%d/%Y", "Check the date format"),
    refused("ids that lost their leading zeros", changed_cells(_no_zeros), "keys_lost", "identification_number",
            "lost their zeros", source=VA),
    refused("ids in scientific notation", changed_cells(_scientific), "too_many_quarantined",
            "identification_number is not of the declared form", VA_FILE, source=VA),
    refused("spreadsheet errors in place of ids", changed_cells(_spreadsheet_errors), "too_many_quarantined",
            "60 of", "identification_number is not of the declared form", source=VA),
    accepted("direction-changing characters that latin-1 cannot hold, as question marks", cell("last_name", "????")),
    refused("control characters in every line", changed_bytes(lambda c: c.replace(CANARY.encode(), b"\x07BELL")),
            "too_many_malformed", "2115 with control character"),
)  # fmt: skip

ELECTORATES = (
    refused("an electorate that lost a county", changed_lines(_without_last_county), "gate", "every_county_has_rows"),
    refused("an electorate that lost a county, before Great Expectations", changed_lines(_without_last_county), "gate",
            "every_county_has_rows", gate="gx"),
    refused("an electorate that lost a party", changed_cells(_party_blanked), "group_vanished", "column party_cd",
            "Republican (REP)"),
    refused("an electorate that doubled", changed_cells(_doubled), "rows_rose", "grew from 2113 to 4230"),
    refused("a county's name under all counties", column("county_desc", "WAKE"), "columns_changed", "county_desc"),
    Kind("values outside their code list, before Great Expectations", NC,
              changed_cells(lambda g: g.fill("status_cd", "Q"), FIRST), "refused", "gate", ("status_cd_is_known",),
              day=FIRST, first=False, gate="gx"),
)  # fmt: skip

DAYS = (
    refused("yesterday's bytes under today's date", lambda scene: scene.put(scene.files(FIRST)), "stale_resend",
            f"the same bytes were delivered for {FIRST}", "ask for the current one"),
    refused("yesterday's rows in other bytes", _rewritten, "stale_content", "nothing in it is newer",
            f"later than {FIRST}"),
    refused("tomorrow's file under today's date", _dated("09/05/2026", 60), "newer_content", "60 rows are dated after",
            "move it to the folder of that day"),
    Kind("a file of two months ago", NC, lambda scene: scene.put(scene.files(FIRST), "2026-10-30"), "refused",
         "old_content", ("too old for the declared day", "move it to the folder of its own day"), day="2026-10-30",
         first=False),
    Kind("a folder dated in another year", NC, lambda scene: scene.put(scene.files(SECOND), "2027-09-02"), "refused",
         "future_day", ("the folder's day has not come yet", "Rename the folder"), day="2027-09-02"),
)  # fmt: skip

KINDS = (*BYTES, *HEADERS, *VALUES, *ELECTORATES, *DAYS)
