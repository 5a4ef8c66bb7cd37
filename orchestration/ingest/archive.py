"""The archive of received bytes, and opening what was received: plain files, gzip and zip.

Belongs here: copying by content hash, safe streaming out of archives. Does not belong here: which files
make a delivery (``receive``).

Names inside archives are data: they are compared and reported, never used as a path.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from orchestration.faults import fault_point
from orchestration.ingest.decode import CHUNK, ByteFacts, Inspector
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.legible import legible

# What reading a damaged archive raises, beside an OSError of no errno or EINVAL (seeking to where nothing is).
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError, RuntimeError,
    ValueError, OverflowError,
)  # fmt: skip
_WORKBOOK = "[Content_Types].xml"
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"


@dataclass(frozen=True)
class Limits:
    """How much may come out of an archive, measured on the stream and not believed from its directory."""

    max_bytes: int = 64 << 30
    max_ratio: int = 400
    max_members: int = 5000


_LIMITS = Limits()


@dataclass(frozen=True)
class Entry:
    """One file inside a received file: its base name and its whole path as written by the sender."""

    name: str
    path: str


def store(source: Path, objects: Path) -> tuple[str, int]:
    """Copy ``source`` into ``objects`` under its sha256, read-only and durable; returns (sha256, size).

    Raises ``DeliveryRefused``: ``growing`` when the file changes while it is copied, ``unreadable_file`` when the
    operating system does not let us read it.
    """
    objects.mkdir(parents=True, exist_ok=True)
    fault_point("archive.open")
    before = source.stat()
    partial = objects / f".{os.getpid()}.part"
    digest = hashlib.sha256()
    size = 0
    try:
        with partial.open("wb") as out:
            for chunk in _chunks(source):
                digest.update(chunk)
                out.write(chunk)
                size += len(chunk)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    after = source.stat() if source.exists() else before
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != after.st_size:
        partial.unlink()
        raise _growing(source)
    target = objects / digest.hexdigest()
    if target.exists():
        partial.unlink()
    else:
        partial.chmod(0o400)
        fault_point("archive.copied")
        partial.replace(target)
        sync_folder(objects)
    fault_point("archive.stored")
    return digest.hexdigest(), size


def _growing(source: Path) -> DeliveryRefused:
    return DeliveryRefused(
        "growing", "the file changed while it was being copied", file=source.name,
        advice="It will be taken when it has stopped growing",
    )  # fmt: skip


def _chunks(source: Path) -> Iterator[bytes]:
    """The bytes of a landed file; only failures to read it become refusals, a full disk stays an error."""
    try:
        with source.open("rb", buffering=0) as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except FileNotFoundError:
        raise _growing(source) from None
    except OSError as error:
        raise DeliveryRefused(
            "unreadable_file", "the file cannot be read", file=source.name,
            found=os.strerror(error.errno) if error.errno else type(error).__name__,
            advice="Give the refresh's user the right to read it, or fetch it again",
        ) from None  # fmt: skip


def sync_folder(folder: Path) -> None:
    """Make a rename inside ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def container(path: Path) -> str:
    """``zip``, ``gzip`` or ``plain``, from the first bytes and not from the name."""
    with path.open("rb") as file:
        head = file.read(4)
    if head == _ZIP or head[:4] == b"PK\x05\x06":
        return "zip"
    return "gzip" if head[:2] == _GZIP else "plain"


def entries(path: Path, received: str) -> list[Entry]:
    """The files inside a received file; raises ``DeliveryRefused`` for an archive that is not safe."""
    kind = container(path)
    base = PurePosixPath(received).name
    if kind == "plain":
        return [Entry(base, received)]
    if kind == "gzip":
        return [Entry(base[:-3] if base.lower().endswith(".gz") else base, received)]
    return _zip_entries(path, received)


def _zip_entries(path: Path, received: str, limits: Limits = _LIMITS) -> list[Entry]:
    with _zip(path, received) as archive:
        infos = [i for i in archive.infolist() if not i.is_dir()]
    if any(i.filename == _WORKBOOK for i in infos):
        raise DeliveryRefused(
            "not_this_file", "the file is a workbook of a spreadsheet or text program, whatever its name says",
            file=received, expected="delimited text", found="XLSX or a relative of it",
            advice="Ask the sender for the export as text; opening and saving it yourself would change ids and dates",
        )  # fmt: skip
    if len(infos) > limits.max_members:
        raise _refused("archive_too_large", "the archive holds too many files", received, None,
                       str(limits.max_members), str(len(infos)))  # fmt: skip
    seen: set[str] = set()
    found = []
    for info in infos:
        name = info.filename
        parts = PurePosixPath(name).parts
        if name.startswith("/") or "\\" in name or ".." in parts or (parts and ":" in parts[0]) or not parts:
            raise _refused("unsafe_member", "a member's path leads out of the archive", received, name)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise _refused("unsafe_member", "a member is a link", received, name)
        if info.flag_bits & 0x1:
            raise _refused("encrypted_member", "a member is encrypted", received, name)
        if name in seen:
            raise _refused("doubled_member", "the archive holds two members of one name", received, name)
        seen.add(name)
        if not name.startswith("__MACOSX/"):
            found.append(Entry(legible(parts[-1]), name))
    return found


