"""The lock: every requirement with its version, when it applies, and the hashes its files may have.

Belongs here: reading `requirements.lock` and what must not stand in it. Does not belong here: what is installed
(`installed`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import PROJECT_ROOT

LOCK = PROJECT_ROOT / "requirements.lock"
_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>[^\\]+))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """One line of the lock. ``marker``: on which machines it applies; empty for all."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    line: int

    @property
    def applies_here(self) -> bool:
        """Whether it is wanted on this machine and this Python."""
        from packaging.markers import Marker

        return not self.marker or Marker(self.marker).evaluate()


def canonical(name: str) -> str:
    """A distribution's name as all spellings of it compare."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text: str) -> list[Pin]:
    """Every pin of a lock's text; lines that are neither pin, hash nor comment are left to ``faults``."""
    found: list[Pin] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _PIN.match(line):
            found.append(Pin(canonical(match["name"]), match["version"], (match["marker"] or "").strip(), (), number))
        elif (hit := _HASH.search(line)) and found:
            last = found[-1]
            found[-1] = Pin(last.name, last.version, last.marker, (*last.hashes, hit[1]), last.line)
    return found


def faults(text: str) -> list[str]:
    """What must not stand in a lock: a requirement without a hash or a version, and the name of any host."""
    found = [f"line {p.line}: {p.name}=={p.version} has no hash" for p in pins(text) if not p.hashes]
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        said = stripped.partition("#")[0]
        if "://" in line or re.match(r"(-i|-f|-e|--index-url|--extra-index-url|--find-links|--trusted-host)\b", said):
            found.append(f"line {number}: names a host or a place; a lock says what, not from where")
        elif said and not _PIN.match(line) and not _HASH.search(line):
            found.append(f"line {number}: neither a pinned requirement nor a hash: {stripped[:60]}")
    return found


def applying(found: Sequence[Pin]) -> dict[str, Pin]:
    """The pins for this machine by name; raises ValueError when two of one name apply."""
    chosen: dict[str, Pin] = {}
    for pin in found:
        if pin.applies_here:
            if pin.name in chosen:
                raise ValueError(
                    f"the lock pins {pin.name} twice for this machine: lines {chosen[pin.name].line}, {pin.line}"
                )
            chosen[pin.name] = pin
    return chosen


def read(path: Path = LOCK) -> str:
    """The lock's text."""
    return path.read_text(encoding="utf-8")
