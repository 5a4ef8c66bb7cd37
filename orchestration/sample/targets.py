"""A table of real results whose county shares a sample is to reproduce.

Reads county presidential tables, MEDSL county and precinct files and OpenElections county and precinct files,
plain or as the one CSV in a zip. What is done with the numbers belongs in `counties` and `tally`.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

FORMS = (
    "county_president (year, state, county_fips, votes_dem, votes_rep, votes_total), "
    "MEDSL (year, state_po, county_fips, office, party or party_simplified, votes or candidatevotes), "
    "OpenElections (county, office, party, votes; state and date in the file name)"
)
# Rows of these ways of voting are parts of a total that stands in rows of its own, or the other way round.
TOTAL_MODES = ("TOTAL",)


@dataclass(frozen=True)
class Targets:
    """Two-party and total votes for President by county: columns year, state, key, dem, rep, total.

    key is the five-digit county FIPS, or the county's name in capitals where the table has names only.
    """

    table: pl.DataFrame
    source: str

    def _counties(self, state: str, fips: list[str], year: int) -> pl.DataFrame:
        from .counties import listed

        names = {row["fips"]: plain_name(row["name"], row.get("kind")) for row in listed(state)}
        wanted = pl.DataFrame({"fips": fips, "name": [names[code] for code in fips]})
        votes = self.table.filter((pl.col("state") == state) & (pl.col("year") == year))
        by_fips = wanted.join(votes, left_on="fips", right_on="key", how="left", maintain_order="left")
        if by_fips["dem"].null_count() == len(fips):
            by_fips = wanted.join(votes, left_on="name", right_on="key", how="left", maintain_order="left")
        missing = by_fips.filter(pl.col("dem").is_null() | (pl.col("dem") + pl.col("rep") <= 0))
        if len(missing):
            raise ValueError(
                f"{self.source}: no two-party presidential votes of {year} for {len(missing)} of {len(fips)} "
                f"counties of {state} (first: {missing['name'][0]}); give a table with every county, "
                "or leave that state out"
            )
        return by_fips

    def years(self, state: str) -> list[int]:
        """The presidential years the table has for a state, oldest first."""
        found = self.table.filter(pl.col("state") == state)["year"].unique().sort().to_list()
        if not found:
            raise ValueError(f"{self.source}: no presidential rows for state {state}; found {self.states()}")
        return [int(year) for year in found]

    def states(self) -> list[str]:
        """The states the table has."""
        return [str(state) for state in self.table["state"].unique().sort().to_list()]

    def totals(self, state: str, fips: list[str]) -> np.ndarray:
        """Votes for President by county in the newest year."""
        return self._counties(state, fips, self.years(state)[-1])["total"].to_numpy().astype(np.float64)

    def shares(self, state: str, fips: list[str]) -> dict[int, np.ndarray]:
        """Democratic two-party share by county. The newest year is always there, also under 2024."""
        years = self.years(state)
        found: dict[int, np.ndarray] = {}
        for year in [year for year in years if year in (2016, 2020)] + [years[-1]]:
            rows = self._counties(state, fips, year)
            found[year] = (rows["dem"] / (rows["dem"] + rows["rep"])).to_numpy()
        found.setdefault(2024, found[years[-1]])
        return {year: share for year, share in found.items() if year in (2016, 2020, 2024)}


def plain_name(name: str, kind: str | None = None) -> str:
    """A county's name as it is matched: capitals, no punctuation, `CITY` kept for independent cities."""
    text = re.sub(r"[^A-Z ]", "", name.upper().replace("SAINT ", "ST ")).strip()
    text = re.sub(r" COUNTY$", "", text)
    if kind == "I" and not text.endswith(" CITY"):
        text += " CITY"
    return text


def read(path: Path) -> Targets:
    """The table in a file. Raises ValueError when its header is none of the understood forms."""
    frame = _frame(path)
    columns = set(frame.columns)
    if {"year", "state", "county_fips", "votes_dem", "votes_rep", "votes_total"} <= columns:
        votes = frame.select(
            year=_int("year"), state="state", key=_fips("county_fips"), dem=_int("votes_dem"), rep=_int("votes_rep"),
            total=_int("votes_total"),
        )  # fmt: skip
    elif {"year", "state_po", "county_fips", "office"} <= columns and columns & {"votes", "candidatevotes"}:
        votes = _medsl(frame)
    elif {"county", "office", "party", "votes"} <= columns:
        votes = _openelections(frame, path)
    else:
        raise ValueError(
            f"{path.name}, line 1: header not understood. Found: {', '.join(frame.columns)}. Expected one of: {FORMS}"
        )
    summed = (
        votes.group_by("year", "state", "key").agg(pl.col("dem", "rep", "total").sum()).sort("year", "state", "key")
    )
    if not len(summed):
        raise ValueError(f"{path.name}: no presidential votes found; the table must hold the office of President")
    return Targets(summed, path.name)


