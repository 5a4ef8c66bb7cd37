"""People nobody could take for anything else: their names, addresses, numbers and days, and the search for them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

NAMES = ("ZAPHRODITA", "QUINZELWICK", "BRAXTHORNE", "OMBLEVATIA")
CANARIES = (
    *NAMES,
    "9914 WIMPLEQUASH TRAMWAY",
    "zaphrodita.quinzelwick@canary.invalid",
    "9195550177",
    "1931-02-29",  # a day there is not: reading it as one fails
    "1931-03-07",
)


def hits(places: Iterable[Path]) -> list[str]:
    """'canary in file' for every canary in every file, however the file is packed: text, SQLite and Parquet alike."""
    found = []
    for path in places:
        content = path.read_bytes().lower()
        found += [f"{canary} in {path}" for canary in CANARIES if canary.lower().encode() in content]
    return found


def files_of(*roots: Path) -> list[Path]:
    """Every file below the roots."""
    return [path for root in roots for path in sorted(root.rglob("*")) if path.is_file()]
