"""Run a command that ends with the process that started it: ``tied.py <parent's process number> <command> ...``.

Killed alone, a refresh would leave its dbt running, which might then open the warehouse of the refresh that comes
next. Started by file, before anything of the project is at hand: it imports the standard library only. Where the
kernel cannot tie processes (not Linux) the command is run all the same. Does not belong here: what is run.
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # from linux/prctl.h


def main(words: list[str]) -> None:
    """Tie this process to its parent, then become the command."""
    parent, *command = words
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != int(parent):
            sys.exit(f"{command[0]}: the process {parent} that started this one is gone; nothing was run")
    os.execv(command[0], command)  # noqa: S606  (our own words, no shell)


if __name__ == "__main__":
    main(sys.argv[1:])
