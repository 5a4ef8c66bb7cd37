"""Certified county results as aligned arrays: one row per county, one column per election.

Belongs here: reading and checking the table's form, and asking it for a county's previous election. Does not
belong here: any forecasting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KEYS = ("year", "state", "county_fips")
COUNTS = ("votes_dem", "votes_rep", "votes_total")
COLUMNS = ("year", "state", "county_fips", "county_name", *COUNTS)


@dataclass(frozen=True)
class Panel:
    """Votes of counties over elections; NaN where a county cast none or did not exist.

    ``dem``, ``rep``, ``total``: (counties, years), votes. ``state``: (counties,), position in ``states``.
    Counties are sorted by (state, county_fips), years ascend, whatever the order of the table's rows.
    """

    states: tuple[str, ...]
    state: Ints
    fips: tuple[str, ...]
    names: tuple[str, ...]
    years: tuple[int, ...]
    dem: Floats
    rep: Floats
    total: Floats

    @cached_property
    def two_party(self) -> Floats:
        """Votes for the two parties."""
        return self.dem + self.rep

    @cached_property
    def share(self) -> Floats:
        """Democratic share of the two-party vote, 0..1."""
        return self.dem / self.two_party

    @cached_property
    def logit(self) -> Floats:
        """Log odds of ``share``; half a vote is lent to each party so that a county with none stays finite."""
        return np.log((self.dem + 0.5) / (self.rep + 0.5))

    @cached_property
    def sampling(self) -> Floats:
        """Variance of ``logit`` if each voter decided alone: the noise of a small county."""
        return 1 / (self.dem + 0.5) + 1 / (self.rep + 0.5)

    @cached_property
    def state_dem(self) -> Floats:
        """Democratic votes of each state: (states, years); NaN where the state reported nothing."""
        return self.by_state(self.dem)

    @cached_property
    def state_two_party(self) -> Floats:
        """Two-party votes of each state: (states, years)."""
        return self.by_state(self.two_party)

    @cached_property
    def state_total(self) -> Floats:
        """Total votes of each state: (states, years)."""
        return self.by_state(self.total)

    @cached_property
    def previous(self) -> Ints:
        """For each state and year, the column of the state's election before it, -1 if none: (states, years + 1).

        The last column stands for an election after the panel.
        """
        found = np.full((len(self.states), len(self.years) + 1), -1)
        for column in range(1, len(self.years) + 1):
            held = np.isfinite(self.state_total[:, column - 1])
            found[:, column] = np.where(held, column - 1, found[:, column - 1])
        return found

    def by_state(self, values: Floats) -> Floats:
        """Sums over the counties of each state: (states, years); NaN where no county has a value."""
        summed = np.zeros((len(self.states), values.shape[1]))
        seen = np.zeros_like(summed)
        np.add.at(summed, self.state, np.nan_to_num(values))
        np.add.at(seen, self.state, np.isfinite(values).astype(float))
        return np.where(seen > 0, summed, np.nan)

    def columns_before(self, columns: Ints) -> Ints:
        """For each county, the column of its state's election before ``columns`` (one per county); -1 stays -1."""
        return np.where(columns < 0, -1, self.previous[self.state, np.maximum(columns, 0)])

    def last_columns(self) -> Ints:
        """For each county, the column of its state's latest election."""
        return self.previous[self.state, len(self.years)]

    def at(self, values: Floats, columns: Ints) -> Floats:
        """The value of each county at its own column; NaN where the column is -1."""
        picked = values[np.arange(len(self.fips)), np.maximum(columns, 0)]
        return np.where(columns < 0, np.nan, picked)

    def before(self, year: int) -> Panel:
        """The panel as it was known before ``year``: later elections are not in it, nor counties seen only then.

        Raises ValueError when it holds no earlier election.
        """
        keep = np.flatnonzero(np.array(self.years) < year)
        if not len(keep):
            raise ValueError(f"the table holds no election before {year}; its years are {_listed(self.years)}")
        rows = np.isfinite(self.total[:, keep]).any(axis=1)
        kept = np.flatnonzero(rows)
        present = sorted(set(self.state[rows].tolist()))
        return Panel(
            states=tuple(self.states[s] for s in present),
            state=np.searchsorted(np.array(present), self.state[rows]),
            fips=tuple(self.fips[i] for i in kept),
            names=tuple(self.names[i] for i in kept),
            years=tuple(self.years[i] for i in keep),
            dem=self.dem[np.ix_(kept, keep)],
            rep=self.rep[np.ix_(kept, keep)],
            total=self.total[np.ix_(kept, keep)],
        )


