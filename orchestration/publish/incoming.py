"""Take a candidate's files over into a release folder: plain files only, copied durably, each with its permissions.

Belongs here: copying and permissions. Does not belong here: deciding whether (`releases`), what a record must hold.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from orchestration.gates import record_file
from orchestration.gates.record import GateRecord
from orchestration.publish import files as fs
from orchestration.publish import teams
from orchestration.publish.candidate import GATE_JSON, members
from orchestration.publish.errors import GateRefused


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


def copy(candidate: Path, incoming: Path, groups: Mapping[str, int]) -> dict[str, str]:
    """Copy every file and give each its permissions; returns file name -> sha256 of the bytes written.

    groups: file name -> group that may read it. Raises AudienceError when a group cannot be given its file.
    """
    hashes = {}
    incoming.mkdir(mode=0o700)
    for source in members(candidate):
        name = source.relative_to(candidate).as_posix()
        target = incoming / name
        target.parent.mkdir(exist_ok=True)
        hashes[name] = fs.copy_durably(source, target, teams.OWNER_ONLY)
        if name in groups:
            teams.give_to_group(target, groups[name])
        target.chmod(teams.mode_of(name, groups))
    return hashes


def finish(record: GateRecord, incoming: Path, key: bytes) -> None:
    """Put the gate record beside the files and open the folders to readers."""
    record_file.write(record, incoming / GATE_JSON, key)
    (incoming / GATE_JSON).chmod(teams.PUBLIC)
    for folder in [path for path in incoming.rglob("*") if path.is_dir()]:
        folder.chmod(0o755)
        fs.sync_dir(folder)
    incoming.chmod(0o755)
    fs.sync_dir(incoming)
