"""Commands that keep a home: backup, restore, retain."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration import settings as config
from orchestration.cli import Exit, app
from orchestration.cli.running import AsJson
from orchestration.cli.show import complain, print_json, print_table, say

backups = typer.Typer(help="Copy the whole home into a folder of backups; only what is new is written.")
app.add_typer(backups, name="backup")
Which = Annotated[str | None, typer.Option("--backup", help="A backup's id; the newest when left out.")]


@backups.callback(invoke_without_command=True)
def backup(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option(help="The folder of backups; not in the home, better on another disk.")
    ] = None,
    with_secrets: Annotated[bool, typer.Option("--with-secrets", help="Also the home's keys.")] = False,
    keep: Annotated[int | None, typer.Option(min=1, help="Afterwards keep only so many backups.")] = None,
    as_json: AsJson = False,
) -> int:
    """Copy the whole home into a folder of backups; only what is new is written."""
    from orchestration.keeping.backup import backup as copy
    from orchestration.keeping.backup_set import BackupError
    from orchestration.publish.errors import Busy

    if context.invoked_subcommand is not None:
        return 0
    if to is None:
        complain("--to is needed: the folder that takes the backups")
        return Exit.USAGE
    try:
        made = copy(config.load(), to, by=getpass.getuser(), with_secrets=with_secrets, keep=keep)
    except Busy as busy:
        complain(f"no backup was made: {busy}")
        return Exit.BUSY
    except BackupError as error:
        complain(str(error))
        return Exit.INTERNAL
    if as_json:
        print_json(asdict(made))
        return 0
    say(
        f"backup {made.backup_id} in {made.folder}: {made.files:,} files, {made.bytes / 1e6:,.1f} MB, of which "
        f"{made.new_files:,} files, {made.new_bytes / 1e6:,.1f} MB new; readers saw {made.release_id or 'no release'}"
    )
    if not with_secrets:
        say("the home's keys are not in it; --with-secrets copies them too")
    if made.dropped:
        say(f"dropped: {', '.join(made.dropped)}")
    return 0


@backups.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="A folder of backups.")], which: Which = None, as_json: AsJson = False
) -> int:
    """Read every file of a backup and hold it against the hash it was written with."""
    from orchestration.keeping import backup_set

    try:
        checked = backup_set.verify(folder, which)
    except backup_set.BackupError as error:
        complain(str(error))
        return Exit.INTERNAL
    if as_json:
        print_json(asdict(checked))
    elif not checked.faults:
        say(f"backup {checked.backup_id} is whole: {checked.files:,} files, {checked.bytes / 1e6:,.1f} MB")
    else:
        complain(f"backup {checked.backup_id} is damaged:")
        for fault in checked.faults:
            say(f"  {fault}")
    return Exit.INTERNAL if checked.faults else 0


@backups.command("list")
def list_backups(folder: Annotated[Path, typer.Argument(help="A folder of backups.")], as_json: AsJson = False) -> int:
    """List the backups of a folder."""
    from orchestration.keeping import backup_set

    try:
        found = [backup_set.read(folder, name) for name in backup_set.backups(folder)]
    except backup_set.BackupError as error:
        complain(str(error))
        return Exit.INTERNAL
    rows = [
        {"backup": m.backup_id, "made_at": m.made_at, "release": m.release_id or "", "home": m.home,
         "files": len([e for e in m.entries if e.sha256]), "keys": m.with_secrets}
        for m in found
    ]  # fmt: skip
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows, list(rows[0]))
    else:
        say(f"{folder} holds no backup")
    return 0


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="A folder of backups.")],
    to: Annotated[Path, typer.Option(help="The home to be made; must be absent or empty.")],
    which: Which = None,
    as_json: AsJson = False,
) -> int:
    """Make a home from a backup; refuses a damaged backup and a place that holds anything."""
    from orchestration.keeping.backup_set import BackupError
    from orchestration.keeping.restore import restore as put_back

    try:
        done = put_back(folder, to, backup_id=which, settings=config.load().source)
    except BackupError as error:
        complain(str(error))
        return Exit.INTERNAL
    if as_json:
        print_json(asdict(done))
        return 0
    say(
        f"{done.home}: {done.files:,} files, {done.bytes / 1e6:,.1f} MB of backup {done.backup_id}; "
        f"readers will see {done.release_id or 'no release'}"
    )
    if done.settings:
        say(
            f"the campaign's settings have changed since: those of then are in {done.settings}; with today's the next "
            "refresh makes another release"
        )
    for remark in done.remarks:
        complain(remark)
    if not done.with_secrets:
        say("this backup holds no keys: put secrets/ back from where they are kept before the next refresh")
    say(f"next: WINNUMBER_HOME={done.home} winnumber doctor")
    return 0


@app.command()
def retain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go; change nothing.")] = False,
    on: Annotated[str | None, typer.Option(help="With --dry-run: as of this day, such as 2028-01-31.")] = None,
    as_json: AsJson = False,
) -> int:
    """Let go of deliveries past their contract's retention that nothing needs; the ledger keeps the record."""
    from orchestration import demands
    from orchestration.keeping.removal import carry_out, measure
    from orchestration.keeping.retention import decide
    from orchestration.publish.errors import Busy
    from orchestration.publish.lock import single_writer

    paths, now = config.load().paths, datetime.now(UTC)
    if on and not dry_run:
        complain("--on only goes with --dry-run: nothing is let go before its day")
        return Exit.USAGE
    try:
        day = date.fromisoformat(on) if on else now.date()
    except ValueError:
        complain(f"--on {on!r} is not a date such as 2028-01-31")
        return Exit.USAGE
    removed = None
    try:
        if dry_run:
            plan = decide(paths.home, demands.delivered(), day)
        else:
            with single_writer(paths.lock, "retain", getpass.getuser()):
                plan = decide(paths.home, demands.delivered(), day)
                removed = carry_out(paths.home, plan, now.isoformat(timespec="seconds"))
    except Busy as busy:
        complain(f"nothing was let go: {busy}")
        return Exit.BUSY
    files, size = (removed.files, removed.bytes) if removed else measure(plan.paths)
    rows = [
        {"delivery": e.delivery_id, "was": e.status, "kept until": e.kept_until.isoformat(), "days": e.days,
         "objects": len(e.objects), "in landing": len(e.landed)}
        for e in plan.expired
    ]  # fmt: skip
    spared = [asdict(s) for s in plan.spared]
    remarks = list(removed.remarks) if removed else []
    if as_json:
        print_json(
            {"day": day, "dry_run": dry_run, "removed": rows, "unread_objects": len(plan.orphans), "files": files,
             "bytes": size, "kept_all_the_same": spared, "remarks": remarks}
        )  # fmt: skip
        return 0
    if rows:
        print_table(rows, list(rows[0]))
    if spared:
        print_table(spared, list(spared[0]), title="past their retention, kept all the same")
    for remark in remarks:
        complain(remark)
    verb = "would go" if dry_run else "went"
    say(f"{len(rows)} deliveries, {len(plan.orphans)} objects never read: {files:,} files, {size / 1e6:,.1f} MB {verb}")
    return 0