def _frame(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise ValueError(f"{path}: no such file; give a CSV (or a zip of one) with real results")
    data = path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [item.filename for item in archive.infolist() if item.file_size and _is_table(item.filename)]
            if len(names) != 1:
                raise ValueError(f"{path.name}: expected one table in the archive, found {len(names)}")
            data = archive.read(names[0])
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    try:
        frame = pl.read_csv(data, infer_schema=False, encoding="utf8-lossy", truncate_ragged_lines=True)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{path.name}: cannot be read as comma-separated text ({type(error).__name__})") from None
    return frame.rename({name: name.strip().lower().replace(" ", "_") for name in frame.columns})


def _is_table(name: str) -> bool:
    return "." not in Path(name).name or name.lower().endswith((".csv", ".txt"))


def _int(column: str) -> pl.Expr:
    return (
        pl.col(column)
        .str.replace_all(",", "")
        .str.strip_chars()
        .cast(pl.Float64, strict=False)
        .fill_null(0)
        .cast(pl.Int64)
    )


def _fips(column: str) -> pl.Expr:
    return pl.col(column).str.replace(r"\.0$", "").str.zfill(5)


def _party(column: str) -> tuple[pl.Expr, pl.Expr]:
    party = pl.col(column).fill_null("").str.to_uppercase().str.slice(0, 3)
    return party.is_in(["DEM", "D"]), party.is_in(["REP", "R"])


def _sum_by_party(
    frame: pl.DataFrame, party: str, votes: str, key: pl.Expr, year: pl.Expr, state: pl.Expr
) -> pl.DataFrame:
    dem, rep = _party(party)
    number = _int(votes)
    return frame.select(
        year=year, state=state, key=key, dem=pl.when(dem).then(number).otherwise(0),
        rep=pl.when(rep).then(number).otherwise(0), total=number,
    )  # fmt: skip


def _medsl(frame: pl.DataFrame) -> pl.DataFrame:
    office = pl.col("office").fill_null("").str.to_uppercase()
    frame = frame.filter(office.is_in(["US PRESIDENT", "PRESIDENT"]))
    party = "party_simplified" if "party_simplified" in frame.columns else "party"
    votes = "votes" if "votes" in frame.columns else "candidatevotes"
    if "mode" in frame.columns:
        # A county has either TOTAL rows or rows by way of voting; where both stand, the parts would count twice.
        is_total = pl.col("mode").fill_null("").str.to_uppercase().is_in(TOTAL_MODES)
        has_total = is_total.any().over("year", "county_fips")
        frame = frame.filter(is_total | ~has_total)
    return _sum_by_party(frame, party, votes, _fips("county_fips"), _int("year"), pl.col("state_po").str.to_uppercase())


def _openelections(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    named = re.match(r"(\d{4})\d{4}__([a-z]{2})__", path.name)
    if named is None:
        raise ValueError(
            f"{path.name}: an OpenElections table says its date and state in its name (YYYYMMDD__st__...); rename it"
        )
    office = pl.col("office").fill_null("").str.to_uppercase().str.strip_chars()
    frame = frame.filter(
        office.is_in(["PRESIDENT", "US PRESIDENT", "PRESIDENT OF THE UNITED STATES", "PRESIDENT/VICE PRESIDENT"])
        & ~pl.col("county").fill_null("").str.to_uppercase().is_in(["", "TOTAL", "TOTALS"])
    )
    if "precinct" in frame.columns:
        frame = frame.filter(~pl.col("precinct").fill_null("").str.to_uppercase().is_in(["TOTAL", "TOTALS"]))
    key = (
        pl.col("county").str.to_uppercase().str.replace("^SAINT ", "ST ").str.replace_all(r"[^A-Z ]", "")
        .str.strip_chars().str.replace(" COUNTY$", "")
    )  # fmt: skip
    return _sum_by_party(frame, "party", "votes", key, pl.lit(int(named[1]), pl.Int64), pl.lit(named[2].upper()))
