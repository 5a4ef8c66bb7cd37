"""Commands for whoever keeps it running: deliveries, quarantine, gate, doctor, override."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from orchestration import settings as config
from orchestration.cli import Exit, app
from orchestration.cli.running import AsJson
from orchestration.cli.show import complain, print_json, print_table, say


@app.command()
def deliveries(
    source: Annotated[str | None, typer.Argument(help="One source only.")] = None,
    limit: Annotated[int, typer.Option(min=1)] = 50,
    as_json: AsJson = False,
) -> int:
    """List what was received: lines, accepted, quarantined, verdict and cause."""
    from orchestration.cli.state import delivery_rows

    rows = delivery_rows(config.load(), source, limit)
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows, list(rows[0]))
    else:
        say("nothing has been received yet" + (f" for {source}" if source else ""))
    return 0


@app.command()
def quarantine(
    delivery: Annotated[str, typer.Argument(help="A delivery id, as `winnumber deliveries` shows it.")],
    as_json: AsJson = False,
) -> int:
    """Say why lines of a delivery were quarantined: file, reason, how many, the first line numbers."""
    from orchestration.cli.state import quarantine_rows

    try:
        rows = quarantine_rows(config.load(), delivery)
    except LookupError as error:
        complain(str(error))
        return Exit.USAGE
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows, list(rows[0]))
    else:
        say("no line of this delivery was quarantined")
    return 0


@app.command()
def gate(
    release: Annotated[str | None, typer.Argument(help="A release id; the current one when left out.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only what did not pass.")] = False,
    as_json: AsJson = False,
) -> int:
    """Show the gate record: every check, what was observed against what was allowed."""
    from orchestration.cli.state import gate_record

    paths = config.load().paths
    found = gate_record(paths, release)
    if found is None:
        complain(f"there is no gate record for {release or 'a current release'} in {paths.home}")
        return Exit.USAGE
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return 0
    verdict = found["verdict"]
    say(f"{found['release_id']}: {'green' if verdict['green'] else 'refused'}, {len(found['results'])} checks")
    for cause in verdict["causes"]:
        say(f"  {cause}")
    columns = ("check_id", "status", "evaluated", "unexpected", "observed", "expected")
    rows = [{c: r[c] for c in columns} for r in found["results"] if not failed or r["status"] != "pass"]
    if rows:
        print_table(rows, columns)
    return 0


@app.command()
def report(
    name: Annotated[str | None, typer.Argument(help="A release id or a run's; the newest run when left out.")] = None,
    open_path: Annotated[bool, typer.Option("--open-path", help="Print only where the page is.")] = False,
    as_json: AsJson = False,
) -> int:
    """Say where the page of a release or run is: what failed, how far out, who is affected, what to type."""
    from orchestration.cli.state import newest_run
    from orchestration.pages.gate_page import find_page, write_page

    settings = config.load()
    page = find_page(settings, name)
    wanted = newest_run(settings, name)
    if wanted is not None and (page is None or name is None):
        # A run of another version of the code, or one that was killed, has left no page.
        page = write_page(settings, wanted)
    if page is None:
        complain(f"no page of {name or 'any run'} in {settings.paths.home / 'reports'}; run `winnumber refresh`")
        return Exit.USAGE
    if as_json:
        print_json({"page": str(page), "uri": page.as_uri()})
    elif open_path:
        typer.echo(page)
    else:
        say(f"{page.as_uri()}\nall runs: {page.with_name('index.html').as_uri()}")
    return 0


@app.command()
def override(
    target: Annotated[str, typer.Argument(help="A delivery id or a check id.")],
    reason: Annotated[str, typer.Option(help="Why it may pass; goes on record and into the release.")],
    by: Annotated[str, typer.Option(help="Who decides.")],
    hours: Annotated[int, typer.Option(min=1, max=24 * 14, help="For how long.")] = 24,
) -> int:
    """Let a refused delivery or a failed check pass for a limited time, on record."""
    from orchestration.ingest.ledger import Ledger

    if target.startswith("drift."):
        complain(f"{target} cannot be overridden as a whole; `winnumber acknowledge` names the slices that may pass")
        return Exit.USAGE
    now = datetime.now(UTC)
    with Ledger(config.load().paths.home / "ledger.sqlite") as ledger:
        try:
            ledger.add_override(
                target,
                reason,
                by,
                now.isoformat(timespec="seconds"),
                (now + timedelta(hours=hours)).isoformat(timespec="seconds"),
            )
        except ValueError as error:
            complain(str(error))
            return Exit.USAGE
    say(
        f"{target} may pass until {(now + timedelta(hours=hours)).isoformat(timespec='minutes')}; run the refresh again"
    )
    return 0


@app.command()
def alert(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the message; tell nobody, note nothing.")] = False,
    at: Annotated[
        str | None, typer.Option(help="With --dry-run: as of this moment, such as 2026-11-01T07:00:00Z.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Tell whoever is to be told when no release is there by operations.release_by; once a day, and when it changes."""
    from dataclasses import asdict

    from orchestration import alerts

    if at and not dry_run:
        complain("--at only goes with --dry-run: nobody is told of another hour than this")
        return Exit.USAGE
    try:
        now = datetime.fromisoformat(at) if at else datetime.now(UTC)
    except ValueError:
        complain(f"--at {at!r} is not a moment such as 2026-11-01T07:00:00Z")
        return Exit.USAGE
    now = now if now.tzinfo else now.replace(tzinfo=UTC)
    settings = config.load()
    message = alerts.deadline_message(settings, now) if dry_run else alerts.tell_if_due(settings, now)
    if as_json:
        print_json(asdict(message) if message else None)
    elif message:
        say(message.text)
    elif settings.operations.release_by is None:
        say("operations.release_by is not set: nobody waits for a release")
    else:
        say("there is nothing to tell about today's release")
    return 0


@app.command()
def doctor(
    quiet: Annotated[bool, typer.Option("--quiet", help="Only what is wrong.")] = False, as_json: AsJson = False
) -> int:
    """Check the installation: versions, permissions, ports, telemetry, disk, clock, leftovers, schedule, release."""
    from orchestration.cli.health import show
    from orchestration.health.examine import examine
    from orchestration.health.findings import Level

    looks = examine(config.load())
    findings = list(looks) if as_json else show(looks, quiet)
    if as_json:
        print_json([finding.document() for finding in findings])
    failures, warnings = (sum(f.level is level for f in findings) for level in (Level.FAIL, Level.WARN))
    if not as_json:
        say(f"{len(findings)} looks: {failures} failed, {warnings} to mind")
    return int(failures > 0)
