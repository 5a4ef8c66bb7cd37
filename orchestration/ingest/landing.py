"""What lies in ``landing/``: deliveries that are ready, and a remark about everything that is not one.

Belongs here: walking the folder of a source, telling whole files from uploads under way, from links, pipes and
hidden files. Does not belong here: archiving and opening what is ready (``receive``), loose files above the
sources' folders (``recognise``).

Nothing is passed over in silence: what is no delivery is named in a remark, so that a file that someone waits for
can be found. Only what file managers leave behind is not worth a word.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from orchestration.ingest.legible import legible

_PARTIAL = re.compile(r"\.(part|partial|filepart|tmp|crdownload|download|uploading)$|~$", re.IGNORECASE)
_FILE_MANAGERS = re.compile(r"^(\.DS_Store|\._.*|\.Trashes|\.fseventsd|\.Spotlight-V100|\.directory)$")


class Remarked(StrEnum):
    """Why something in ``landing/`` is no delivery of this refresh.

    ``MISPLACED`` and ``UNREADABLE`` stop: somebody must move it, or give us the right to read it. ``WAITING``: it will
    be taken when it is whole. ``PASSED_OVER``: it is not a file that was delivered.
    """

    MISPLACED = "misplaced"
    UNREADABLE = "unreadable_file"
    WAITING = "waiting"
    PASSED_OVER = "passed_over"


@dataclass(frozen=True)
class Remark:
    """Something that is no delivery of this refresh. ``day``: of its folder, None outside of one."""

    why: Remarked
    place: str
    text: str
    day: date | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True)
class Landed:
    """The files of one source and date as they lie in the landing folder."""

    source: str
    snapshot_date: date
    folder: Path
    files: tuple[Path, ...]


def landed(landing: Path, source: str, settle: float = 0.0) -> tuple[list[Landed], list[Remark]]:
    """What lies ready for one source, oldest date first, and remarks about what does not.

    A folder that holds a partial upload, or a file that changed within ``settle`` seconds of looking,
    is left for the next time.
    """
    root = landing / source
    ready: list[Landed] = []
    remarks: list[Remark] = []
    if not root.is_dir():
        return ready, remarks
    for entry in sorted(_scanned(root, None, remarks), key=lambda e: e.name):
        oddity = _oddity(entry)
        if oddity is not None:
            remarks += oddity
            continue
        day = parse_day(entry.name) if entry.is_dir() else None
        if day is None:
            remarks.append(_outside_a_folder(Path(entry.path), root))
            continue
        files, odd = _walk(Path(entry.path), day)
        remarks += odd
        if files and not any(r.why in (Remarked.WAITING, Remarked.UNREADABLE) for r in odd):
            ready.append(Landed(source, day, Path(entry.path), tuple(sorted(files))))
    growing = _growing([p for d in ready for p in d.files], settle)
    days = {p: d.snapshot_date for d in ready for p in d.files}
    remarks += [
        Remark(Remarked.WAITING, legible(str(p)), "still growing; its folder is left for the next refresh", days[p])
        for p in sorted(growing)
    ]
    return [d for d in ready if not growing.intersection(d.files)], remarks


def parse_day(name: str) -> date | None:
    """A folder name as a date, or None."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", name):
        return None
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def is_partial(name: str) -> bool:
    """Whether a name is one that programs give to an upload that is still under way."""
    return _PARTIAL.search(name) is not None


def oddity(path: Path) -> str | None:
    """Why what lies at ``path`` is no file that was delivered, or None; an empty text is not worth a word."""
    if path.is_symlink():
        return "a link, which is not followed: what it leads to was not delivered. Put the file itself here"
    if _FILE_MANAGERS.match(path.name):
        return ""
    if path.name.startswith("."):
        return "a hidden file, passed over; if it was delivered, give it a name without the leading dot"
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        return "a pipe, socket or device, not a file; remove it"
    return None


def _outside_a_folder(path: Path, root: Path) -> Remark:
    if is_partial(path.name):
        return Remark(Remarked.WAITING, legible(str(path)), "an upload is still under way; it is left where it is")
    text = f"expected a folder named by the snapshot date, such as {root / '2026-09-01'}; move it there"
    return Remark(Remarked.MISPLACED, legible(str(path)), text)


def _oddity(entry: os.DirEntry[str], day: date | None = None) -> list[Remark] | None:
    """The remark about an entry that is no file and no folder (none for a file manager's), else None."""
    try:
        said = oddity(Path(entry.path))
    except FileNotFoundError:
        return []
    if said is None:
        return None
    return [Remark(Remarked.PASSED_OVER, legible(entry.path), said, day)] if said else []


def _scanned(folder: Path, day: date | None, remarks: list[Remark]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except PermissionError:
        text = "the folder cannot be read: permission denied. Give the refresh's user the right to read it"
        remarks.append(Remark(Remarked.UNREADABLE, legible(str(folder)), text, day))
        return []


def _walk(folder: Path, day: date) -> tuple[list[Path], list[Remark]]:
    """All files below a dated folder, and remarks about the rest."""
    files: list[Path] = []
    remarks: list[Remark] = []
    for entry in _scanned(folder, day, remarks):
        odd = _oddity(entry, day)
        if odd is not None:
            remarks += odd
        elif is_partial(entry.name):
            text = "an upload is still under way; the folder is left for the next refresh"
            remarks.append(Remark(Remarked.WAITING, legible(entry.path), text, day))
        elif entry.is_dir():
            below, said = _walk(Path(entry.path), day)
            files += below
            remarks += said
        else:
            files.append(Path(entry.path))
    return files, remarks


def _growing(files: Sequence[Path], settle: float) -> set[Path]:
    """The files that change while we look. A time in the future is a clock that differs: such a file is young."""
    if settle <= 0:
        return set()
    young = {p: seen for p in files if (seen := _seen(p)) is None or time.time() - seen[1] / 1e9 < 10 * settle}
    if not young:
        return set()
    time.sleep(settle)
    return {p for p, seen in young.items() if seen is None or _seen(p) != seen}


def _seen(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns
