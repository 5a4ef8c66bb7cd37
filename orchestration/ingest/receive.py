"""From files in ``landing/`` to deliveries in the archive.

Belongs here: finding what has landed, waiting for what still grows, archiving bytes, deciding which files
make one delivery and what it is called. Does not belong here: the bytes' meaning (``decode``, ``parse``).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from orchestration.contracts.model import Contract
from orchestration.ingest.archive import Entry, container, entries, opened, store
from orchestration.ingest.decode import ByteFacts, inspect
from orchestration.ingest.errors import DeliveryRefused
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.members import Member

_PARTIAL = re.compile(r"\.(part|partial|filepart|tmp|crdownload)$|~$", re.IGNORECASE)


@dataclass(frozen=True)
class Landed:
    """The files of one source and date as they lie in the landing folder."""

    source: str
    snapshot_date: date
    folder: Path
    files: tuple[Path, ...]


@dataclass
class Received:
    """One delivery in the archive. ``members``: for each table of the contract its files, by name."""

    source: str
    snapshot_date: date
    content_sha256: str
    members: dict[str, list[Member]] = field(default_factory=dict)
    refusal: DeliveryRefused | None = None

    @property
    def delivery_id(self) -> str:
        """``<source>/<date>/<first 12 of the content hash>``."""
        return f"{self.source}/{self.snapshot_date.isoformat()}/{self.content_sha256[:12]}"

    def all_members(self) -> list[Member]:
        """Every member file."""
        return [m for members in self.members.values() for m in members]


def landed(landing: Path, source: str, settle: float = 0.0) -> tuple[list[Landed], list[str]]:
    """What lies ready for one source, oldest date first, and remarks about what does not.

    A folder that holds a partial upload, or a file that changed within ``settle`` seconds of looking,
    is left for the next time.
    """
    root = landing / source
    ready: list[Landed] = []
    remarks: list[str] = []
    if not root.is_dir():
        return ready, remarks
    for entry in sorted(root.iterdir()):
        if entry.name.startswith(".") or _PARTIAL.search(entry.name):
            continue
        day = parse_day(entry.name) if entry.is_dir() else None
        if day is None:
            remarks.append(
                f"{entry}: expected a folder named by the snapshot date, such as {root / '2026-09-01'}; move it there"
            )
            continue
        # Links are not followed: what they lead to was not delivered. Hidden files are file managers' own.
        files = sorted(p for p in entry.rglob("*") if p.is_file() and not p.is_symlink() and not p.name.startswith("."))
        whole = tuple(p for p in files if not _PARTIAL.search(p.name))
        if len(whole) != len(files):
            remarks.append(f"{entry}: an upload is still under way; the folder is left for the next refresh")
        elif whole:
            ready.append(Landed(source, day, entry, whole))
    growing = _growing([p for d in ready for p in d.files], settle)
    remarks += [f"{p}: still growing; its folder is left for the next refresh" for p in sorted(growing)]
    return [d for d in ready if not growing.intersection(d.files)], remarks


def parse_day(name: str) -> date | None:
    """A folder name as a date, or None."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", name):
        return None
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _growing(files: Sequence[Path], settle: float) -> set[Path]:
    if settle <= 0:
        return set()
    young = {p: (s.st_size, s.st_mtime_ns) for p in files if time.time() - (s := p.stat()).st_mtime < 10 * settle}
    if not young:
        return set()
    time.sleep(settle)
    return {p for p, seen in young.items() if (p.stat().st_size, p.stat().st_mtime_ns) != seen}


def receive(home: Path, ledger: Ledger, contract: Contract, delivery: Landed, work: Path) -> Received:
    """Archive the files of a delivery and find its members.

    A fault of the delivery as a whole (damaged archive, unexpected or missing parts) is put into
    ``refusal``; the delivery is entered all the same, so that the ledger shows it.
    """
    objects = home / "archive" / "objects"
    stored: list[tuple[Path, str, str]] = []
    for file in delivery.files:
        name = file.relative_to(delivery.folder).as_posix()
        stored.append((objects / (digest := _stored(file, objects, ledger)), name, digest))
    by_object = _combined(digest for _, _, digest in stored)
    received = Received(contract.id, delivery.snapshot_date, by_object)
    try:
        received.members = _members(contract, ledger, stored, work)
        received.content_sha256 = _combined(m.sha256 for m in received.all_members())
        _check_parts(contract, received.all_members())
    except DeliveryRefused as refusal:
        received.refusal = refusal
    return received


def reopen(home: Path, ledger: Ledger, contract: Contract, delivery_id: str, day: date, work: Path) -> Received:
    """An archived delivery, read again because its contract changed."""
    objects = home / "archive" / "objects"
    rows = ledger.files(delivery_id)
    unique = dict.fromkeys((str(r["object_sha256"]), str(r["received_name"])) for r in rows)
    stored = [(objects / digest, name, digest) for digest, name in unique]
    received = Received(contract.id, day, "")
    try:
        received.members = _members(contract, ledger, stored, work)
        received.content_sha256 = _combined(m.sha256 for m in received.all_members())
        _check_parts(contract, received.all_members())
    except DeliveryRefused as refusal:
        received.refusal = refusal
    return received


