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
def doctor(
    quiet: Annotated[bool, typer.Option("--quiet", help="Only what is wrong.")] = False, as_json: AsJson = False
) -> int:
    """Check the installation: versions, folders, permissions, disk, telemetry, lock, release."""
    from orchestration.cli.health import examine

    findings = examine(config.load())
    if as_json:
        print_json(findings)
    else:
        shown = [f for f in findings if not quiet or not f["ok"]]
        for finding in shown:
            say(f"{'ok  ' if finding['ok'] else 'FAIL'}  {finding['what']}: {finding['found']}")
            if not finding["ok"] and finding["do"]:
                say(f"      {finding['do']}")
    return 0 if all(f["ok"] for f in findings) else Exit.INTERNAL
