"""Commands that hand people's records to the teams: export, exports."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from orchestration import settings as config
from orchestration.cli import Exit, app
from orchestration.cli.running import AsJson
from orchestration.cli.show import complain, print_json, print_table, say


@app.command()
def export(
    universe: Annotated[str, typer.Argument(help="A universe of universes.yaml.")],
    channel: Annotated[str, typer.Option(help="sms, phone, email, mail, walk or digital.")],
    purpose: Annotated[str, typer.Option(help="voter_contact, fundraising or volunteer_recruitment.")],
    to: Annotated[Path, typer.Option(help="The file to write; outside the project and its home.")],
    state: Annotated[str | None, typer.Option(help="Two-letter code.")] = None,
    contest: Annotated[str | None, typer.Option(help="Only who votes in this contest.")] = None,
    geography: Annotated[str | None, typer.Option(help="Only one area, as county:37119 or precinct:37119-001.")] = None,
    vendor: Annotated[str | None, typer.Option(help="hustle, spoke or thrutext, for sms.")] = None,
    platform: Annotated[str | None, typer.Option(help="meta, for digital.")] = None,
    holdout: Annotated[float, typer.Option(help="Share of households set aside at random, to measure lift.")] = 0.0,
    seed: Annotated[int, typer.Option(help="The same seed sets the same households aside.")] = 0,
    by: Annotated[str, typer.Option(help="Who exports; the user of this computer when left out.")] = "",
    as_json: AsJson = False,
) -> int:
    """Write the file a channel takes, suppression applied as of now, on the record of exports."""
    from orchestration.ingest.store import DamagedArchive
    from orchestration.outreach.exporting import OptOutsUnread, Request, reason_in_words
    from orchestration.outreach.exporting import export as make
    from orchestration.outreach.record import TamperedRecord
    from orchestration.outreach.rules import ExportRefused
    from orchestration.outreach.selection import HoldOut, filters_from
    from orchestration.publish.errors import Busy, NoSuchRelease

    try:
        request = Request(
            universe=universe, channel=channel, purpose=purpose, target=to, by=by or getpass.getuser(), vendor=vendor,
            platform=platform, filters=filters_from(state, contest, geography), hold_out=HoldOut(holdout, seed),
        )  # fmt: skip
        made = make(config.load().paths, request)
    except Busy as error:
        complain(f"{error}; an export waits for it, because it may bring opt-outs")
        return Exit.BUSY
    except ExportRefused as error:
        complain(str(error))
        return Exit.GATE_REFUSED
    except OptOutsUnread as error:
        complain(str(error))
        return Exit.DELIVERY_REFUSED
    except (TamperedRecord, DamagedArchive) as error:
        complain(str(error))
        return Exit.INTERNAL
    except (ValueError, LookupError, NoSuchRelease) as error:
        complain(str(error))
        return Exit.USAGE
    if as_json:
        print_json(made)
        return 0
    say(f"{made['file']}: {made['people']:,} people in {made['households']:,} households, release {made['release_id']}")
    if made["held_out"]:
        say(f"  {made['held_out']:,} held out at random (seed {seed})")
    for reason, count in made["left_out"].items():
        say(f"  {count:,} left out: {reason_in_words(reason)}")
    say(f"  on record as {made['export_id']}")
    return 0


@app.command()
def share(
    table: Annotated[str, typer.Argument(help="A published table whose contract says what of it counts people.")],
    to: Annotated[Path, typer.Option(help="The .csv or .parquet file to write; outside the project and its home.")],
    purpose: Annotated[str, typer.Option(help="What for and for whom, in words; it goes on record.")],
    by: Annotated[str | None, typer.Option(help="Count by these columns only, divided by commas.")] = None,
    who: Annotated[str, typer.Option(help="Who shares; the user of this computer when left out.")] = "",
    as_json: AsJson = False,
) -> int:
    """Write a table of counts for people outside: small groups withheld, and whatever would give them away."""
    from orchestration.outreach.record import TamperedRecord
    from orchestration.outreach.rules import ExportRefused
    from orchestration.outreach.share import Request
    from orchestration.outreach.share import share as make
    from orchestration.publish.errors import Busy, NoSuchRelease

    settings = config.load()
    columns = tuple(c.strip() for c in by.split(",")) if by else ()
    try:
        made = make(
            settings.paths, Request(table, to, who or getpass.getuser(), purpose, columns),
            smallest=settings.operations.smallest_count,
        )  # fmt: skip
    except Busy as error:
        complain(str(error))
        return Exit.BUSY
    except ExportRefused as error:
        complain(str(error))
        return Exit.GATE_REFUSED
    except TamperedRecord as error:
        complain(str(error))
        return Exit.INTERNAL
    except (ValueError, NoSuchRelease) as error:
        complain(str(error))
        return Exit.USAGE
    if as_json:
        print_json(made)
        return 0
    say(f"{made['file']}: {made['cells']:,} counts of {made['table']}, release {made['release_id']}")
    say(f"  {made['withheld']:,} withheld: fewer than {made['smallest_count']} people, or they would give such away")
    say(f"  on record as {made['share_id']}")
    return 0


@app.command()
def exports(as_json: AsJson = False) -> int:
    """List the record of exports and say whether it is still as it was written."""
    from orchestration.outreach.record import kept_exports, problems

    home = config.load().paths.home
    kept, wrong = kept_exports(home), problems(home)
    if as_json:
        print_json({"exports": [{**k.entry, "void": k.void} for k in kept], "problems": wrong})
    else:
        shown = ("export_id", "at", "by", "universe", "channel", "purpose", "people", "held_out", "release_id")
        if kept:
            print_table([{**{c: k.entry[c] for c in shown}, "void": k.void} for k in kept], [*shown, "void"])
        else:
            say("nothing has been exported yet")
        for problem in wrong:
            complain(problem)
        if kept and not wrong:
            say(f"the record is whole: {len(kept)} export(s), every line follows from the one before")
    return Exit.INTERNAL if wrong else 0
