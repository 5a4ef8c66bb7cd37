"""What is installed in this environment, held against the lock, its own records and our licences.

Belongs here: names and versions, hashes of installed files, licences. Does not belong here: known weaknesses
(`advisories`).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from orchestration.supply.lockfile import Pin, canonical

# What `make setup` brings besides the lock: ourselves, and what installs the lock.
OURS = frozenset({"winnumber", "pip", "uv"})
# Licences under which giving the project to another committee would oblige it to more than keeping the notice.
_FORBIDDEN = re.compile(
    r"\b(A?GPL|SSPL|BUSL|Business Source|Commons Clause|non-?commercial|GNU (Affero )?General Public|proprietary)", re.I
)
_LESSER = re.compile(r"\b(LGPL|Lesser General Public)", re.I)
# Read one by one, with the reason each is let in.
LICENCES_READ = {
    "igraph": "GPL; splink imports it when edge metrics of clusters are asked for, which we never do; it is installed "
    "beside us and is no part of what we hand on",
    "text-unidecode": "may be taken under the Artistic License instead of the GPL, and is",
}


def compare(wanted: Mapping[str, Pin], found: Iterable[Distribution]) -> list[str]:
    """What is missing, of another version, or installed without being in the lock."""
    there = {canonical(d.name): d.version for d in found}
    faults = [f"{p.name}=={p.version} is in the lock and not installed" for n, p in wanted.items() if n not in there]
    for name, version in sorted(there.items()):
        if name in wanted and version != wanted[name].version:
            faults.append(f"{name} {version} is installed, the lock has {wanted[name].version}")
        elif name not in wanted and name not in OURS:
            faults.append(f"{name} {version} is installed and not in the lock")
    return faults


def altered(found: Iterable[Distribution]) -> tuple[int, list[str]]:
    """Hold every installed file against the record it was installed with: files looked at, and what differs.

    A file that several distributions bring (the empty module of a shared name) is whole when it is what one of them
    brought. Compiled modules have no hash and are not looked at.
    """
    hashes: dict[Path, set[tuple[str, str]]] = {}
    owners: dict[Path, str] = {}
    for distribution in found:
        for file in distribution.files or ():
            if file.hash is not None:
                path = Path(str(file.locate())).resolve()
                hashes.setdefault(path, set()).add((file.hash.mode, file.hash.value))
                owners[path] = distribution.name
    faults = [
        f"{owners[path]}: {path} {said}" for path, known in sorted(hashes.items()) if (said := _differs(path, known))
    ]
    return len(hashes), faults


def _differs(path: Path, known: set[tuple[str, str]]) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return "is gone"
    for mode, value in known:
        digest = hashlib.new(mode, content).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == value:
            return ""
    return "is not the file that was installed"


def licence(distribution: Distribution) -> str:
    """What a distribution says of its licence, in its own words."""
    said = distribution.metadata
    classes = [c.split(" :: ")[-1] for c in said.get_all("Classifier") or [] if c.startswith("License ::")]
    free = "\n".join(said.get_all("License") or []).strip()[:200]
    return "; ".join(said.get_all("License-Expression") or classes) or free


def forbidden_licences(found: Iterable[Distribution]) -> list[str]:
    """Distributions under a licence nobody has read and let in, or under none at all."""
    faults = []
    for distribution in found:
        name, said = canonical(distribution.name), licence(distribution)
        if name in OURS or name in LICENCES_READ:
            continue
        if not said:
            faults.append(f"{name} says nothing of its licence")
        elif _FORBIDDEN.search(said) and not _LESSER.search(said):
            faults.append(f"{name} is under {said!r}")
    return faults


def everything() -> list[Distribution]:
    """Every distribution of this environment, each once."""
    return list({canonical(d.name): d for d in distributions()}.values())
