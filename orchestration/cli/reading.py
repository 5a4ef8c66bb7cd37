"""Commands that only read: goals, query, path, status, releases, diff."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from orchestration import settings as config
from orchestration.cli import Exit, app
from orchestration.cli.running import AsJson
from orchestration.cli.show import complain, print_json, print_rows, print_table, say

Format = Annotated[str, typer.Option("--format", help="table, csv or json.")]
FORMS = ("table", "csv", "json")


def _form(form: str, as_json: bool) -> str | None:
    """The form asked for, by either option; None (after a complaint) when there is no such form."""
    if form not in FORMS:
        complain(f"--format {form!r} is not table, csv or json")
        return None
    return "json" if as_json else form


def _warehouse() -> Path | None:
    path = config.load().paths.current / "warehouse.duckdb"
    if path.exists():
        return path.resolve()
    complain(f"nothing has been published in {config.load().paths.home} yet; run `winnumber refresh`")
    return None


@app.command()
def goals(
    by: Annotated[
        str, typer.Option(help="contest, state, county, municipality, precinct, media_market, …")
    ] = "contest",
    state: Annotated[str | None, typer.Option(help="Two-letter code.")] = None,
    contest: Annotated[str | None, typer.Option(help="A contest id.")] = None,
    office: Annotated[str | None, typer.Option(help="us_senate, governor, us_house, state_house, …")] = None,
    limit: Annotated[int | None, typer.Option(min=1)] = None,
    form: Format = "table",
    as_json: AsJson = False,
) -> int:
    """Show vote goals of the current release."""
    from orchestration import goals as reader

    wanted, warehouse = _form(form, as_json), _warehouse()
    if wanted is None or warehouse is None:
        return Exit.USAGE
    kinds = reader.geography_types(warehouse)
    if by not in kinds:
        complain(f"--by {by!r} is not a geography type; there are: {', '.join(kinds)}")
        return Exit.USAGE
    rows = reader.goals(
        warehouse, by=by, state=state.upper() if state else None, contest=contest, office=office, limit=limit
    )
    if not rows:
        say("no row matches; `winnumber goals` without conditions lists the contests")
        return 0
    hidden: tuple[str, ...] = ()
    if wanted == "table":
        hidden = ("geography_type", "geography_id", "geography_name") if by == "contest" else ("geography_type",)
    print_rows(rows, [c for c in reader.SHOWN if c not in hidden], wanted)
    return 0


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="A select statement over the current release.")],
    form: Format = "table",
    limit: Annotated[int, typer.Option(min=1, help="Rows shown at the most, in a table.")] = 200,
    as_json: AsJson = False,
) -> int:
    """Run SQL over the current release, read-only and with everything outside it out of reach."""
    import duckdb

    from orchestration.publish.reader import open_read_only

    wanted, warehouse = _form(form, as_json), _warehouse()
    if wanted is None or warehouse is None:
        return Exit.USAGE
    with open_read_only(warehouse) as con:
        try:
            cursor = con.execute(sql)
            columns = [d[0] for d in cursor.description or []]
            found = cursor.fetchmany(limit + 1) if wanted == "table" else cursor.fetchall()
        except duckdb.Error as error:
            complain(str(error))
            return Exit.USAGE
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    print_rows(rows[:limit] if wanted == "table" else rows, columns, wanted)
    if wanted == "table" and len(rows) > limit:
        say(f"first {limit:,} rows; --limit or --format csv for more")
    return 0


@app.command()
def path(as_json: AsJson = False) -> int:
    """Print where the current warehouse.duckdb is."""
    warehouse = _warehouse()
    if warehouse is None:
        return Exit.USAGE
    if as_json:
        print_json({"warehouse": str(warehouse)})
    else:
        typer.echo(warehouse)
    return 0


@app.command()
def status(as_json: AsJson = False) -> int:
    """Say what readers see, how fresh each source is, what was refused and who is refreshing now."""
    from orchestration.cli.state import overview

    view = overview(config.load())
    if as_json:
        print_json(view)
        return 0
    serving = view["serving"]
    say(
        f"Readers see release {serving['release_id']} (data as of {serving['data_as_of']}, built {serving['built_at']})"
        if serving
        else "Nothing has been published yet."
    )
    if view["synthetic_world"]:
        say(("CAUTION: " if view["synthetic_world"]["strangers"] else "") + view["synthetic_world"]["sentence"])
    if view["running"]:
        holder = view["running"]
        say(f"A refresh is running: {holder['run_id'][:8]} by {holder['who']} since {holder['since']}")
    last = view["last_refresh"]
    if last:
        say(f"Last refresh: {last['outcome']} ({last['started_at']} by {last['who']})")
        for cause in last["causes"]:
            say(f"  {cause}")
    if view["sources"]:
        print_table(view["sources"], list(view["sources"][0]))
    return 0


@app.command()
def releases(as_json: AsJson = False) -> int:
    """List the releases that are kept."""
    from orchestration.publish.releases import list_releases

    rows = [
        {
            "release_id": r.release_id,
            "data_as_of": r.data_as_of,
            "built_at": r.built_at,
            "current": r.is_current,
            "path": str(r.path),
        }
        for r in list_releases(config.load().paths.home)
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows, list(rows[0]))
    else:
        say("nothing has been published yet")
    return 0


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="A release id.")],
    after: Annotated[str | None, typer.Argument(help="Another; the current one when left out.")] = None,
    as_json: AsJson = False,
) -> int:
    """Say what changed between two releases: rows, columns and totals per table."""
    from orchestration.publish.compare import diff as compare
    from orchestration.publish.releases import list_releases

    kept = {r.release_id: r for r in list_releases(config.load().paths.home)}
    second = after or next((r.release_id for r in kept.values() if r.is_current), "")
    for name in (before, second):
        if name not in kept:
            complain(f"release {name!r} is not kept; there are: {', '.join(kept) or 'none'}")
            return Exit.USAGE
    found = compare(kept[before].path, kept[second].path)
    if as_json:
        print_json(asdict(found))
        return 0
    if not found.differs:
        say(f"{before} and {second} hold the same")
        return 0
    for table in found.tables:
        if not table.differs:
            continue
        say(f"{table.table}: {table.added:,} rows added, {table.removed:,} removed, {table.changed:,} changed")
        moved = [asdict(t) for t in table.totals if t.before != t.after]
        if moved:
            print_table(moved, list(moved[0]))
    return 0
