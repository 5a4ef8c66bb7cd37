"""What a process asks the network for, noted by the interpreter itself; also in its children.

`environment` puts a `sitecustomize` before every Python that is started with it. Every attempt to connect, to look up a
name or to listen is a line of the file, whoever makes it: our code, a library, dbt.
"""

from __future__ import annotations

import os
from pathlib import Path

HOOK = """
import os, sys
_file = os.environ.get("WATCHED_NETWORK")
if _file:
    _busy = []
    def _note(event, args):
        if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind",
                     "socket.sendto", "urllib.Request", "http.client.connect") and not _busy:
            _busy.append(1)
            try:
                whole = event.startswith("socket.") and len(args) > 1 and not isinstance(args[0], str)
                address = args[1] if whole else args[:2]
                family = getattr(args[0], "family", None)
                local = family is not None and family.name == "AF_UNIX"
                if not local:
                    with open(_file, "a") as out:
                        out.write(f"{event} {address!r} by {' '.join(sys.argv[:3])}\\n")
            finally:
                _busy.clear()
    sys.addaudithook(_note)
"""


def environment(folder: Path) -> tuple[dict[str, str], Path]:
    """An environment under which every Python notes what it asks for, and the file of notes."""
    notes = folder / "network.txt"
    site = folder / "site"
    site.mkdir(parents=True, exist_ok=True)
    (site / "sitecustomize.py").write_text(HOOK)
    before = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([str(site), *([before] if before else [])])
    return {"PYTHONPATH": path, "WATCHED_NETWORK": str(notes)}, notes


def asked(notes: Path) -> list[str]:
    """What was asked for, each line once. A port tried on loopback and let go is no question to anybody (urllib3 finds
    out so whether the machine knows IPv6); whether something listens is looked at where it would."""
    lines = set(notes.read_text().splitlines()) if notes.exists() else set()
    return sorted(line for line in lines if not line.startswith(("socket.bind ('::1'", "socket.bind ('127.0.0.1'")))