def read_panel(table: Path | pl.DataFrame) -> Panel:
    """The panel of a table in the form of ``county_president``: see ``COLUMNS``; a CSV or Parquet file, or a frame.

    A row without votes (total 0 or missing, or none for either party) counts as no result. Raises ValueError when
    columns are missing, votes are no counts (whole, not negative), keys are missing or repeated, or no row has votes.
    """
    frame = _frame(table)
    missing = [c for c in COLUMNS if c not in frame.columns and c != "county_name"]
    if missing:
        raise ValueError(
            f"the county table lacks the columns {', '.join(missing)}; expected {', '.join(COLUMNS)}, "
            f"found {', '.join(frame.columns)}"
        )
    if "county_name" not in frame.columns:
        frame = frame.with_columns(county_name=pl.lit(""))
    typed = _typed(frame)
    kept = typed.filter((pl.col("votes_total") > 0) & (pl.col("votes_dem") + pl.col("votes_rep") > 0))
    if kept.is_empty():
        raise ValueError("the county table has no row with votes")
    return _panel(kept)


def _frame(table: Path | pl.DataFrame) -> pl.DataFrame:
    if isinstance(table, pl.DataFrame):
        return table
    if not table.is_file():
        raise ValueError(f"there is no county table at {table}")
    if table.suffix == ".parquet":
        return pl.read_parquet(table)
    try:
        return pl.read_csv(table, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        first = str(error).splitlines()[0]
        raise ValueError(f"{table} is no CSV table ({first}); expected the columns {', '.join(COLUMNS)}") from error


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    text = [pl.col(c).cast(pl.String).str.strip_chars() for c in ("state", "county_fips", "county_name")]
    numbers = [pl.col(c).cast(pl.String).str.strip_chars().replace({"": None}) for c in ("year", *COUNTS)]
    raw = frame.select(*text, *numbers).with_columns(
        county_fips=pl.col("county_fips").str.replace(r"\.0$", "").str.zfill(5), county_name=pl.col("county_name")
    )
    typed = raw.with_columns(pl.col(c).cast(pl.Float64, strict=False) for c in ("year", *COUNTS))
    for column in ("year", *COUNTS):
        bad = (raw[column].is_not_null() & typed[column].is_null()) | (typed[column] < 0).fill_null(False)
        bad |= ((typed[column] % 1) != 0).fill_null(False)
        if bad.any():
            raise ValueError(f"column {column} of the county table has {bad.sum()} values that are no count")
    lost = [c for c in KEYS if typed[c].is_null().any()]
    if lost:
        raise ValueError(f"the county table has rows without {', '.join(lost)}")
    repeated = typed.group_by(*KEYS).len().filter(pl.col("len") > 1)
    if not repeated.is_empty():
        year, state, fips, _ = repeated.sort(*KEYS).row(0)
        raise ValueError(
            f"the county table has {len(repeated)} counties twice in one year, the first {int(year)} {state} {fips}; "
            "one row per year, state and county_fips is expected"
        )
    return typed.with_columns(pl.col("year").cast(pl.Int64))


def _panel(kept: pl.DataFrame) -> Panel:
    years = sorted(kept["year"].unique().to_list())
    latest = kept.sort("year").group_by("state", "county_fips").agg(pl.col("county_name").last())
    units = latest.sort("state", "county_fips")
    states = sorted(units["state"].unique().to_list())
    indexed = kept.join(units.with_row_index("row").drop("county_name"), on=["state", "county_fips"])
    rows = indexed["row"].to_numpy().astype(np.int64)
    columns = np.searchsorted(np.array(years), indexed["year"].to_numpy())

    def spread(name: str) -> Floats:
        values = np.full((len(units), len(years)), np.nan)
        values[rows, columns] = indexed[name].fill_null(0).to_numpy()
        return values

    return Panel(
        states=tuple(states),
        state=np.array([states.index(s) for s in units["state"].to_list()], dtype=np.int64),
        fips=tuple(units["county_fips"].to_list()),
        names=tuple(name or "" for name in units["county_name"].to_list()),
        years=tuple(years),
        dem=spread("votes_dem"),
        rep=spread("votes_rep"),
        total=spread("votes_total"),
    )


def _listed(values: Sequence[int]) -> str:
    return ", ".join(str(v) for v in values)
