"""Election results that do not add up, and spreadsheets that are not what they were."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from bad_kinds import Kind, Make
from bad_world import Grid, Scene

DAY = "2024-11-05"
NC, OH, VA = "nc_results", "oh_results", "va_results"
NC_FILE = "results_pct_20241105.txt"
OH_FILE = "2024 President and Vice President.csv"
VA_FILE = "Virginia_Elections_Database__2024_President_General_Election_including_precincts.csv"
FILES = {NC: NC_FILE, OH: OH_FILE, VA: VA_FILE}


def text(source: str, change: Callable[[str], str]) -> Make:
    """The results of 2024 with the text of one file changed."""

    def make(scene: Scene) -> None:
        files = scene.files(DAY)
        name = FILES[source]
        before = files[name].decode()
        after = change(before)
        assert after != before, "the maker no longer finds what it spoils"
        scene.put(files | {name: after.encode()}, DAY)

    return make


def replaced(source: str, old: str, new: str, times: int = 1) -> Make:
    return text(source, lambda before: before.replace(old, new, times))


def nc_cells(change: Callable[[Grid], None]) -> Make:
    """The rows of North Carolina's file, tab-delimited and unquoted, with a row of the presidential contest first."""

    def edit(before: str) -> str:
        rows = [line.split("\t") for line in before.split("\r\n")]
        grid = Grid(rows)
        change(grid)
        return "\r\n".join("\t".join(row) for row in grid.rows)

    return text(NC, edit)


def president(grid: Grid) -> int:
    """A row of the presidential contest with some votes on election day, for a party of the control totals."""
    contest, party, votes = (grid.place(n) for n in ("Contest Name", "Choice Party", "Election Day"))
    return next(
        i for i, row in enumerate(grid.rows)
        if len(row) > contest and row[contest] == "US PRESIDENT" and row[party] == "DEM" and int(row[votes]) > 0
    )  # fmt: skip


def _one_vote_more(grid: Grid) -> None:
    row = president(grid)
    for name in ("Election Day", "Total Votes"):
        grid.set(row, name, str(int(grid.rows[row][grid.place(name)]) + 1))


def _total_only(grid: Grid) -> None:
    for row in range(1, 60):
        grid.set(row, "Total Votes", "99")


def _vote(value: str) -> Make:
    return nc_cells(lambda grid: grid.set(president(grid), "Election Day", value))


def _negative(grid: Grid) -> None:
    row = president(grid)
    for name in ("Election Day", "Total Votes"):
        grid.set(row, name, "-5")
    for name in ("Early Voting", "Absentee by Mail", "Provisional"):
        grid.set(row, name, "0")


def _thousands(grid: Grid) -> None:
    """A contest that no certified total holds, with thousands commas in the votes."""
    at = next(i for i, row in enumerate(grid.rows[1:], 1) if row[grid.place("Contest Name")].startswith("NC HOUSE"))
    grid.set(at, "Election Day", "1,234")
    for name in ("Early Voting", "Absentee by Mail", "Provisional"):
        grid.set(at, name, "0")
    grid.set(at, "Total Votes", "1,234")


def _precinct_twice(grid: Grid) -> None:
    grid.rows.insert(1, list(grid.rows[1]))


def _other_election(scene: Scene) -> None:
    content = scene.files("2020-11-03")["results_pct_20201103.txt"]
    scene.put({"results_pct_20221108.txt": content}, "2022-11-08")


def _other_day(scene: Scene) -> None:
    scene.put(scene.files("2022-11-08"), DAY)


def _second_election_again(scene: Scene) -> None:
    """The same bytes as the result of another election."""
    scene.put(scene.files(DAY), DAY)
    scene.take()
    scene.put(scene.files(DAY), "2025-11-04")


def _county_file(extra: int) -> Make:
    """A county file of the presidential votes in North Carolina that sums to the certified ones, give or take."""

    def make(scene: Scene) -> None:
        totals = csv.DictReader(io.StringIO((scene.home / "control_totals.csv").read_text()))
        wanted = [
            t for t in totals
            if (t["state"], t["election_date"], t["office_code"]) == ("NC", DAY, "us_president")
        ]  # fmt: skip
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["county", "office", "district", "party", "candidate", "votes"])
        for total in wanted:
            party = {"D": "DEM", "R": "REP"}.get(total["party_code"], total["party_code"])
            most = int(total["votes"])
            for county, votes in (("Wake", most - 10), ("Yancey", 10 + extra)):
                writer.writerow([county, "President", "", party, total["candidate"], votes])
        scene.put({"20241105__nc__general.csv": out.getvalue().encode()}, DAY)

    return make


