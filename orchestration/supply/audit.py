"""`make audit`: what is installed is what the lock names, unaltered, licensed and without known weakness.

Belongs here: running every look and saying what came out. Does not belong here: the looks themselves.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from time import perf_counter

from orchestration.supply import advisories, installed, lockfile


@dataclass(frozen=True)
class Look:
    """One look: what was looked at in words, and everything found wrong."""

    what: str
    faults: tuple[str, ...]


def audit(*, with_files: bool = True) -> list[Look]:
    """Every look. ``with_files``: also hash each installed file, a gigabyte of them."""
    text = lockfile.read()
    wanted, there = lockfile.applying(lockfile.pins(text)), installed.everything()
    known = advisories.load()
    looks = [
        Look(f"lock: {len(lockfile.pins(text))} pins, each with hashes, no host", tuple(lockfile.faults(text))),
        Look(f"{len(there)} distributions are those of the lock", tuple(installed.compare(wanted, there))),
        Look("licences", tuple(installed.forbidden_licences(there))),
        Look(f"{len(known)} known weaknesses", tuple(advisories.faults(known, advisories.versions(there)))),
    ]
    if with_files:
        started = perf_counter()
        count, faults = installed.altered(there)
        looks.append(Look(f"{count:,} installed files unaltered ({perf_counter() - started:.1f} s)", tuple(faults)))
    return looks


def main() -> int:
    """Print every look; 1 when anything is wrong."""
    looks = audit()
    for look in looks:
        sys.stderr.write(f"{'FAIL' if look.faults else 'ok  '}  {look.what}\n")
        for fault in look.faults:
            sys.stderr.write(f"      {fault}\n")
    return int(any(look.faults for look in looks))


if __name__ == "__main__":
    sys.exit(main())
