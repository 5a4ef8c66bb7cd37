"""Run functions in processes that may be killed, without paying for their imports each time.

One process imports everything once and forks for every call; the fork is armed with a fault point, works, and dies or
ends. It forks before any engine has started a thread.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from orchestration.settings import PROJECT_ROOT

KILLED = -signal.SIGKILL

_SERVER = """
import importlib, json, os, sys, traceback
sys.path[:0] = json.loads(sys.argv[1])
for name in json.loads(sys.argv[2]):
    importlib.import_module(name)
from orchestration import faults
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        try:
            module, name = asked["call"].split(":")
            call = getattr(importlib.import_module(module), name)
            if asked["fault"]:
                with faults.armed(asked["fault"]):
                    call(*asked["words"])
            else:
                call(*asked["words"])
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Forks:
    """A server of forks. ``folders``: where the test helpers lie that the calls name."""

    def __init__(self, folders: Sequence[Path], modules: Sequence[str]) -> None:
        words = [json.dumps([str(f) for f in folders]), json.dumps(list(modules))]
        kept = {k: v for k, v in os.environ.items() if not k.startswith("WINNUMBER_FAULT")}
        self._server = subprocess.Popen(
            [sys.executable, "-c", _SERVER, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=PROJECT_ROOT, env=kept | {"POLARS_MAX_THREADS": "1"},
        )  # fmt: skip

    def run(self, call: str, *words: str, fault: str | None = None) -> int:
        """Call ``module:function`` with ``words`` in a fork; its exit code, or minus the signal that ended it."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps({"call": call, "words": words, "fault": fault}) + "\n")
        self._server.stdin.flush()
        said = self._server.stdout.readline()
        assert said, "the server of forks is gone; see its words above"
        return int(said)

    def __enter__(self) -> Forks:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(timeout=60)
