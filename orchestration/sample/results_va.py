"""Virginia's historical elections database: one CSV per contest with a second header line of parties.

Absentee votes stand in central precincts up to 2021; from 2022 they are spread over the precincts, and only the
provisionals of a locality have a line of their own.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from .candidates import candidate
from .counts import Counts, counts
from .elections import DEM, EARLY, ELECTION_DAY, LIB, MAIL, OTHER, PROVISIONAL, REP, Contest, Election
from .fields import title
from .output import write_bytes
from .tally import Tally

NAMES = {"president": "President", "senate": "U_S_Senate", "governor": "Governor"}
PARTIES = {DEM: "Democratic", REP: "Republican", LIB: "Libertarian"}


def write(tally: Tally, landing: Path) -> None:
    """One file per contest in the folder of its election date."""
    for election in tally.elections():
        for contest in election.contests:
            name = (
                f"Virginia_Elections_Database__{election.day.year}_{NAMES[contest.office]}"
                "_General_Election_including_precincts.csv"
            )
            path = landing / "va_results" / election.day.isoformat() / name
            write_bytes(path, _sheet(tally, election, contest).encode())


def _central(year: int, locality: str) -> list[tuple[str, tuple[int, ...]]]:
    """The central precincts of a locality and the ways of voting counted there."""
    if year >= 2022:
        return [(f"{locality} Provisionals", (PROVISIONAL,))]
    if year >= 2020:
        return [
            ("##ab - Central Absentee Precinct", (MAIL,)), ("##ev - Central Absentee Precinct", (EARLY,)),
            ("Provisional", (PROVISIONAL,)),
        ]  # fmt: skip
    return [("Ab - Central Absentee Precinct", (EARLY, MAIL)), ("Provisional", (PROVISIONAL,))]


def _sheet(tally: Tally, election: Election, contest: Contest) -> str:
    geography = tally.geography
    counties, year = geography.counties, election.day.year
    found = counts(tally, election, contest)
    whole = found.by_county()
    out = io.StringIO()
    columns = [DEM, REP, LIB]
    heads = [candidate(tally.plan.seed, "VA", election, contest, 0, party) for party in columns]
    out.write("County/City,Ward,Pct," + ",".join(f'"{head}"' for head in heads) + ',"All Others","Total Votes Cast"\n')
    # The line of parties is shorter than the header.
    out.write(",,," + ",".join(PARTIES[party] for party in columns) + "\n")
    names = [
        f"{title(name)} {'City' if city else 'County'}"
        for name, city in zip(counties.name, counties.is_city, strict=True)
    ]
    order = sorted(range(len(counties)), key=lambda county: (counties.name[county], counties.is_city[county]))
    starts = np.searchsorted(found.county, np.arange(len(counties) + 1))
    spread = (ELECTION_DAY, EARLY, MAIL) if year >= 2022 else (ELECTION_DAY,)
    for county in order:
        for entry in range(int(starts[county]), int(starts[county + 1])):
            precinct = int(found.precinct[entry])
            place = f"{geography.precinct_code[precinct]} - {title(geography.precinct_name[precinct])}"
            _line(out, names[county], place, found, entry, spread)
        entry = int(np.searchsorted(whole.county, county))
        for place, ways in _central(year, names[county]):
            _line(out, names[county], place, whole, entry, ways)
    total = found.votes.sum(axis=(0, 1))
    csv.writer(out, lineterminator="\n").writerow(["TOTALS", "", "", *_numbers(total)])
    return out.getvalue()


def _line(out: io.StringIO, locality: str, place: str, part: Counts, entry: int, ways: tuple[int, ...]) -> None:
    votes = part.votes[entry, [way - 1 for way in ways]].sum(axis=0)
    numbers = ",".join(f'"{text}"' if "," in text else text for text in _numbers(votes))
    name = place if place == "Provisional" else f'"{place}"'
    out.write(f'"{locality}",-,{name},{numbers}\n')


def _numbers(votes: np.ndarray) -> list[str]:
    """Democratic, Republican, Libertarian, all others, total."""
    parts = [votes[DEM], votes[REP], votes[LIB], votes[OTHER]]
    return [f"{int(value):,}" for value in (*parts, sum(parts))]
