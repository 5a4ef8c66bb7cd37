"""The command that traces a number of the ledger: explain."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from orchestration import settings as config
from orchestration.cli import Exit, app
from orchestration.cli.running import AsJson
from orchestration.cli.show import complain, print_json, print_table


@app.command()
def explain(
    contest: Annotated[str, typer.Option(help="A contest id, as `winnumber goals` shows it.")],
    geography: Annotated[str | None, typer.Option(help="Id of an area; the whole contest when left out.")] = None,
    geography_type: Annotated[str | None, typer.Option(help="Where an id names several areas: county, …")] = None,
    as_json: AsJson = False,
) -> int:
    """Trace a row of the ledger from registered to goal: rule, inputs, model version and interval at each step."""
    from orchestration.explain import NoSuchRow
    from orchestration.explain import explain as trace

    paths = config.load().paths
    if not paths.current.exists():
        complain(f"nothing has been published in {paths.home} yet; run `winnumber refresh`")
        return Exit.USAGE
    try:
        lines = [asdict(line) for line in trace(paths.current.resolve(), contest, geography, geography_type)]
    except NoSuchRow as missing:
        complain(str(missing))
        return Exit.USAGE
    if as_json:
        print_json({"contest": contest, "geography": geography, "chain": lines})
    else:
        shown = [line | {"holds": {True: "yes", False: "NO", None: ""}[line["holds"]]} for line in lines]
        print_table(shown, list(shown[0]), title=f"{contest} {geography or ''}".strip())
    return Exit.INTERNAL if any(line["holds"] is False for line in lines) else 0
