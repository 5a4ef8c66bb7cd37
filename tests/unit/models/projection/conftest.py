"""A county table made by rule, and the real one where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from projection_tables import made_table

SHARED = Path(os.environ.get("WINNUMBER_SHARED_DATA", "../shared/data"))


@pytest.fixture(scope="session")
def county_table() -> pl.DataFrame:
    """The five states' certified results, read in place."""
    files = sorted((SHARED / "elections" / "county_president").glob("*.csv"))
    if not files:
        pytest.skip(f"no county results in {SHARED}/elections/county_president; set WINNUMBER_SHARED_DATA")
    return pl.concat([pl.read_csv(file, infer_schema=False) for file in files])


@pytest.fixture(scope="session")
def made() -> pl.DataFrame:
    return made_table({"AA": 40, "BB": 25, "CC": 1})
