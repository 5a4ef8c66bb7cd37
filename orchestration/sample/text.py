"""Lines of text at speed: every field comes from a small table by code, with its quotes and separator baked in.

A line is the concatenation of a few pieces per person; no field is formatted per person in Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

Piece = str | pl.Series
# Oldest date a table of dates holds; people born before do not occur.
DATE_ZERO = date(1895, 1, 1)
DATE_ZERO_NUMBER = (DATE_ZERO - date(1970, 1, 1)).days
DATE_COUNT = 52_000


def table(values: Iterable[str]) -> pl.Series:
    """A lookup table of text."""
    return pl.Series(list(values), dtype=pl.String)


def take(values: pl.Series, codes: np.ndarray) -> pl.Series:
    """One text per row: `values[codes]`."""
    return values.gather(pl.Series(codes.astype(np.uint32, copy=False)))


def quoted(values: Iterable[str], end: str = "\t") -> pl.Series:
    """A lookup table with double quotes round each value and the separator behind."""
    return table(f'"{value}"{end}' for value in values)


def plain(values: Iterable[str], end: str = "\t") -> pl.Series:
    """A lookup table with the separator behind each value."""
    return table(f"{value}{end}" for value in values)


@cache
def dates(form: str, before: str = "", after: str = "") -> pl.Series:
    """Every day from DATE_ZERO on, as text in the form given (strftime)."""
    days = pl.date_range(DATE_ZERO, DATE_ZERO + timedelta(days=DATE_COUNT - 1), eager=True)
    return pl.select(pl.concat_str(pl.lit(before), days.dt.strftime(form), pl.lit(after))).to_series()


def take_date(form: str, numbers: np.ndarray, before: str = "", after: str = "") -> pl.Series:
    """Dates (days since 1970) as text."""
    return take(dates(form, before, after), numbers - DATE_ZERO_NUMBER)


@cache
def _digits(width: int, before: str, after: str) -> pl.Series:
    return table(f"{before}{number:0{width}d}{after}" for number in range(10**width))


def digits(numbers: np.ndarray, width: int, before: str = "", after: str = "") -> list[Piece]:
    """Zero-padded numbers of `width` digits, as pieces of four digits each."""
    numbers = np.asarray(numbers, dtype=np.int64)
    head = width % 4 or 4
    sizes = [head] + [4] * ((width - head) // 4)
    pieces: list[Piece] = [before] if before else []
    left = width
    for size in sizes:
        left -= size
        pieces.append(take(_digits(size, "", ""), numbers // 10**left % 10**size))
    return pieces + ([after] if after else [])


def lines(pieces: Sequence[Piece], count: int) -> pl.Series:
    """One line per row out of constant and per-row pieces (constants next to each other are merged)."""
    columns: dict[str, pl.Series] = {}
    parts: list[pl.Expr] = []
    pending = ""
    for piece in pieces:
        if isinstance(piece, str):
            pending += piece
            continue
        if pending:
            parts.append(pl.lit(pending))
            pending = ""
        columns[f"p{len(columns)}"] = piece
        parts.append(pl.col(f"p{len(columns) - 1}"))
    if pending:
        parts.append(pl.lit(pending))
    if not columns:
        return pl.Series([pending] * count, dtype=pl.String)
    return pl.DataFrame(columns).select(line=pl.concat_str(parts)).to_series()


def encode(line: pl.Series, encoding: str = "utf-8") -> bytes:
    """The lines (which carry their own line ends) as bytes."""
    if not len(line):
        return b""
    text: str = line.str.join("").item()
    return text.encode(encoding)


ACCENTS = str.maketrans("ÁÉÍÓÚÑÜËÇáéíóúñüëç", "AEIOUNUECaeiounuec")


def ascii_only(value: str) -> str:
    """The value without accents, as the states with ASCII files print it."""
    return value.translate(ACCENTS)
