"""Take a candidate's files over into a release folder: plain files only, copied durably, each with its permissions.

Belongs here: copying and permissions. Does not belong here: deciding whether (`releases`), what a record must hold.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from orchestration.gates import record_file
from orchestration.gates.record import GateRecord
from orchestration.publish import files as fs
from orchestration.publish.candidate import GATE_JSON, GENERAL_FILE, members
from orchestration.publish.errors import GateRefused

_PUBLIC_MODE, _RESTRICTED_MODE = 0o444, 0o400


def refuse_links(candidate: Path) -> None:
    """Raise GateRefused when anything in the candidate is neither a file nor a folder of its own.

    A link shows what it leads to today: what was audited through one is not what is read through it tomorrow.
    """
    if not os.path.lexists(candidate):
        return  # whoever opens it says so
    found = [candidate, *sorted(candidate.rglob("*"))]
    kinds = {path: path.lstat().st_mode for path in found}
    odd = [path for path, mode in kinds.items() if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))]
    if odd:
        names = [path.relative_to(candidate).as_posix() for path in odd]
        raise GateRefused(
            [
                f"{'the candidate' if name == '.' else name} is a link or a device; a candidate holds plain files only"
                for name in names
            ]
        )


def copy(candidate: Path, incoming: Path) -> dict[str, str]:
    """Copy every file; returns file name -> sha256 of the bytes written."""
    hashes = {}
    incoming.mkdir(mode=0o700)
    for source in members(candidate):
        name = source.relative_to(candidate)
        (incoming / name.parent).mkdir(exist_ok=True)
        restricted = source.suffix == ".duckdb" and source.name != GENERAL_FILE
        mode = _RESTRICTED_MODE if restricted else _PUBLIC_MODE
        hashes[name.as_posix()] = fs.copy_durably(source, incoming / name, mode)
    return hashes


def finish(record: GateRecord, incoming: Path, key: bytes) -> None:
    """Put the gate record beside the files and open the folders to readers."""
    record_file.write(record, incoming / GATE_JSON, key)
    (incoming / GATE_JSON).chmod(_PUBLIC_MODE)
    for folder in [path for path in incoming.rglob("*") if path.is_dir()]:
        folder.chmod(0o755)
        fs.sync_dir(folder)
    incoming.chmod(0o755)
    fs.sync_dir(incoming)
