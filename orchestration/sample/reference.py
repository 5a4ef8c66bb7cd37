"""Tables by county that are not the states' own: past presidents, citizens of voting age, media markets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from .counties import Counties, logit
from .elections import DEM, REP, SWING
from .fields import title
from .output import write_bytes
from .rng import stream
from .tally import Tally

STATE_NAMES = {"NC": "North Carolina", "OH": "Ohio", "FL": "Florida", "VA": "Virginia", "PA": "Pennsylvania"}
# The thirteen lines of the Census special tabulation; share of citizens of voting age in each.
LINES = (
    ("Total", 1.0),
    ("Not Hispanic or Latino", 0.94),
    ("American Indian or Alaska Native Alone", 0.004),
    ("Asian Alone", 0.02),
    ("Black or African American Alone", 0.17),
    ("Native Hawaiian or Other Pacific Islander Alone", 0.001),
    ("White Alone", 0.72),
    ("American Indian or Alaska Native and White", 0.006),
    ("Asian and White", 0.004),
    ("Black or African American and White", 0.005),
    ("American Indian or Alaska Native and Black or African American", 0.002),
    ("Remainder of Two or More Race Responses", 0.008),
    ("Hispanic or Latino", 0.06),
)
CVAP_COLUMNS = "geoname,lntitle,geoid,lnnumber,tot_est,tot_moe,adu_est,adu_moe,cit_est,cit_moe,cvap_est,cvap_moe"


def market_ids(counties: Counties) -> list[str]:
    """The market of each county: `NC-M01` is the state's largest."""
    sizes: dict[str, int] = {}
    for region, voters in zip(counties.region, counties.voters.tolist(), strict=True):
        sizes[region] = sizes.get(region, 0) + voters
    rank = {region: place for place, region in enumerate(sorted(sizes, key=lambda name: (-sizes[name], name)), 1)}
    return [f"{counties.state}-M{rank[region]:02d}" for region in counties.region]


def market_name(counties: Counties, county: int) -> str:
    """Markets are named after the main place of their largest county."""
    region = counties.region[county]
    named = [place for place, name in enumerate(counties.name) if name.upper() == region.upper()]
    main = max(named, key=lambda place: counties.is_city[place])
    return f"{title(counties.seat[main])} area"


def display_name(counties: Counties, county: int) -> str:
    """`Wake County`, `Alexandria city`, with the capitals of running text."""
    name = title(counties.name[county]) if counties.state != "FL" else counties.name[county]
    return f"{name} {'city' if counties.is_city[county] else 'County'}"


def write(tallies: Iterable[Tally], landing: Path, seed: int, snapshot_year: int) -> None:
    """The three tables over all states of the sample."""
    tallies = list(tallies)
    president = [line for tally in tallies for line in _president(tally, seed)]
    text = "year,state,county_fips,county_name,votes_dem,votes_rep,votes_total\n" + "".join(sorted(president))
    write_bytes(landing / "county_president" / "2024-11-05" / "county_president.csv", text.encode())
    cvap = "".join(line for tally in tallies for line in _cvap(tally.geography.counties, seed))
    write_bytes(landing / "cvap_county" / "2024-01-01" / "County.csv", (CVAP_COLUMNS + "\n" + cvap).encode("latin-1"))
    markets = "".join(line for tally in tallies for line in _markets(tally.geography.counties))
    write_bytes(
        landing / "media_markets" / f"{snapshot_year}-01-01" / "media_markets.csv",
        ("county_fips,market_id,market_name\n" + markets).encode(),
    )


def _president(tally: Tally, seed: int) -> list[str]:
    """Counted votes from 2016 on, an extension back to 2000 by the same drift."""
    geography = tally.geography
    counties, state = geography.counties, geography.state
    lines: list[str] = []
    counted: dict[int, np.ndarray] = {}
    for election in tally.elections():
        if election.is_presidential:
            votes = tally.votes[election.number, "president"].sum(axis=1)
            counted[election.day.year] = np.stack(
                [np.bincount(geography.atom_county, votes[:, choice], len(counties)) for choice in range(4)], axis=1
            ).astype(np.int64)
    first = counted[min(counted)]
    for year in (2000, 2004, 2008, 2012):
        rng = stream(seed, state, "president", year)
        growth = (0.985 ** (2016 - year)) * np.exp(rng.normal(0, 0.02, len(counties)))
        total = np.maximum(np.rint(first.sum(axis=1) * growth), 3).astype(np.int64)
        two = np.rint(total * 0.98).astype(np.int64)
        drift = SWING[year] + counties.trend * (year - 2024) / 4 + rng.normal(0, 0.04, len(counties))
        share = 1 / (1 + np.exp(-(logit(np.clip(counties.share, 0.02, 0.98)) + drift)))
        dem = np.rint(two * share).astype(np.int64)
        counted[year] = np.stack([dem, two - dem, total - two, np.zeros_like(dem)], axis=1)
    for year, votes in sorted(counted.items()):
        for county, row in enumerate(votes.tolist()):
            name = title(counties.name[county]) if state != "FL" else counties.name[county]
            lines.append(f"{year},{state},{counties.fips[county]},{name},{row[DEM]},{row[REP]},{sum(row)}\n")
    return lines


def _cvap(counties: Counties, seed: int) -> list[str]:
    """More citizens of voting age than voters on file, by a tenth to a quarter; estimates end in 0 or 5."""
    rng = stream(seed, counties.state, "cvap")
    citizens = counties.voters * (1.1 + 0.15 * rng.random(len(counties))) + 10
    lines: list[str] = []
    for county, cvap in enumerate(citizens.tolist()):
        name = f"{display_name(counties, county)}, {STATE_NAMES[counties.state]}"
        for number, (label, share) in enumerate(LINES, 1):
            estimates = [_rounded(cvap * share * factor) for factor in (1.32, 1.06, 1.26, 1.0)]
            margins = [max(12, round(estimate**0.5 * 1.6)) for estimate in estimates]
            cells = ",".join(f"{estimate},{margin}" for estimate, margin in zip(estimates, margins, strict=True))
            lines.append(f'"{name}",{label},0500000US{counties.fips[county]},{number},{cells}\n')
    return lines


def _rounded(value: float) -> int:
    return 5 * round(value / 5)


def _markets(counties: Counties) -> list[str]:
    ids = market_ids(counties)
    return [f"{fips},{ids[county]},{market_name(counties, county)}\n" for county, fips in enumerate(counties.fips)]
