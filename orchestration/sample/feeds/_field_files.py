"""What the writers of field feeds share: CSV files with stable bytes, numbers that never tell of their order, times.

Belongs here: formatting. Does not belong here: what happened to whom (the feeds).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl

# Added to the row number of what an account has made, so that its ids look like an account's.
FIRST_ID = 1_000_000


def write_csv(path: Path, frame: pl.DataFrame, separator: str = ",", line_end: str = "\n") -> None:
    """One file with a header, values quoted where they must be, an empty text as nothing at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        frame.with_columns(pl.col(pl.String).replace("", None)).write_csv(
            file, separator=separator, line_terminator=line_end
        )


def at(day: date, hour: int = 0) -> datetime:
    """The moment a whole hour of a day begins."""
    return datetime.combine(day, time(hour))


def utc(column: str) -> pl.Expr:
    """A UTC timestamp column as the text these accounts write."""
    return pl.col(column).dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def clock(column: str) -> pl.Expr:
    """A timestamp column as a clock time without zone."""
    return pl.col(column).dt.strftime("%Y-%m-%d %H:%M:%S")


def days_after(day: date, count: int) -> date:
    """The day ``count`` days later (earlier, when negative)."""
    return day + timedelta(days=count)
