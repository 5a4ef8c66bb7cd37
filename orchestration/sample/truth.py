"""The truth behind a sample, kept apart from what is delivered: probabilities of each person, ballots by precinct."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from .counts import by_precinct
from .days import Snapshot
from .fields import Chunk
from .geography import Geography
from .kinds import ON_FILE
from .tally import Tally
from .text import digits, lines, table, take
from .voting import Votes

if TYPE_CHECKING:
    from .crowd import Crowd

PARTIES = ("DEM", "REP", "IND", "LIB", "GRE")


def voter_ids(chunk: Chunk, geography: Geography, rows: np.ndarray) -> pl.Series:
    """The identity each state's file prints (NC: ncid; OH: SOS_VOTERID; FL, VA: voter id; PA: ID number)."""
    state, people = geography.state, chunk.people
    if state == "NC":
        letters = table(f"{chr(65 + number // 26)}{chr(65 + number % 26)}" for number in range(len(geography.counties)))
        return lines([take(letters, people.county[rows]), *digits(people.serial[rows] + 1, 7)], len(rows))
    number = digits(chunk.number(rows), 9)
    before = {"OH": ["OH0"], "FL": ["1"], "VA": [], "PA": []}[state]
    if state == "PA":
        ends = table(f"-{code}" for code in geography.counties.code)
        return lines([*number, take(ends, people.county[rows])], len(rows))
    return lines([*before, *number], len(rows))


def people_truth(chunk: Chunk, geography: Geography, votes: Votes, snapshot: Snapshot) -> pl.DataFrame:
    """One row per voter on file on day 1."""
    people = chunk.people
    rows = np.flatnonzero(people.kind == ON_FILE)
    return pl.DataFrame(
        {
            "state": pl.Series([geography.state], dtype=pl.String).new_from_index(0, len(rows)),
            "voter_id": voter_ids(chunk, geography, rows),
            "p_turnout": votes.chance[rows].astype(np.float64),
            "p_support_dem": 1 / (1 + np.exp(-people.lean[rows].astype(np.float64))),
            "party": take(table(PARTIES), people.party[rows]),
            "county_fips": take(table(geography.counties.fips), people.county[rows]),
            "precinct": take(table(geography.precinct_code), geography.atom_precinct[people.atom[rows]]),
            "is_active": snapshot.status[rows] == 0,
        }
    )


def ballot_truth(tally: Tally) -> pl.DataFrame:
    """Ballots by election and precinct: by people still on file, by people removed since, and registered then."""
    geography = tally.geography
    parts = []
    for election in tally.elections():
        kept = {"ballots": tally.ballots, "ballots_of_removed": tally.ballots_gone, "registered": tally.registered}
        sums = {name: by_precinct(tally, values[election.number]) for name, values in kept.items()}
        parts.append(
            pl.DataFrame(
                {
                    "county_fips": [geography.counties.fips[county] for county in geography.precinct_county.tolist()],
                    "precinct": geography.precinct_code,
                    **sums,
                }
            ).select(pl.lit(geography.state).alias("state"), pl.lit(election.day).alias("election_date"), pl.all())
        )
    return pl.concat(parts)


def write(parts: list[pl.DataFrame], tally: Tally, folder: Path) -> None:
    """`<state>.parquet` and `ballots/<state>.parquet`."""
    state = tally.geography.state
    (folder / "ballots").mkdir(parents=True, exist_ok=True)
    pl.concat(parts).write_parquet(folder / f"{state}.parquet", compression="zstd", statistics=False)
    ballot_truth(tally).write_parquet(folder / "ballots" / f"{state}.parquet", compression="zstd", statistics=False)


def write_links(records: Iterable[pl.DataFrame], crowd: Crowd, folder: Path) -> None:
    """`people_links.parquet`: source, record_key, person, voter_id (null: on no voter file) of every feed record."""
    schema = {"source": pl.String, "record_key": pl.String, "person": pl.Int64}
    rows = pl.concat(
        [
            pl.DataFrame(schema=schema),
            *(part.select(pl.col(name).cast(kind) for name, kind in schema.items()) for part in records),
        ]
    )
    links = rows.join(crowd.people.select("person", "voter_id"), on="person", how="left", maintain_order="left")
    links.sort("source", "record_key").write_parquet(
        folder / "people_links.parquet", compression="zstd", statistics=False
    )


def write_responses(records: Iterable[pl.DataFrame], folder: Path) -> None:
    """`text_responses.parquet`: source, record_key, campaign_id, message, person, chance of every texted person."""
    rows = pl.concat(list(records)).sort("source", "record_key")
    rows.write_parquet(folder / "text_responses.parquet", compression="zstd", statistics=False)
