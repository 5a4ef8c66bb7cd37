"""Secret keys that belong to one home: 32 random bytes each, made at first use, kept in files of their owner's.

Belongs here: making and reading keys. Does not belong here: what is done with one (``gates.signing`` signs gate
records), and keys that the operator brings (those come from the environment).

A key is read when it is needed and not kept; it is never shown, logged or put into a command. Losing one loses what it
vouches for: `secrets/` belongs in the backup, and in no copy that leaves the house.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from pathlib import Path

from orchestration.publish.files import sync_dir, sync_file

FOLDER = "secrets"
KEY_BYTES = 32

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class HomeKeyError(RuntimeError):
    """A key cannot be used as it lies there; the message names the file, what is wrong and what to do."""


def home_key(home: Path, name: str, *, make: bool = True) -> bytes:
    """Return the 32 bytes of the home's key `name` (file `secrets/<name>.key`), made now if there is none.

    make: when False, a key that is not there raises FileNotFoundError instead. Two processes that make the same key at
    once get the same one.

    Raises HomeKeyError when others than the owner may reach the key, or when it is not 32 bytes in a plain file;
    ValueError for a name that is not lower snake case.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a key: lower case letters, digits and _")
    folder = home / FOLDER
    path = folder / f"{name}.key"
    if not os.path.lexists(path):
        if not make:
            raise FileNotFoundError(f"{path}: there is no such key; restore {folder} from the backup")
        _make(folder, path)
    return _read(folder, path)


def _make(folder: Path, path: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_dir(folder.parent)  # whatever is named with the key must not outlive it in a power cut
    partial = folder / f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}"
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_bytes(KEY_BYTES))
        sync_file(partial)
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(partial)  # unlike a rename, never replaces the key of a process that was first
    finally:
        partial.unlink(missing_ok=True)
    sync_dir(folder)


def _read(folder: Path, path: Path) -> bytes:
    if open_to := stat.S_IMODE(folder.stat().st_mode) & 0o077:
        raise HomeKeyError(f"{folder}: others than its owner may use it ({open_to:03o}); run: chmod 700 {folder}")
    known = path.lstat()
    if not stat.S_ISREG(known.st_mode):
        raise HomeKeyError(f"{path}: not a plain file; restore it from the backup")
    if open_to := stat.S_IMODE(known.st_mode) & 0o077:
        raise HomeKeyError(
            f"{path}: others than its owner could use it ({open_to:03o}), so it vouches for nothing; if nobody did, "
            f"run: chmod 600 {path}"
        )
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise HomeKeyError(f"{path}: expected {KEY_BYTES} bytes, found {len(key)}; restore it from the backup")
    return key