class Opened:
    """A received file opened once, to stream any number of its entries out of it."""

    def __init__(self, path: Path, received: str, archive: zipfile.ZipFile | None, limits: Limits) -> None:
        self._path, self._received, self._archive, self._limits = path, received, archive, limits
        self._packed = path.stat().st_size
        self._unpacked = 0

    def extract(self, entry: Entry, folder: Path) -> tuple[str, ByteFacts]:
        """Stream one entry to ``folder/x<sha256>``; returns its sha256 and byte facts.

        Raises ``DeliveryRefused`` when checksums fail, an archive is nested, or what came out of the archive so far
        grows beyond the limits.
        """
        inspector, digest = Inspector(), hashlib.sha256()
        partial = folder / "unpacking"
        size = 0
        try:
            with partial.open("wb") as out:
                for chunk in self._chunks(entry):
                    if size == 0 and (chunk[:4] == _ZIP or chunk[:2] == _GZIP):
                        raise _refused("nested_archive", "an archive holds an archive", self._received, entry.path)
                    size += len(chunk)
                    self._refuse_too_large(entry, len(chunk))
                    digest.update(chunk)
                    inspector.update(chunk)
                    out.write(chunk)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        partial.replace(folder / f"x{digest.hexdigest()}")
        return digest.hexdigest(), inspector.finish()

    def peek(self, entry: Entry, size: int) -> bytes:
        """The first ``size`` bytes of an entry; raises ``DeliveryRefused`` when it is damaged."""
        return next(self._chunks(entry, size), b"")

    def _chunks(self, entry: Entry, size: int = CHUNK) -> Iterator[bytes]:
        try:
            with self._stream(entry) as stream:
                while chunk := stream.read(size):
                    yield chunk
        except (*_DAMAGE, OSError) as error:
            if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                raise
            raise DeliveryRefused(
                "damaged_archive", "the archive is damaged: its checksum or length does not hold",
                file=self._received, found=f"{type(error).__name__} in {legible(entry.path)}", advice="Fetch it again",
            ) from None  # fmt: skip

    def _refuse_too_large(self, entry: Entry, more: int) -> None:
        """Count what came out of all entries together: many small bombs are one."""
        self._unpacked += more
        limits = self._limits
        if self._unpacked > limits.max_bytes or self._unpacked > limits.max_ratio * max(self._packed, 1 << 16):
            raise _refused(
                "archive_too_large", "the archive unpacks to more than it may", self._received, entry.path,
                f"at most {limits.max_ratio} times its {self._packed} bytes", f"more than {self._unpacked} bytes",
            )  # fmt: skip

    def _stream(self, entry: Entry) -> IO[bytes]:
        if self._archive is not None:
            return self._archive.open(entry.path)
        return gzip.open(self._path, "rb")  # type: ignore[return-value]


@contextmanager
def opened(path: Path, received: str, limits: Limits = _LIMITS) -> Iterator[Opened]:
    """A received file (plain, gzip or zip), its directory read once."""
    if container(path) == "zip":
        with _zip(path, received) as archive:
            yield Opened(path, received, archive, limits)
    else:
        yield Opened(path, received, None, limits)


@contextmanager
def _zip(path: Path, received: str) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except (*_DAMAGE, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        said = str(error) if isinstance(error, zipfile.BadZipFile) else type(error).__name__
        raise DeliveryRefused(
            "damaged_archive", "the zip file is damaged or cut short", file=received, found=said,
            advice="Fetch it again",
        ) from None  # fmt: skip
    with archive:
        yield archive


def _refused(
    code: str, message: str, received: str, member: str | None, expected: str | None = None, found: str | None = None
) -> DeliveryRefused:
    return DeliveryRefused(
        code, message, file=received, expected=expected, found=found or member,
        advice="Ask the sender for a plain archive of the agreed files",
    )  # fmt: skip
