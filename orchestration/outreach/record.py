"""The record of exports: `exports.jsonl` and, for each export, who was in it.

Belongs here: writing an export so that file and record belong together whatever is interrupted, listing and verifying
them. Does not belong here: whom an export holds (``selection``) or how its file looks (``channels``).

An export happens in this order, under the refresh's lock:

1. `exports/.pending-<id>/` notes the hidden name, beside the target, under which the file is then written whole;
2. members and entry are written into the same folder; everything is flushed;
3. the entry is appended to the chain: from here on the export counts as made;
4. the hidden file gets its name, the pending folder becomes `exports/<id>/`.

Interrupted before 3, `recover` removes both: no file under its name was ever there. Interrupted after 3, it does 4;
where the hidden file is gone meanwhile, it appends that the export is void, and nobody counts as approached.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.faults import fault_point
from orchestration.publish import chain
from orchestration.publish import files as fs

if TYPE_CHECKING:
    import polars as pl

LOG = "exports.jsonl"
FOLDER = "exports"
MEMBERS = "members.parquet"
ENTRY = "entry.json"
_PENDING = ".pending-"
MEMBER_COLUMNS = ("person_id", "household_id", "contact_hash", "arm")


class TamperedRecord(Exception):
    """A line of the record, or what belongs to it, is not what was written; says which and what to do."""


@dataclass(frozen=True)
class Kept:
    """One export of the record. ``faults``: what is no longer as it was written; empty when all is well."""

    entry: Mapping[str, Any]
    folder: Path
    void: bool = False
    faults: tuple[str, ...] = field(default=())

    @property
    def export_id(self) -> str:
        """Its id."""
        return str(self.entry["export_id"])


def write_export(
    home: Path,
    target: Path,
    content: bytes,
    members: pl.DataFrame,
    entry: Mapping[str, object],
) -> dict[str, object]:
    """Write file and record of one export; returns the entry as recorded.

    ``members``: the columns ``MEMBER_COLUMNS``. ``entry`` needs ``export_id``. Raises ``TamperedRecord`` when the
    record was altered: nothing is written then.
    """
    recover(home)
    if bad := chain.tampered_lines(home / LOG):
        raise TamperedRecord(
            f"{home / LOG}: line(s) {', '.join(map(str, bad))} are not as they were written; restore the file from a "
            "backup before anything more is exported"
        )
    export_id = str(entry["export_id"])
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hidden = target.with_name(f".{target.name}.{export_id}.part")
    pending = folder / f"{_PENDING}{export_id}"
    pending.mkdir(mode=0o700)
    fs.write_atomically(pending / ENTRY, fs.pretty_json({"hidden": str(hidden)}), 0o600)
    fault_point("export.noted")
    _write_private(hidden, content)
    fault_point("export.file")
    _write_members(pending / MEMBERS, members)
    whole = {
        **entry,
        "file": str(target),
        "file_sha256": fs.sha256_of(hidden),
        "members_sha256": fs.sha256_of(pending / MEMBERS),
    }
    fs.write_atomically(pending / ENTRY, fs.pretty_json({**whole, "hidden": str(hidden)}), 0o600)
    fault_point("export.members")
    chain.append(home / LOG, {"action": "export", **whole}, seal=True, mode=0o600)
    fault_point("export.recorded")
    _finish(home, export_id)
    return whole


def recover(home: Path) -> list[str]:
    """Finish or undo what was interrupted; says in words what was done. The caller holds the refresh's lock."""
    done = ["the last line of the record was torn by a crash: cut off"] if chain.mend(home / LOG) else []
    recorded = {e["export_id"] for e in chain.entries(home / LOG) if e.get("action") == "export"}
    for pending in sorted((home / FOLDER).glob(f"{_PENDING}*")):
        export_id = pending.name.removeprefix(_PENDING)
        hidden = _hidden(pending)
        if export_id not in recorded:
            if hidden is not None:
                hidden.unlink(missing_ok=True)
            shutil.rmtree(pending)
            done.append(f"export {export_id} was interrupted before it was recorded: undone")
            continue
        if _finish(home, export_id):
            done.append(f"export {export_id} was interrupted after it was recorded: finished")
        else:
            done.append(f"export {export_id} was recorded, but its file is gone: recorded as void")
    return done


def _finish(home: Path, export_id: str) -> bool:
    """Step 4; False when there is no file to give its name to, and the export was made void."""
    pending = home / FOLDER / f"{_PENDING}{export_id}"
    said = json.loads((pending / ENTRY).read_text(encoding="utf-8"))
    hidden, target = Path(said["hidden"]), Path(said["file"])
    there = next((p for p in (hidden, target) if p.is_file() and fs.sha256_of(p) == said["file_sha256"]), None)
    if there is None:
        chain.append(home / LOG, {"action": "void", "export_id": export_id}, seal=True, mode=0o600)
    elif there == hidden:
        hidden.replace(target)
        fs.sync_dir(target.parent)
    fault_point("export.named")
    pending.rename(home / FOLDER / export_id)
    fs.sync_dir(home / FOLDER)
    return there is not None


def kept_exports(home: Path) -> list[Kept]:
    """Every export on the record, oldest first, with what is no longer as it was written."""
    lines = chain.entries(home / LOG)
    void = {e["export_id"] for e in lines if e.get("action") == "void"}
    found = []
    for entry in lines:
        if entry.get("action") != "export":
            continue
        export_id = str(entry["export_id"])
        folder = home / FOLDER / export_id
        pending = home / FOLDER / f"{_PENDING}{export_id}"
        folder = folder if folder.is_dir() or not pending.is_dir() else pending
        found.append(Kept(entry, folder, export_id in void, tuple(_faults(folder, entry))))
    return found


def problems(home: Path) -> list[str]:
    """Everything about the record that is not as it was written, in words."""
    found = [
        f"{LOG} line {number} is not as it was written, or a line before it is missing"
        for number in chain.tampered_lines(home / LOG)
    ]
    kept = kept_exports(home)
    found += [f"export {k.export_id}: {fault}" for k in kept for fault in k.faults]
    known = {k.export_id for k in kept}
    strays = [
        p.name
        for p in sorted((home / FOLDER).glob("*"))
        if p.is_dir() and not p.name.startswith(_PENDING) and p.name not in known
    ]
    # The newest line can be cut off without a trace in the chain; what belonged to it cannot.
    return [*found, *(f"export {name}: its members are kept but it is not on the record" for name in strays)]


def _faults(folder: Path, entry: Mapping[str, Any]) -> list[str]:
    try:
        said = json.loads((folder / ENTRY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ["its copy of the entry is missing or unreadable"]
    said.pop("hidden", None)
    faults = []
    if said != {k: v for k, v in entry.items() if k != "action"}:
        faults.append("the record says something else than the copy kept with its members")
    members = folder / MEMBERS
    if not members.is_file() or fs.sha256_of(members) != entry.get("members_sha256"):
        faults.append("its list of members is missing or was altered")
    return faults


def _hidden(pending: Path) -> Path | None:
    try:
        return Path(json.loads((pending / ENTRY).read_text(encoding="utf-8"))["hidden"])
    except (OSError, ValueError, KeyError):
        return None


def _write_private(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fs.sync_dir(path.parent)


def _write_members(path: Path, members: pl.DataFrame) -> None:
    import io

    buffer = io.BytesIO()
    members.select(MEMBER_COLUMNS).sort("person_id").write_parquet(buffer)
    _write_private(path, buffer.getvalue())