def _stored(file: Path, objects: Path, ledger: Ledger) -> str:
    seen = file.stat()
    digest = ledger.seen_hash(str(file), seen.st_size, seen.st_mtime_ns)
    if digest is not None and (objects / digest).exists():
        return digest
    digest, _ = store(file, objects)
    ledger.remember_hash(str(file), seen.st_size, seen.st_mtime_ns, digest)
    return digest


def _members(
    contract: Contract, ledger: Ledger, stored: Sequence[tuple[Path, str, str]], work: Path
) -> dict[str, list[Member]]:
    chosen: dict[str, list[tuple[Entry, Path, str, str]]] = {}
    unexpected: list[str] = []
    for path, received, digest in stored:
        for entry in entries(path, received):
            table = _table_of(contract, entry)
            if table is None:
                unexpected.append(entry.path)
            elif table:
                chosen.setdefault(table, []).append((entry, path, received, digest))
    if unexpected:
        raise DeliveryRefused(
            "unexpected_file", f"{len(unexpected)} file(s) are not part of this source", file=", ".join(unexpected[:3]),
            expected=", ".join(t.reader.members for t in contract.tables if t.reader),
            advice="Move them to the folder of their own source, or extend members or exclude in the contract",
        )  # fmt: skip
    members = {table: sorted(_unpack(ledger, founds, work), key=lambda m: m.name) for table, founds in chosen.items()}
    for found in members.values():
        names = [m.name.lower() for m in found]
        doubled = sorted({n for n in names if names.count(n) > 1})
        if doubled:
            raise DeliveryRefused(
                "doubled_member", "two files of one name were delivered", file=", ".join(doubled[:3]),
                advice="Remove the one that does not count; duplicate folders can be excluded in the contract",
            )  # fmt: skip
    return members


def _table_of(contract: Contract, entry: Entry) -> str | None:
    """The table an entry feeds, an empty string when it is excluded, None when it is unknown."""
    for table in contract.tables:
        reader = table.reader
        if reader is None:
            continue
        if reader.exclude and re.search(reader.exclude, entry.path):
            return ""
        if re.search(reader.members, entry.name):
            return table.name
    return None


def _unpack(ledger: Ledger, found: Sequence[tuple[Entry, Path, str, str]], work: Path) -> list[Member]:
    """The members as files under names of ours, with their hashes and byte facts.

    Facts are remembered per archived object: a file seen before is not looked at again, and not
    unpacked until it must be parsed.
    """
    members: list[Member] = []
    for (path, received, digest), group in groupby(found, key=lambda f: f[1:]):
        known = {row["member"]: row for row in ledger.object_members(digest)}
        plain = container(path) == "plain"
        learned: list[tuple[str, str, int, dict[str, Any]]] = []
        with opened(path, received) as source:
            for entry, *_ in group:
                label = "" if plain else entry.path
                row = known.get(label)
                if row is not None:
                    sha256, facts = str(row["sha256"]), ByteFacts(**row["facts"])
                elif plain:
                    sha256, facts = digest, inspect(path)
                else:
                    sha256, facts = source.extract(entry, work)
                if row is None:
                    learned.append((label, sha256, facts.size, facts.as_json()))
                at = path if plain else work / f"x{sha256}"
                members.append(Member(entry.name, at, sha256, facts.size, facts, received, digest, entry.path))
        if learned:
            ledger.remember_members(digest, learned)
    return members


def make_readable(home: Path, members: Iterable[Member], work: Path) -> None:
    """Unpack again the members whose bytes are not at hand (their facts were known from before)."""
    objects = home / "archive" / "objects"
    absent = [m for m in members if not m.path.exists()]
    for (digest, received), group in groupby(absent, key=lambda m: (m.object_sha256, m.received)):
        with opened(objects / digest, received) as source:
            for member in group:
                sha256, _ = source.extract(Entry(member.name, member.inner), work)
                if sha256 != member.sha256:
                    raise DeliveryRefused(
                        "archive_changed", "the archived bytes are not those that were received", file=member.name,
                        advice="Restore archive/objects from a backup, or receive the delivery again",
                    )  # fmt: skip


def _check_parts(contract: Contract, members: Sequence[Member]) -> None:
    names = [m.name for m in members]
    if not names:
        raise DeliveryRefused("empty_delivery", "no file of this source was delivered", advice="Ask the sender")
    missing = [p for p in contract.expected_parts if not any(re.search(p, n) for n in names)]
    if missing:
        shown = ", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if len(missing) > 4 else "")
        raise DeliveryRefused(
            "missing_part", f"{len(missing)} of {len(contract.expected_parts)} parts are missing: {shown}",
            expected=f"{len(contract.expected_parts)} parts", found=f"{len(names)} files",
            advice="Add them to the same landing folder; the delivery is taken when it is whole",
        )  # fmt: skip
    for part in contract.expected_parts:
        found = [n for n in names if re.search(part, n)]
        if len(found) > 1:
            raise DeliveryRefused(
                "doubled_part", "two files claim to be the same part", file=", ".join(found[:3]), expected=part,
                advice="Remove the one that does not count",
            )  # fmt: skip


def _combined(digests: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()
