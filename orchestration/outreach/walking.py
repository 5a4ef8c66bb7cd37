"""Walk lists in the order in which they are walked: street by street, one side and then the other.

Belongs here: reading a street line into number, street and unit, and sorting. Does not belong here: whom to visit.

Down the odd side with rising numbers and back on the even side with falling ones, so that the walk ends where it
began. Lines without a number (rural routes) come last in their street, in order of their text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_ORDER = (
    "state", "precinct_id", "zip5", "street", "_rank", "_ahead", "_flat", "unit", "address", "last_name", "first_name",
    "person_id",
)  # fmt: skip
_NUMBER = r"^\s*(\d+)"
_HALF = r"^\s*\d+[ -]*(\d/\d|[A-Za-z])?\b\s+"
_UNIT = r"(?i)(?:\s|,)+(?:#|APT\.?|APARTMENT|UNIT|STE\.?|SUITE|LOT|BLDG\.?|RM|TRLR)\s*#?\s*([\w-]+)\s*$"


def in_walking_order(people: pl.DataFrame) -> pl.DataFrame:
    """The rows sorted, with the columns walk_order (from 1), street, side (odd, even or null), number, unit."""
    import polars as pl

    line = pl.col("address").fill_null("").str.to_uppercase()
    parts = people.with_columns(
        number=line.str.extract(_NUMBER).cast(pl.Int64, strict=False),
        unit=line.str.extract(_UNIT),
        street=line.str.replace(_UNIT, "").str.replace(_HALF, "").str.replace_all(r"\s+", " ").str.strip_chars(),
    ).with_columns(
        side=pl.when(pl.col("number").is_null())
        .then(None)
        .when(pl.col("number") % 2 == 1)
        .then(pl.lit("odd"))
        .otherwise(pl.lit("even"))
    )
    rank = pl.col("side").replace_strict({"odd": 0, "even": 1}, default=2, return_dtype=pl.Int8)
    ahead = pl.when(pl.col("side") == "even").then(-pl.col("number")).otherwise(pl.col("number"))
    # Flats of a house by number where they have one: 2 before 10.
    flat = pl.col("unit").str.extract(r"(\d+)").cast(pl.Int64, strict=False)
    walked = parts.with_columns(_rank=rank, _ahead=ahead, _flat=flat).sort(_ORDER, nulls_last=True)
    return walked.drop("_rank", "_ahead", "_flat").with_row_index("walk_order", offset=1)
