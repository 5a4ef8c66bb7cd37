"""What the oracle is given: accepted rows, seeds, settings and the fitted lookup tables.

Belongs here: opening those inputs, and the few ways of reading text that several sources share.
Does not belong here: what any source means.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl

from orchestration.contracts.load import load_contracts
from orchestration.ingest.run import open_accepted
from orchestration.settings import Campaign, load

SEEDS = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds"
MILLION = 1_000_000
MASKED = r"^[*# /-]*$"


@dataclass(frozen=True)
class World:
    """The inputs of one refreshed home."""

    home: Path
    campaign: Campaign
    con: duckdb.DuckDBPyConnection = field(repr=False)

    def rows(self, table: str, columns: Sequence[str]) -> pl.DataFrame:
        """These columns of an accepted table, as they were delivered."""
        return pl.DataFrame(self.con.sql(f"select {', '.join(columns)} from accepted.{table}"))

    @cached_property
    def model_versions(self) -> dict[str, str]:
        """The version of each model that the current release was scored with."""
        record = json.loads((self.home / "current" / "release.json").read_text(encoding="utf-8"))
        return dict(record["model_versions"])

    def model(self, name: str, table: str) -> pl.DataFrame:
        """A fitted lookup table."""
        return pl.read_parquet(self.home / "models" / name / self.model_versions[name] / f"{table}.parquet")

    def answers(self) -> pl.DataFrame:
        """The newest answer on support of each voter: answers as staged, joined here to the fitted links."""
        with duckdb.connect(str(self.home / "build" / "active" / "warehouse.duckdb"), read_only=True) as con:
            given = pl.DataFrame(con.sql("from intermediate.int_contact__support_answers"))
        links = self.model("identity", "identity_links").filter(pl.col("voter_id").is_not_null())
        newest = given.join(links, on="record_id").sort("asked_at", "answer_id").group_by("voter_id").last()
        return newest.select("voter_id", pl.col("support_answer").cast(pl.String).alias("said"))


def open_world(home: Path) -> World:
    """Open a refreshed home for reading."""
    con = duckdb.connect()
    open_accepted(con, home, load_contracts())
    return World(home, load(home).campaign, con)


def seed(name: str) -> pl.DataFrame:
    """A seed as text."""
    return pl.read_csv(SEEDS / f"{name}.csv", infer_schema=False)


def tidy(column: str) -> pl.Expr:
    """Upper case, no blanks around it; null where nothing is left."""
    text = pl.col(column).str.strip_chars(" ").str.to_uppercase()
    return pl.when(text != "").then(text)


def unmasked(column: str) -> pl.Expr:
    """Null where the text is nothing but mask characters."""
    text = pl.col(column).str.strip_chars(" ")
    return pl.when(~text.str.contains(MASKED)).then(text)


def day(column: str, form: str = "%m/%d/%Y") -> pl.Expr:
    """A date, null where the text is none."""
    return pl.col(column).str.to_date(form, strict=False)


def whole(column: str) -> pl.Expr:
    """A whole number, thousands commas allowed; null where the text is none."""
    text = pl.col(column).str.strip_chars(" ").str.replace_all(",", "", literal=True)
    return pl.when(text.str.contains(r"^-?[0-9]+$")).then(text).cast(pl.Int64)


def letters(column: str) -> pl.Expr:
    """A county's name as its key: capital letters only, without the word County."""
    return pl.col(column).str.to_uppercase().str.replace(" COUNTY$", "").str.replace_all("[^A-Z]", "")


def precinct(text: pl.Expr) -> pl.Expr:
    """A precinct code: upper case, single blanks."""
    code = text.str.strip_chars(" ").str.to_uppercase().str.replace_all(" +", " ")
    return pl.when(code != "").then(code)


def precinct_number(column: str) -> pl.Expr:
    """A precinct code; a number without zeros in front, then in three digits."""
    code = precinct(pl.col(column))
    return pl.when(code.str.contains("^[0-9]+$")).then(code.str.strip_chars_start("0").str.zfill(3)).otherwise(code)


def place(text: pl.Expr) -> pl.Expr:
    """The name of a municipality as the tail of its id."""
    key = text.str.to_uppercase().str.replace_all("[^A-Z0-9]+", "_").str.strip_chars("_")
    return pl.when(key != "").then(key)


def district(state: pl.Expr, kind: str, column: str) -> pl.Expr:
    """A district's id: state and number in the width of its kind; null where no number is given."""
    width = int(seed("district_types").filter(district_type=kind)["id_width"].item())
    number = (
        pl.col(column)
        .str.strip_chars(" ")
        .str.to_uppercase()
        .str.extract(r"^(?:(?:STH|STS|USC|CD|SD|HD|DISTRICT|DIST)[ .-]*)?([0-9]+)$", 1)
        .str.strip_chars_start("0")
    )
    return pl.when(number != "").then(pl.concat_str(state, pl.lit("-"), number.str.zfill(width)))


def coded(frame: pl.DataFrame, seed_name: str, state: str, column: str, key: str, meaning: str) -> pl.Series:
    """What a state's codes mean according to a seed; null for a code that it lacks."""
    codes = seed(seed_name).filter(pl.col("state") == state)
    lookup = dict(zip(codes[key], codes[meaning], strict=True))
    return frame.select(tidy(column).replace_strict(lookup, default=None, return_dtype=pl.String)).to_series()
