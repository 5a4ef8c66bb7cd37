"""North Carolina's `results_pct_YYYYMMDD.zip`: tab, CRLF, a trailing tab, votes by way of voting.

Three votes in ten stand in administrative rows (Real Precinct = N): which counties report early, mail and
provisional votes that way is drawn by county.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from .candidates import by_district
from .counts import Counts, counts
from .elections import DEM, EARLY, LIB, MAIL, OTHER, PROVISIONAL, REP, Contest, Election
from .output import ZipFileOut
from .rng import stream
from .tally import Tally

TITLES = {
    "president": "US PRESIDENT",
    "senate": "US SENATE",
    "governor": "NC GOVERNOR",
    "judge": "NC SUPREME COURT ASSOCIATE JUSTICE SEAT 01",
    "us_house": "US HOUSE OF REPRESENTATIVES DISTRICT {:02d}",
    "state_house": "NC HOUSE OF REPRESENTATIVES DISTRICT {:03d}",
}
GROUPS = {"president": 1393, "senate": 1370, "governor": 1180, "judge": 1372, "us_house": 1378, "state_house": 1050}
PARTY = {DEM: "DEM", REP: "REP", LIB: "LIB", OTHER: ""}
WRITE_IN = "Write-In (Miscellaneous)"
# How counties call their administrative precincts, and the chance that a county has one for the way of voting.
ADMINISTRATIVE = {
    EARLY: (("EARLYVOTE", "EV BOE", "EARLY VOTING"), 0.40),
    MAIL: (("ABSENTEE BY MAIL", "ABSENTEE", "ABS"), 0.70),
    PROVISIONAL: (("PROVISIONAL", "PROV"), 0.85),
}
COLUMNS = (
    "County",
    "Election Date",
    "Precinct",
    "Contest Group ID",
    "Contest Type",
    "Contest Name",
    "Choice",
    "Choice Party",
    "Vote For",
    "Election Day",
    "Early Voting",
    "Absentee by Mail",
    "Provisional",
    "Total Votes",
    "Real Precinct",
)


def write(tally: Tally, landing: Path) -> None:
    """One zip per election date."""
    for election in tally.elections():
        parts = [
            _rows(tally, election, contest, units)
            for contest in election.contests
            for units in _units(tally, election, counts(tally, election, contest))
        ]
        frame = pl.concat(parts).sort("county", "group", "contest", "precinct", "order", maintain_order=True)
        year = election.day.year
        header = [name if name != "Early Voting" or year >= 2024 else "One Stop" for name in COLUMNS]
        columns = [
            "county",
            "date",
            "precinct",
            "group",
            "type",
            "contest",
            "choice",
            "party",
            "vote_for",
            "election_day",
            "early",
            "mail",
            "provisional",
            "total",
            "real",
        ]
        if year < 2018:
            # The column came in July 2018.
            header, columns = header[:-1], columns[:-1]
        body = frame.select(*columns, end=pl.lit("")).write_csv(
            separator="\t", quote_style="never", include_header=False, line_terminator="\r\n"
        )
        folder = landing / "nc_results" / election.day.isoformat()
        with ZipFileOut(folder / f"results_pct_{election.day:%Y%m%d}.zip") as archive:
            archive.add(f"results_pct_{election.day:%Y%m%d}.txt", ("\t".join(header) + "\t\r\n" + body).encode())


def _units(tally: Tally, election: Election, real: Counts) -> list[tuple[Counts, list[str], str]]:
    """The contest's counts as reporting units: real precincts, then administrative ones per way of voting."""
    geography = tally.geography
    rng = stream(tally.plan.seed, "NC", "administrative", election.day.year // 4)
    left = real.votes.copy()
    units: list[tuple[Counts, list[str], str]] = []
    whole = real.by_county()
    for way, (names, chance) in ADMINISTRATIVE.items():
        has_one = _some(rng, geography.counties.voters, chance)
        style = rng.integers(0, len(names), len(geography.counties))
        left[has_one[real.county], way - 1] = 0
        at = np.flatnonzero(has_one[whole.county])
        votes = np.zeros_like(whole.votes[at])
        votes[:, way - 1] = whole.votes[at, way - 1]
        part = Counts(whole.precinct[at], whole.county[at], whole.district[at], votes)
        units.append((part, [names[style[county]] for county in part.county.tolist()], "N"))
    codes = [geography.precinct_code[precinct] for precinct in real.precinct.tolist()]
    return [(Counts(real.precinct, real.county, real.district, left), codes, "Y"), *units]


def _some(rng: np.random.Generator, voters: np.ndarray, share: float) -> np.ndarray:
    """Counties drawn at random that hold about a share of the voters."""
    order = rng.permutation(len(voters))
    running = np.cumsum(voters[order]) - voters[order] / 2
    chosen = np.zeros(len(voters), dtype=bool)
    chosen[order] = running < share * voters.sum()
    return chosen


def _rows(tally: Tally, election: Election, contest: Contest, units: tuple[Counts, list[str], str]) -> pl.DataFrame:
    """One row per unit and choice."""
    part, names, real = units
    absent = tally.uncontested(election, contest)
    county = [tally.geography.counties.name[number] for number in part.county.tolist()]
    districts = part.district.tolist()
    choices = (DEM, REP, LIB, OTHER) if contest.minor else (DEM, REP)
    frames = []
    for order, choice in enumerate(choices):
        votes = part.votes[:, :, choice]
        name = (
            [WRITE_IN] * len(part)
            if choice == OTHER
            else by_district(tally.plan.seed, "NC", election, contest, districts, choice)
        )
        frames.append(
            pl.DataFrame(
                {
                    "county": county,
                    "precinct": names,
                    "contest": [TITLES[contest.office].format(district) for district in districts],
                    "group": GROUPS[contest.office] + part.district,
                    "choice": name,
                    "order": np.full(len(part), order),
                    "election_day": votes[:, 0],
                    "early": votes[:, 1],
                    "mail": votes[:, 2],
                    "provisional": votes[:, 3],
                    "total": votes.sum(axis=1),
                    "keep": [absent.get(district) != choice for district in districts],
                },
                schema_overrides={
                    "county": pl.String,
                    "precinct": pl.String,
                    "contest": pl.String,
                    "choice": pl.String,
                    "keep": pl.Boolean,
                },
            ).with_columns(party=pl.lit(PARTY[choice]))
        )
    return (
        pl.concat(frames)
        .filter("keep")
        .with_columns(date=pl.lit(f"{election.day:%m/%d/%Y}"), type=pl.lit("S"), vote_for=pl.lit(1), real=pl.lit(real))
    )
