"""Writing the files: plain text and zip members with fixed time stamps, several days open at once."""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
import polars as pl

from .text import encode

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
        """Adds to the open member."""
        if self._open is None:
            raise ValueError(f"{self.path.name}: start a member before writing to it")
        self._open.write(data)

    def add(self, name: str, data: bytes) -> None:
        """A whole member at once."""
        self.finish()
        self._zip.writestr(member(name), data, compresslevel=1)

    def finish(self) -> None:
        """Ends the open member, if any."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def close(self) -> None:
        """Ends the archive."""
        self.finish()
        self._zip.close()

    def __enter__(self) -> ZipFileOut:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Members:
    """Writes lines sorted by county into one zip member per county, also when a county comes in several pieces."""

    def __init__(self, archive: ZipFileOut, names: list[str]) -> None:
        self.archive, self.names = archive, names
        self.current = -1
        self.written: set[int] = set()

    def write(self, line: pl.Series, county: np.ndarray) -> None:
        """Adds lines sorted by county; `county` says whose each is."""
        counties, starts = np.unique(county, return_index=True)
        for place, low, high in zip(counties.tolist(), starts, np.append(starts[1:], len(county)), strict=True):
            if place != self.current:
                self.archive.start(self.names[place])
                self.current = place
                self.written.add(place)
            self.archive.write(encode(line.slice(int(low), int(high - low)), "ascii"))

    def finish(self, counties: range) -> None:
        """A county without a line has an empty member all the same."""
        for place in counties:
            if place not in self.written:
                self.archive.start(self.names[place])


class PlainOut:
    """A plain file written in pieces."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = path.open("wb")

    def write(self, data: bytes) -> None:
        """Adds to the file."""
        self._file.write(data)

    def close(self) -> None:
        """Ends the file."""
        self._file.close()


def write_bytes(path: Path, data: bytes) -> None:
    """A small file at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
