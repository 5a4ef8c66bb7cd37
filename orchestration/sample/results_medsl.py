"""MEDSL precinct returns of Florida and Pennsylvania in the header and file names of each year's vintage."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from .candidates import by_district
from .counts import counts
from .data import columns
from .elections import DEM, EARLY, ELECTION_DAY, LIB, MAIL, OTHER, PROVISIONAL, REP, Contest, Election
from .geography import Geography
from .output import ZipFileOut
from .tally import Tally

HEAD = columns("""
precinct office party_detailed party_simplified mode votes county_name county_fips jurisdiction_name
""")
END = columns("""
year stage state special writein state_po state_fips state_cen state_ic date
""")
COLUMNS = {
    2018: [*HEAD, "jurisdiction_fips", "candidate", "district", "magnitude", "dataverse", *END, "readme_check"],
    2020: [*HEAD, "jurisdiction_fips", "candidate", "district", "dataverse", *END, "readme_check", "magnitude"],
    2022: [*HEAD, "jurisdiction_fips", "candidate", "district", "dataverse", *END, "readme_check", "magnitude"],
    2024: [*HEAD, "jurisdiction_fips", "candidate", "district", "dataverse", *END, "magnitude"],
}
OFFICES = {
    "president": ("US PRESIDENT", "PRESIDENT"),
    "senate": ("US SENATE", "SENATE"),
    "governor": ("GOVERNOR", "STATE"),
    "us_house": ("US HOUSE", "HOUSE"),
    "state_house": ("STATE HOUSE", "STATE"),
}
PARTIES: dict[int, tuple[str | None, str]] = {
    DEM: ("DEMOCRAT", "DEMOCRAT"),
    REP: ("REPUBLICAN", "REPUBLICAN"),
    LIB: ("LIBERTARIAN", "LIBERTARIAN"),
    OTHER: (None, "OTHER"),
}
STATES = {"FL": ("FLORIDA", "12", "59", "43"), "PA": ("PENNSYLVANIA", "42", "23", "14")}
# Whole counts, but for Pennsylvania 2020, which is by way of voting.
MODES = {"TOTAL": (ELECTION_DAY, EARLY, MAIL, PROVISIONAL)}
MODES_PA_2020 = {"ELECTION DAY": (ELECTION_DAY, EARLY), "MAIL": (MAIL,), "PROVISIONAL": (PROVISIONAL,)}


def names(state: str, year: int) -> tuple[str, str]:
    """The zip's name and its member's, as the vintage has them."""
    low = state.lower()
    if year == 2024:
        return f"{low}24.zip", "fl24" if state == "FL" else "cleaned/2024-pa-precinct-general.csv"
    if year == 2022:
        return f"2022-{low}-local-precinct-general.zip", f"{low}22_cleaned.csv"
    return f"{year}-{low}-precinct-general.zip", f"{year}-{low}-precinct-general.csv"


def write(tally: Tally, landing: Path) -> None:
    """One zip per election from 2018 on, beside the other state's of the same date."""
    state = tally.geography.state
    for election in tally.elections():
        year = election.day.year
        if year not in COLUMNS:
            continue
        frame = pl.concat([_rows(tally, election, contest) for contest in election.contests])
        if year == 2018:
            frame = frame.with_columns(magnitude=pl.lit("1.0"))
        quoting: Literal["non_numeric", "necessary"] = "non_numeric" if year in (2018, 2024) else "necessary"
        body = frame.select(COLUMNS[year]).write_csv(quote_style=quoting, line_terminator="\n")
        archive_name, member = names(state, year)
        with ZipFileOut(landing / "medsl_precinct" / election.day.isoformat() / archive_name) as archive:
            archive.add(member, body.encode())


def _rows(tally: Tally, election: Election, contest: Contest) -> pl.DataFrame:
    geo: Geography = tally.geography
    state, year = geo.state, election.day.year
    full, fips, census, icpsr = STATES[state]
    found = counts(tally, election, contest)
    absent = tally.uncontested(election, contest)
    office, dataverse = OFFICES[contest.office]
    statewide = None if year == 2022 else "STATEWIDE"
    county_name = [geo.counties.name[county].upper() for county in found.county.tolist()]
    county_fips = [geo.counties.fips[county] for county in found.county.tolist()]
    districts = found.district.tolist()
    modes = MODES_PA_2020 if (state, year) == ("PA", 2020) else MODES
    frames = []
    for choice in (DEM, REP, LIB, OTHER):
        # Florida prints nothing for a seat nobody contests.
        keep = np.array(
            [absent.get(district) != choice and not (state == "FL" and district in absent) for district in districts]
        )
        name = (
            ["WRITEIN"] * len(found)
            if choice == OTHER
            else by_district(tally.plan.seed, state, election, contest, districts, choice)
        )
        for mode, ways in modes.items():
            frames.append(
                pl.DataFrame(
                    {
                        "precinct": [geo.precinct_code[precinct] for precinct in found.precinct.tolist()],
                        "votes": found.votes[:, [way - 1 for way in ways], choice].sum(axis=1),
                        "county_name": county_name,
                        "county_fips": county_fips,
                        "candidate": pl.Series(name).str.to_uppercase().str.replace_all(".", "", literal=True),
                        "district": [f"{district:03d}" if district else statewide for district in districts],
                        "keep": keep,
                    },
                    schema_overrides={"district": pl.String},
                )
                .filter("keep")
                .with_columns(
                    mode=pl.lit(mode),
                    party_detailed=pl.lit(PARTIES[choice][0], dtype=pl.String),
                    party_simplified=pl.lit(PARTIES[choice][1]),
                    writein=pl.lit("TRUE" if choice == OTHER else "FALSE"),
                )
            )
    return pl.concat(frames).with_columns(
        jurisdiction_name="county_name",
        jurisdiction_fips="county_fips",
        office=pl.lit(office),
        dataverse=pl.lit(dataverse),
        year=pl.lit(year),
        stage=pl.lit("GEN"),
        state=pl.lit(full),
        special=pl.lit("FALSE"),
        state_po=pl.lit(state),
        state_fips=pl.lit(fips),
        state_cen=pl.lit(census),
        state_ic=pl.lit(icpsr),
        date=pl.lit(election.day.isoformat()),
        readme_check=pl.lit("FALSE"),
        magnitude=pl.lit("1"),
    )
