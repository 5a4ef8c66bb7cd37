"""The command that measures the projection against certified results: backtest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration import settings as config
from orchestration.cli import Exit, app
from orchestration.cli.running import AsJson
from orchestration.cli.show import complain, print_json, print_table, say

if TYPE_CHECKING:
    import polars as pl


@app.command()
def backtest(
    county_table: Annotated[
        Path | None, typer.Option(help="CSV or Parquet in the form of county_president; accepted rows when left out.")
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Write the record with pictures to this HTML file.")] = None,
    as_json: AsJson = False,
) -> int:
    """Project every past election from the ones before it; show the errors beside the naive rules."""
    from orchestration.models import backtest as record

    try:
        table = county_table or accepted_results(config.load().paths.home)
        done = record.backtest(table)
    except ValueError as error:
        complain(str(error))
        return Exit.USAGE
    if page:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(record.backtest_page(done.rows, done.counties), encoding="utf-8")
        say(f"wrote {page}")
    found = record.as_json(done.rows)
    if as_json:
        print_json(found)
    else:
        rows = [row | {"year": str(row["year"])} for row in found["results"]]
        print_table(rows, list(rows[0]), title="share in points, votes in percent; coverage of the 80 % interval")
    return 0


def accepted_results(home: Path) -> pl.DataFrame:
    """The accepted rows of county_president; where two deliveries hold a county's year, the later delivery's.

    Raises ValueError when none was accepted.
    """
    import polars as pl

    from orchestration.models.projection import COLUMNS

    files = sorted((home / "archive" / "accepted" / "county_president").glob("*/*.parquet"))
    if not files:
        raise ValueError(
            f"no county_president delivery has been accepted in {home}; pass --county-table FILE, a table with the "
            f"columns {', '.join(COLUMNS)}"
        )
    # A folder is named after its delivery's date, so the later one comes last.
    rows = pl.concat([pl.read_parquet(file) for file in files], how="diagonal_relaxed")
    return rows.unique(["year", "state", "county_fips"], keep="last", maintain_order=True)
