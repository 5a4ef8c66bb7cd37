"""From files in ``landing/`` to deliveries in the archive.

Belongs here: archiving bytes, deciding which files make one delivery and what it is called. Does not belong
here: finding what has landed (``landing``), the bytes' meaning (``decode``, ``parse``).
"""

from __future__ import annotations

import hashlib
import re
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
from orchestration.ingest.landing import Landed
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.legible import legible, listed
from orchestration.ingest.members import Member
from orchestration.ingest.store import file_sha256


@dataclass
class Received:
    """One delivery in the archive. ``members``: for each table of the contract its files, by name.

    ``files``: each received file's name, sha256 and size in bytes, whether or not a member was found in it.
    """

    source: str
    snapshot_date: date
    content_sha256: str
    members: dict[str, list[Member]] = field(default_factory=dict)
    files: tuple[tuple[str, str, int], ...] = ()
    refusal: DeliveryRefused | None = None

    @property
    def delivery_id(self) -> str:
        """``<source>/<date>/<first 12 of the content hash>``."""
        return f"{self.source}/{self.snapshot_date.isoformat()}/{self.content_sha256[:12]}"

    def all_members(self) -> list[Member]:
        """Every member file."""
        return [m for members in self.members.values() for m in members]


def receive(home: Path, ledger: Ledger, contract: Contract, delivery: Landed, work: Path) -> Received:
    """Archive the files of a delivery and find its members.

    A fault of the delivery as a whole (damaged archive, unexpected or missing parts) is put into
    ``refusal``; the delivery is entered all the same, so that the ledger shows it. Raises ``DeliveryRefused``
    when there are no bytes to archive: a file still grows, was taken away, or may not be read.
    """
    objects = home / "archive" / "objects"
    stored: list[tuple[Path, str, str]] = []
    for file in delivery.files:
        name = legible(file.relative_to(delivery.folder).as_posix())
        stored.append((objects / (digest := _stored(file, objects, ledger)), name, digest))
    by_object = _combined(digest for _, _, digest in stored)
    received = Received(contract.id, delivery.snapshot_date, by_object)
    received.files = tuple((name, digest, path.stat().st_size) for path, name, digest in stored)
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
    received.files = tuple((name, digest, path.stat().st_size) for path, name, digest in stored if path.exists())
    try:
        received.members = _members(contract, ledger, stored, work)
        received.content_sha256 = _combined(m.sha256 for m in received.all_members())
        _check_parts(contract, received.all_members())
    except DeliveryRefused as refusal:
        received.refusal = refusal
    return received


def _stored(file: Path, objects: Path, ledger: Ledger) -> str:
    try:
        seen = file.stat()
    except FileNotFoundError:
        raise DeliveryRefused(
            "growing", "the file was taken away before it could be copied", file=file.name,
            advice="Its folder is taken when it has come to rest",
        ) from None  # fmt: skip
    path = legible(str(file))
    digest = ledger.seen_hash(path, seen.st_size, seen.st_mtime_ns)
    if digest is not None and (objects / digest).exists():
        return digest
    digest, _ = store(file, objects)
    ledger.remember_hash(path, seen.st_size, seen.st_mtime_ns, digest)
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
            "unexpected_file", f"{len(unexpected)} file(s) are not part of this source", file=listed(unexpected),
            expected=", ".join(t.reader.members for t in contract.tables if t.reader),
            advice="Move them to the folder of their own source, or extend members or exclude in the contract",
        )  # fmt: skip
    members = {table: sorted(_unpack(ledger, founds, work), key=lambda m: m.name) for table, founds in chosen.items()}
    for found in members.values():
        names = [m.name.lower() for m in found]
        doubled = sorted({m.name for m in found if names.count(m.name.lower()) > 1})
        if doubled:
            raise DeliveryRefused(
                "doubled_member", "two files of one name were delivered", file=listed(doubled),
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
                members.append(
                    Member(entry.name, at, sha256, facts.size, facts, received, digest, entry.path, row is not None)
                )
        if learned:
            ledger.remember_members(digest, learned)
    return members


def make_readable(home: Path, members: Sequence[Member], work: Path) -> None:
    """Unpack again the members whose bytes are not at hand (their facts were known from before).

    Bytes that were archived at another time are compared with their hash before anything is read from them: a
    flipped byte parses as well as any other. Raises ``DeliveryRefused`` (``archive_changed``).
    """
    objects = home / "archive" / "objects"
    for member in members:
        if member.remembered and member.path.exists() and file_sha256(member.path) != member.sha256:
            raise _changed(member)
    absent = [m for m in members if not m.path.exists()]
    for (digest, received), group in groupby(absent, key=lambda m: (m.object_sha256, m.received)):
        with opened(objects / digest, received) as source:
            for member in group:
                sha256, _ = source.extract(Entry(member.name, member.inner), work)
                if sha256 != member.sha256:
                    raise _changed(member)


def _changed(member: Member) -> DeliveryRefused:
    return DeliveryRefused(
        "archive_changed", "the archived bytes are not those that were received", file=member.name,
        expected=f"archive/objects/{member.object_sha256[:12]}… as it was written", found="other bytes",
        advice="Restore it from a backup; or delete it and put the file into landing again, to have it archived anew",
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
                "doubled_part", "two files claim to be the same part", file=listed(found), expected=part,
                advice="Remove the one that does not count",
            )  # fmt: skip


def _combined(digests: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()
