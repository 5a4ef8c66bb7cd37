"""Commands on drift: drift (what is outside its band), acknowledge (a named person says that a change is real)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration import settings as config
from orchestration.cli import Exit, app
from orchestration.cli.running import AsJson
from orchestration.cli.show import complain, print_json, print_table, say

_SHOWN = ("level", "slice", "against", "days", "observed", "expected", "allowed", "since", "owner")
_LONGEST = 60  # days; a change that is still outside its band after two releases is not the one that was looked at


def _folder(release: str | None) -> Path:
    """Where the last run or a kept release has its profile."""
    from orchestration.drift.history import FOLDER

    paths = config.load().paths
    return paths.build / "active" if release is None else paths.home / FOLDER / release


def _rows(folder: Path, everything: bool) -> list[dict[str, Any]]:
    """The judged rows, with since when a warning stands; FileNotFoundError when nothing was counted there."""
    from orchestration.drift.checks import outside
    from orchestration.drift.judge import JUDGED
    from orchestration.drift.standing import Standing
    from orchestration.drift.watch import key_of, opened

    with opened(folder) as con:
        rows = outside(con)
        if everything:
            cursor = con.execute(f"select *, 0.0 as how_far from {JUDGED} where level = 'ok'")
            names = [d[0] for d in cursor.description or []]
            rows += [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    with Standing(config.load().paths.home / "ledger.sqlite") as standing:
        since = {w.key: w for w in standing.open_warnings()}
    for row in rows:
        warned = since.get(key_of(row))
        row["since"] = warned.first_seen[:10] if warned else None
        row["error_from"] = warned.expires.date().isoformat() if warned else None
    return rows


@app.command()
def drift(
    release: Annotated[str | None, typer.Argument(help="A published release id; the last run when left out.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what is in its band.")] = False,
    as_json: AsJson = False,
) -> int:
    """Show which counts left the band that history gives them, slice by slice, the worst first."""
    from orchestration.drift.checks import allowed

    try:
        rows = _rows(_folder(release), everything)
    except FileNotFoundError as error:
        complain(str(error))
        return Exit.USAGE
    if as_json:
        print_json([{k: v for k, v in row.items() if k != "how_far"} for row in rows])
        return 0
    for row in rows:
        row["slice"] = f"{row['measure']}_by_{row['slice_kind']}:{row['slice_value']}"
        if row["shown"] != row["slice_value"]:
            row["slice"] += f" ({row['shown']})"
        row["allowed"] = allowed(row, "error" if row["level"] == "error" else "warn")
    if rows:
        print_table(rows, _SHOWN)
        for todo in dict.fromkeys(row["todo"] for row in rows if row["level"] in ("warn", "error")):
            say(f"  {todo}")
    else:
        say("every count is in its band")
    return 0


@app.command()
def acknowledge(
    target: Annotated[
        str,
        typer.Argument(help="drift.voters_by_county, voters_by_county:NC, source:nc_voters, state:NC, …"),
    ],
    reason: Annotated[str, typer.Option(help="Why the change is real; goes on record and into the release.")],
    by: Annotated[str, typer.Option(help="Who says so.")],
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Until which day (UTC); a week when left out.")
    ] = None,
) -> int:
    """Say, on record, that a change the last run saw is real: a purge, new districts, a source that ended."""
    from orchestration.drift.standing import Standing
    from orchestration.drift.watch import covers, key_of
    from orchestration.refresh import Report

    folder, now = _folder(None), datetime.now(UTC)
    end = until.replace(tzinfo=UTC) if until else now + timedelta(days=7)
    report = Report.read(folder)
    try:
        rows = [r for r in _rows(folder, everything=False) if r["level"] in ("warn", "error") and covers(target, r)]
        if report is None or report.release_id is None:
            raise FileNotFoundError(f"{folder}: no run that counted a candidate; run the refresh first")
        if end > now + timedelta(days=_LONGEST):
            raise ValueError(f"--until is more than {_LONGEST} days away; acknowledge again when it comes to that")
        covered = {key_of(row): int(row["observed"] or 0) for row in rows}
        with Standing(config.load().paths.home / "ledger.sqlite") as standing:
            standing.acknowledge(
                target, list(covered.items()), reason=reason, by=by, at=now.isoformat(timespec="seconds"),
                until=end.isoformat(timespec="seconds"), release_id=report.release_id,
            )  # fmt: skip
    except (FileNotFoundError, ValueError) as error:
        complain(str(error))
        return Exit.USAGE
    for row in rows:
        say(f"  {row['measure']}_by_{row['slice_kind']}:{row['slice_value']} at {row['observed'] or 0:,}")
    say(f"{len(covered)} slice(s) acknowledged as they stand until {end:%Y-%m-%d}; run the refresh again")
    return 0
