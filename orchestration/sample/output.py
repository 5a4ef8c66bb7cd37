"""Writing the files: plain text and zip members with fixed time stamps, several days open at once."""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import TracebackType
from typing import IO

# Zip members carry a time; a fixed one keeps the archives byte-identical.
STAMP = (2026, 1, 1, 0, 0, 0)


def member(name: str) -> zipfile.ZipInfo:
    """The head of a zip member that depends on its name only."""
    info = zipfile.ZipInfo(name, STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


class ZipFileOut:
    """A zip archive written member by member; a member may be written in several pieces."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=1)
        self._open: IO[bytes] | None = None

    def start(self, name: str) -> None:
        """Begin a member; the one before it is finished."""
        self.finish()
        info = member(name)
        info._compresslevel = 1  # type: ignore[attr-defined]
        self._open = self._zip.open(info, "w", force_zip64=True)

    def write(self, data: bytes) -> None:
        assert self._open is not None, "start a member first"
        self._open.write(data)

    def add(self, name: str, data: bytes) -> None:
        """A whole member at once."""
        self.finish()
        self._zip.writestr(member(name), data, compresslevel=1)

    def finish(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def close(self) -> None:
        self.finish()
        self._zip.close()

    def __enter__(self) -> ZipFileOut:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class PlainOut:
    """A plain file written in pieces."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = path.open("wb")

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def close(self) -> None:
        self._file.close()


def write_bytes(path: Path, data: bytes) -> None:
    """A small file at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
