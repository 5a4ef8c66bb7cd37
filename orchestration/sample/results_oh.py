"""Ohio's official canvass by precinct: one sheet per group of offices, saved as CSV with two header levels."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from .candidates import candidate, running_mate
from .counts import by_precinct, counts
from .elections import DEM, LIB, OTHER, REP, Contest, Election
from .fields import title
from .output import write_bytes
from .reference import market_name
from .tally import Tally

SHEETS = {
    "President and Vice President": ("president",),
    "Statewide Offices": ("governor",),
    "U.S. Congress": ("senate", "us_house"),
}
TITLES = {
    "president": "President and Vice President",
    "governor": "Governor and Lieutenant Governor",
    "senate": "U.S. Senator",
    "us_house": "Representative to Congress - District {:02d}",
}
LETTER = {DEM: " (D)", REP: " (R)", LIB: " (L)", OTHER: ""}
FIXED = (
    "County Name",
    "Precinct Name",
    "Precinct Code",
    "Region Name",
    "Media Market",
    "Registered Voters",
    "Ballots Counted",
    "Official Voter Turnout",
)
REGIONS = {
    "CUYAHOGA": "Northeast",
    "MAHONING": "Northeast",
    "FRANKLIN": "Central",
    "HAMILTON": "Southwest",
    "MONTGOMERY": "Southwest",
    "LUCAS": "Northwest",
    "ALLEN": "Northwest",
    "JEFFERSON": "Southeast",
    "LAWRENCE": "Southeast",
}


def write(tally: Tally, landing: Path) -> None:
    """The sheets of every election date."""
    for election in tally.elections():
        for name, offices in SHEETS.items():
            contests = [contest for contest in election.contests if contest.office in offices]
            if contests:
                path = landing / "oh_results" / election.day.isoformat() / f"{election.day.year} {name}.csv"
                write_bytes(path, _sheet(tally, election, contests).encode())


def _columns(tally: Tally, election: Election, contest: Contest) -> list[tuple[str, list[str], np.ndarray]]:
    """Per seat: its title, the column headings and the votes by precinct and column."""
    seed, geography = tally.plan.seed, tally.geography
    found = counts(tally, election, contest)
    absent = tally.uncontested(election, contest)
    columns = []
    for district in np.unique(found.district).tolist():
        parties = [
            party
            for party in (DEM, REP, LIB, OTHER)
            if absent.get(district) != party and (party != OTHER or not district)
        ]
        names = []
        for party in parties:
            name = candidate(seed, "OH", election, contest, district, party)
            if contest.office in ("president", "governor"):
                name += f" and {running_mate(seed, 'OH', election, contest, party)}"
            names.append(name + LETTER[party])
        if not district:
            # Write-ins have a column of zeros: their votes are in the summary sheet only.
            names.append(f"{candidate(seed, 'OH', election, contest, district, 7)} (WI)*")
        at = found.district == district
        votes = np.zeros((len(geography.precinct_code), len(names)), dtype=np.int64)
        whole = found.votes[at].sum(axis=1)
        if district:
            # A district sheet has no column for the others; their few votes were cast for the minor party.
            whole[:, LIB] += whole[:, OTHER]
        for place, party in enumerate(parties):
            votes[found.precinct[at], place] = whole[:, party]
        columns.append((TITLES[contest.office].format(district), names, votes))
    return columns


def _sheet(tally: Tally, election: Election, contests: list[Contest]) -> str:
    geography = tally.geography
    blocks = [block for contest in contests for block in _columns(tally, election, contest)]
    votes = np.concatenate([block[2] for block in blocks], axis=1)
    registered = by_precinct(tally, tally.registered[election.number])
    ballots = by_precinct(tally, tally.ballots[election.number])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    day = f"{election.day:%B} {election.day.day}, {election.day.year}"
    top = [
        f"{day} General Election Official Canvass\n"
        "*Write-in candidates will be displayed with a (WI) designation and not party affiliation.\n"
        "*Precinct-level data is not available for write-in candidates. To view results for write-in candidates, "
        "download the Summary-level spreadsheet.",
        *[""] * (len(FIXED) - 1),
    ]
    for name, heads, _ in blocks:
        top += [f"{name}\n", *[""] * (len(heads) - 1)]
    writer.writerow(top)
    writer.writerow([*FIXED, *(head for _, heads, _ in blocks for head in heads)])
    total = votes.sum(axis=0)
    turnout = ballots.sum() / max(1, registered.sum())
    writer.writerow(
        ["Total", *[""] * 4, _number(registered.sum()), _number(ballots.sum()), f"{turnout:.2%}", *map(_number, total)]
    )
    sums = np.concatenate([np.full(len(block[1]), max(1, block[2].sum())) for block in blocks])
    writer.writerow(
        ["Percentage", *[""] * 7, *(f"{part / whole:.2%}" for part, whole in zip(total, sums, strict=True))]
    )
    counties = geography.counties
    markets = [market_name(counties, county).removesuffix(" area") for county in range(len(counties))]
    for precinct, county in enumerate(geography.precinct_county.tolist()):
        writer.writerow(
            [
                title(counties.name[county]),
                geography.precinct_name[precinct],
                geography.precinct_code[precinct],
                REGIONS[counties.region[county]],
                markets[county],
                _number(registered[precinct]),
                _number(ballots[precinct]),
                f"{ballots[precinct] / max(1, registered[precinct]):.2%}",
                *map(_number, votes[precinct].tolist()),
            ]
        )
    return out.getvalue()


def _number(value: int) -> str:
    return f"{int(value):,}"
