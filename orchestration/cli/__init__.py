"""The `winnumber` command: one door to everything, with exit codes that machines can read.

Start-up is kept light: what a command needs is imported when it runs. Belongs here: arguments,
what is printed, exit codes. Does not belong here: any work. Nothing imports this package.
"""

from __future__ import annotations

import sqlite3
import sys
from enum import IntEnum

import typer


class Exit(IntEnum):
    """What the exit code says."""

    PUBLISHED = 0
    GATE_REFUSED = 2
    DELIVERY_REFUSED = 3
    BUSY = 4
    INTERNAL = 5
    USAGE = 64


app = typer.Typer(
    name="winnumber",
    help="A campaign's data warehouse as code: files in, checked and reconciled vote goals out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


# Typer carries its own copy of click; the base of its usage errors has no public name.
_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]


def main() -> None:
    """Run the command line; wrong usage exits with 64, as sysexits.h has it."""
    from orchestration.cli import (  # noqa: F401  (they register commands)
        backtesting,
        drifting,
        explaining,
        keeping,
        operating,
        outreach,
        reading,
        running,
    )
    from orchestration.cli.show import complain
    from orchestration.disk_advice import advice
    from orchestration.settings import SettingsError, load

    try:
        code = app(standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except _USAGE_ERROR as error:
        error.show()  # type: ignore[attr-defined]
        sys.exit(Exit.USAGE)
    except SettingsError as error:
        complain(str(error))
        sys.exit(Exit.USAGE)
    except BrokenPipeError:
        raise  # whoever read our output stopped; nothing is wrong with the disk
    except (OSError, sqlite3.OperationalError) as error:
        complain(f"{type(error).__name__}: {error}")
        if said := advice(str(error), load().paths.home):
            complain(said)
        sys.exit(Exit.INTERNAL)
    sys.exit(code if isinstance(code, int) else 0)
