"""Commands that change something: sample, fetch, refresh, rollback."""

from __future__ import annotations

import getpass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from orchestration import settings as config
from orchestration.cli import Exit, app
from orchestration.cli.show import complain, print_json, print_rows, progress, say

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of words.")]


@app.command()
def sample(
    states: Annotated[str, typer.Option(help="Two-letter codes, comma-separated.")] = "nc,oh,fl,va,pa",
    voters: Annotated[int, typer.Option(min=1000, help="Voters over all states.")] = 50_000,
    days: Annotated[int, typer.Option(min=1, help="How many daily snapshots.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    results: Annotated[
        Path | None,
        typer.Option(help="A certified county or precinct result file to reproduce.", exists=True),
    ] = None,
) -> int:
    """Make synthetic deliveries in the states' official layouts and drop them into landing/."""
    from orchestration.sample import SamplePlan, write_sample

    paths = config.load().paths
    wanted = tuple(s.strip().upper() for s in states.split(",") if s.strip())
    say(f"Making a sample of {voters:,} voters in {', '.join(wanted)} ({days} day(s), seed {seed})")
    try:
        report = write_sample(
            SamplePlan(states=wanted, voters=voters, days=days, seed=seed, results=results),
            paths.landing,
            paths.truth,
            progress=lambda state, count: say(f"  {state}: {count:,} voters written"),
        )
    except (ValueError, FileExistsError) as error:
        complain(str(error))
        return Exit.USAGE
    speed = sum(report.voters.values()) / max(report.seconds, 1e-9)
    say(
        f"{report.files:,} files, {report.bytes / 1e6:,.0f} MB in {paths.landing} "
        f"({report.seconds:.1f} s, {speed:,.0f} voters/s)"
    )
    return 0


@app.command()
def fetch(
    source: Annotated[str, typer.Argument(help="A source whose contract has a public download URL.")],
    day: Annotated[
        str | None, typer.Option(help="The snapshot or election date, as 2024-11-05; today when left out.")
    ] = None,
    value: Annotated[
        list[str] | None, typer.Option("--set", help="A value the address needs, as name=value; may be repeated.")
    ] = None,
    checksum: Annotated[str | None, typer.Option(help="The checksum the sender publishes.")] = None,
    as_json: AsJson = False,
) -> int:
    """Download a public file into landing/ (resumable, checksummed, polite)."""
    from dataclasses import asdict

    from orchestration import demands
    from orchestration.ingest.fetch import FetchFailed
    from orchestration.ingest.fetch import fetch as download

    contracts = demands.delivered()
    if source not in contracts:
        complain(f"no contract is called {source!r}; there are: {', '.join(sorted(contracts))}")
        return Exit.USAGE
    try:
        when = date.fromisoformat(day) if day else date.today()  # noqa: DTZ011  (the user's own day)
    except ValueError:
        complain(f"--day {day!r} is not a date such as 2024-11-05")
        return Exit.USAGE
    if wrong := [item for item in value or [] if "=" not in item]:
        complain(f"--set {wrong[0]!r} is not of the form name=value")
        return Exit.USAGE
    values = dict(item.split("=", 1) for item in value or [])
    try:
        result = download(
            contracts[source], config.load().paths.landing, when, values=values or None, checksum=checksum
        )
    except FetchFailed as error:
        complain(str(error))
        return Exit.DELIVERY_REFUSED
    if as_json:
        print_json(asdict(result))
    else:
        what = "downloaded" if result.fetched else "unchanged since it was last downloaded"
        say(f"{result.path}: {what}, {result.size:,} bytes, sha256 {result.sha256}")
    return 0


@app.command()
def refresh(as_json: AsJson = False) -> int:
    """Take in what has landed, rebuild, check, and publish: the daily refresh, now."""
    from orchestration.cli.job import run_job

    with progress():
        outcome = run_job()
    if as_json:
        print_json(outcome.document())
        return outcome.code
    for line in outcome.lines():
        say(line)
    if outcome.code == Exit.PUBLISHED and outcome.warehouse is not None:
        from orchestration.goals import contest_lines

        shown = (
            "contest_id", "registered", "expected_turnout", "win_number", "vote_goal", "base_vote",
            "vote_deficit", "uncovered_deficit",
        )  # fmt: skip
        print_rows(contest_lines(outcome.warehouse), shown, "table")
    return outcome.code


@app.command()
def rollback(
    to: Annotated[str | None, typer.Option(help="A release id; the one before when left out.")] = None,
    reason: Annotated[str, typer.Option(help="Why; it is kept with the release history.")] = "",
    by: Annotated[str, typer.Option(help="Who decides; the user of this computer when left out.")] = "",
    as_json: AsJson = False,
) -> int:
    """Point readers at an earlier release."""
    from orchestration.publish.errors import Busy, DamagedRelease, NoSuchRelease
    from orchestration.publish.releases import rollback as switch

    paths = config.load().paths
    if not reason.strip():
        complain("--reason is needed: say why readers are sent back; it stays on record")
        return Exit.USAGE
    try:
        release = switch(paths.home, to=to, reason=reason, by=by or getpass.getuser())
    except Busy as error:
        complain(str(error))
        return Exit.BUSY
    except (DamagedRelease, NoSuchRelease) as error:
        complain(str(error))
        return Exit.USAGE
    if as_json:
        print_json({"release_id": release.release_id, "path": str(release.path)})
    else:
        say(f"readers now follow release {release.release_id}")
    return 0
