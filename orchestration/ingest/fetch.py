"""Fetch a delivery from the public address in its contract into the landing folder.

Belongs here: one polite, resumable download, whole or not at all. Does not belong here: looking into
the file (``receive``), sources without a public address, logins.

A file stands in landing under ``<name>.part`` until every byte has arrived and been checked; only then
does it get its name, by an atomic rename. ``.fetch.json`` beside the dates remembers what each address
last delivered, so that an unchanged file is not fetched twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from orchestration.contracts.model import Contract
from orchestration.ingest.download import FetchFailed, FetchOptions, arrive

__all__ = ["FetchFailed", "FetchOptions", "FetchResult", "address", "fetch"]

_STATE = ".fetch.json"
# Names that receiving leaves alone as unfinished uploads.
_PARTIAL_NAME = re.compile(r"^\.|\.part$")


@dataclass(frozen=True)
class FetchResult:
    """What became of one download. ``fetched`` False: the server's file is the one we already have.

    ``path`` then is where that one was put, whether or not it still stands there. ``resumed``: bytes
    taken over from an earlier, broken attempt.
    """

    url: str
    path: Path
    fetched: bool
    size: int
    sha256: str
    attempts: int
    resumed: int


@dataclass
class _Have:
    """What an address last delivered, as kept in ``.fetch.json``."""

    file: str
    size: int
    sha256: str
    etag: str | None
    last_modified: str | None


def address(contract: Contract, day: date, values: Mapping[str, str] | None = None) -> str:
    """The contract's public address for one date.

    ``{date:%Y%m%d}`` stands for the date, other names in braces for ``values`` (a state, a contest).
    Raises ``FetchFailed`` when there is no address or a value is missing.
    """
    if contract.url is None:
        raise FetchFailed(
            f"{contract.id} has no public address; put the file into landing/{contract.id}/{day}/ by hand"
        )
    try:
        return contract.url.format(date=day, **dict(values or {}))
    except KeyError as missing:
        raise FetchFailed(
            f"{contract.id}: its address needs a value for {missing}: {contract.url}; give it as {missing.args[0]}=..."
        ) from None


def fetch(
    contract: Contract,
    landing: Path,
    day: date,
    *,
    values: Mapping[str, str] | None = None,
    file_name: str | None = None,
    checksum: str | None = None,
    options: FetchOptions | None = None,
) -> FetchResult:
    """Download one file into ``landing/<source>/<day>/``.

    ``checksum``: a published one, such as ``sha256:0f…`` or ``md5:…``. Raises ``FetchFailed``; what had
    arrived is kept as ``.part`` and taken up by the next call, unless the server's file changed.
    """
    url = address(contract, day, values)
    if urlsplit(url).scheme not in ("http", "https"):
        raise FetchFailed(f"{url}: only http and https addresses are fetched")
    name = file_name or _name_of(url)
    if Path(name).name != name or _PARTIAL_NAME.search(name):
        raise FetchFailed(f"file name {name!r}: give a plain file name, such as results.zip")
    source = landing / contract.id
    return _fetch_to(
        url,
        source / day.isoformat(),
        name,
        source / _STATE,
        checksum,
        options or FetchOptions(),
    )


def _fetch_to(
    url: str, folder: Path, name: str, state: Path, checksum: str | None, options: FetchOptions
) -> FetchResult:
    folder.mkdir(parents=True, exist_ok=True)
    part, notes, target = folder / f"{name}.part", folder / f".{name}.part.json", folder / name
    had = _read_state(state).get(url)
    arrived, attempts = arrive(url, part, notes, _if_changed(had), options)
    if arrived is None:
        if had is None:
            raise FetchFailed(f"{url}: the server says that nothing changed, but nothing was fetched before")
        return FetchResult(url, folder.parent / had.file, False, had.size, had.sha256, attempts, 0)
    size, digest = _checked(url, part, notes, target, checksum)
    if had is not None and had.sha256 == digest and had.file != f"{folder.name}/{name}":
        # The same bytes under another date would be a stale re-send: leave them where they were.
        _forget(part, notes)
        file, fetched = had.file, False
    else:
        part.replace(target)
        notes.unlink(missing_ok=True)
        _sync_folder(folder)
        file, fetched = f"{folder.name}/{name}", True
    _write_state(state, url, _Have(file, size, digest, arrived.etag, arrived.last_modified))
    return FetchResult(url, folder.parent / file, fetched, size, digest, attempts, arrived.resumed)


def _if_changed(had: _Have | None) -> dict[str, str]:
    if had is None:
        return {}
    headers = {"If-None-Match": had.etag, "If-Modified-Since": had.last_modified}
    return {k: v for k, v in headers.items() if v}


def _checked(url: str, part: Path, notes: Path, target: Path, checksum: str | None) -> tuple[int, str]:
    """Size and sha256 of what arrived; refuses what cannot be the file."""
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        head = file.read(256).lstrip().lower()
    size = part.stat().st_size
    fault = None
    if not size:
        fault = "the server sent an empty file"
    elif head.startswith((b"<!doctype html", b"<html")) and target.suffix.lower() not in (".htm", ".html"):
        fault = "the server sent a web page instead of the file"
    elif checksum is not None and not _agrees(part, checksum):
        fault = f"the bytes do not have the published checksum {checksum}"
    if fault is not None:
        _forget(part, notes)
        raise FetchFailed(f"{url}: {fault}. Open the address in a browser and correct downloadUrl if it moved")
    return size, digest


def _forget(part: Path, notes: Path) -> None:
    part.unlink(missing_ok=True)
    notes.unlink(missing_ok=True)


def _agrees(path: Path, checksum: str) -> bool:
    kind, _, wanted = checksum.partition(":")
    if kind not in hashlib.algorithms_guaranteed or not wanted:
        raise FetchFailed(f"checksum {checksum!r}: write the kind before it, such as sha256:0f…")
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest() == wanted.strip().lower()


def _name_of(url: str) -> str:
    name = unquote(PurePosixPath(urlsplit(url).path).name)
    if "." not in name or "/" in name or "\\" in name or name.startswith("."):
        raise FetchFailed(f"{url}: the address ends in no file name; give one with file_name")
    return name


def _read_state(path: Path) -> dict[str, _Have]:
    try:
        raw: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return {url: _Have(**entry) for url, entry in raw.items()}
    except (OSError, ValueError, TypeError):
        # Lost or damaged: the file is fetched once more, which is the safe side.
        return {}


def _write_state(path: Path, url: str, have: _Have) -> None:
    entries = {u: asdict(h) for u, h in _read_state(path).items()} | {url: asdict(have)}
    partial = path.with_name(path.name + ".part")
    partial.write_text(json.dumps(entries, indent=1, sort_keys=True), encoding="utf-8")
    partial.replace(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