def _runoff(scene: Scene) -> None:
    scene.put(
        {"20241105__nc__runoff__precinct.csv": b"county,precinct,office,party,candidate,votes\nA,1,X,D,Y,1\n"}, DAY
    )


def refused(name: str, source: str, make: Make, code: str, *said: str, day: str = DAY) -> Kind:
    return Kind(name, source, make, "refused", code, said, day=day, first=False)


def _first_party_line(before: str) -> str:
    lines = before.split("\n")
    lines[1] = "Accomack County,-,1,2,3,4,5"
    return "\n".join(lines)


def _moved_title(before: str) -> str:
    return before.replace('"President and Vice President\n"', "", 1)


def _without_candidates(before: str) -> str:
    rows = list(csv.reader(io.StringIO(before, newline="")))
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(row[:8] for row in rows)
    return out.getvalue()


SUMS = (
    refused("a vote more than was certified", NC, nc_cells(_one_vote_more), "gate", "over by 1", "certified total",
            "NC 2024-11-05 us_president D"),
    refused("ways of voting that do not sum to the total", NC, nc_cells(_total_only), "gate", "modes_sum_to_total"),
    refused("negative votes", NC, nc_cells(_negative), "gate", "short by"),
    refused("a precinct told twice", NC, nc_cells(_precinct_twice), "gate", "nc_results_choice_is_unique"),
    Kind("votes with thousands commas", NC, nc_cells(_thousands), "accepted", day=DAY, first=False, lines=6414),
    refused("votes with commas that separate no thousands", NC, _vote("1,2,3"), "too_many_quarantined", NC_FILE,
            "election_day is not of the declared form"),
    refused("votes as a word", NC, _vote("none"), "too_many_quarantined", "election_day is not of the declared form"),
    refused("votes in scientific notation", NC, _vote("1.2E+10"), "too_many_quarantined", NC_FILE),
    refused("counties that do not sum to the certified total", "openelections_county", _county_file(7), "gate",
            "over by 7 against the certified total"),
    Kind("counties that sum to the certified total", "openelections_county", _county_file(0), "accepted", day=DAY,
         first=False, lines=4),
    refused("a column that does not sum to the sheet's own total", OH,
            replaced(OH, "10,6,60.00%,1,5,0", "10,6,60.00%,2,4,0"),
            "total_line", OH_FILE, "line 3", "a column does not sum to the sheet's own total"),
    refused("candidates that do not sum to the votes cast", VA,
            text(VA, lambda b: b.replace(",2,5,0,0,7\n", ",2,5,0,0,8\n").replace(",1,2,0,0,3\n", ",1,2,0,0,4\n")
                 .replace(",14,7,871\n", ",14,7,\n")),
            "gate", "candidates_sum_to_total_cast"),
    refused("the results of another election in this one's file", NC, _other_election, "old_content",
            "election_date", "2020-11-03", "move it to the folder of its own day", day="2022-11-08"),
    refused("a file of before the columns were renamed", NC, _other_day, "undeclared_column", "one stop",
            "results_pct_20221108.txt"),
    refused("the same bytes as another election's results", NC, _second_election_again, "stale_resend",
            f"the same bytes were delivered for {DAY}", day="2025-11-04"),
)  # fmt: skip

SHEETS = (
    refused("a sheet whose quoting is broken", OH, replaced(OH, "Adams,", 'Adams,"x"y,'), "malformed_sheet", OH_FILE,
            "quoting is broken"),
    refused("a sheet without its second header line", VA, text(VA, _first_party_line), "no_party_line", VA_FILE,
            "line 2"),
    refused("a sheet with a line end in a cell", VA, replaced(VA, '"Accomack County"', '"Accomack\nCounty"'),
            "multi_line_value", VA_FILE),
    refused("a sheet without a contest's title", OH, text(OH, _moved_title), "no_contest_title", OH_FILE),
    refused("a sheet without candidates", OH, text(OH, _without_candidates), "no_candidates", OH_FILE),
    refused("a sheet with a column that has no name", VA, replaced(VA, '"All Others"', '""'), "nameless_column",
            VA_FILE, "a column holds values but has no name"),
    refused("a sheet cut before its header", OH, text(OH, lambda b: "one line\n"), "no_header", OH_FILE,
            "the sheet ends before its header"),
    refused("a file name that does not say what it holds", "openelections_precinct", _runoff, "file_name",
            "20241105__nc__runoff__precinct.csv", "Name the file as the sender does"),
)  # fmt: skip

KINDS = (*SUMS, *SHEETS)
