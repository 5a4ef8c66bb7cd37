"""Small primitives that publishing rests on.

Belongs here: hashing, durable and atomic writes, directory flushes. Does not belong here: any
knowledge of releases. `rename` is atomic but not durable until its directory is flushed, hence `sync_dir`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """sha256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sha256_of_bytes(content: bytes) -> str:
    """sha256 of bytes in memory, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def sync_file(path: Path) -> None:
    """Flush a file's bytes to the disk."""
    _sync(path, os.O_RDONLY)


def sync_dir(path: Path) -> None:
    """Flush a directory's entries to the disk: makes renames and new names in it durable."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a whole file or nothing: a temporary file beside it, flushed, then renamed over `path`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)  # the umask may have taken bits away
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_dir(path.parent)


def put_folder(unfinished: Path, final: Path) -> None:
    """Give a whole folder its name: flushed first, then renamed; one that has the name already is replaced.

    Interrupted, the name leads to the old folder, to none, or to the new one, never to a part of either.
    """
    for path in unfinished.rglob("*"):
        sync_dir(path) if path.is_dir() else sync_file(path)
    sync_dir(unfinished)
    if final.exists():
        remove_folder(final)
    unfinished.rename(final)
    sync_dir(final.parent)


def remove_folder(folder: Path) -> None:
    """Take a folder out of sight by one rename, then delete it: half of it is never found under its name."""
    doomed = folder.with_name(f".{folder.name}.removing")
    if doomed.exists():
        shutil.rmtree(doomed)
    folder.rename(doomed)
    shutil.rmtree(doomed)


def copy_durably(source: Path, target: Path, mode: int) -> str:
    """Copy a file's bytes, flush them, set `mode`; returns the sha256 of what was written.

    Raises OSError when the source is a link.
    """
    digest = hashlib.sha256()
    reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(reading, "rb") as reader, os.fdopen(handle, "wb") as writer:
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
            writer.write(chunk)
        writer.flush()
        os.fchmod(writer.fileno(), mode)
        os.fsync(writer.fileno())
    return digest.hexdigest()


def canonical_json(value: Mapping[str, object]) -> bytes:
    """Spell a JSON object the one way that is hashed: sorted keys, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def pretty_json(value: Mapping[str, object]) -> bytes:
    """JSON for people: indented, keys in the order given, ending in a newline."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
