"""Known weaknesses that concern us, and whether what each demands holds here.

Belongs here: reading `advisories.yaml` and checking its demands against what is installed and against our own files.
Does not belong here: looking anything up; `pip-audit` does that where there is a network (docs/operations.md).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import PROJECT_ROOT

FILE = Path(__file__).with_name("advisories.yaml")
_KEYS = {
    "id", "about", "what", "source", "absent", "distribution", "fixed_in", "below", "never_imported", "never_run",
}  # fmt: skip
# What runs things: code, the commands of make and CI, and settings.
_SUFFIXES = (".py", ".yml", ".yaml", ".toml", ".sql", ".sh")
_FOLDERS = ("orchestration", "benchmarks", "dbt_project", ".ci")


@dataclass(frozen=True)
class Advisory:
    """One weakness and what must hold because of it."""

    id: str
    about: str
    what: str
    source: str
    absent: tuple[str, ...] = ()
    distribution: str = ""
    fixed_in: str = ""
    below: str = ""
    never_imported: tuple[str, ...] = ()
    never_run: tuple[str, ...] = ()


def load(path: Path = FILE) -> list[Advisory]:
    """Every entry; raises ValueError for one that demands nothing or says what we do not know to check."""
    return [_advisory(entry, path) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def _advisory(entry: Mapping[str, Any], path: Path) -> Advisory:
    where = f"{path}: {entry.get('id')!r}"
    if unknown := sorted(set(entry) - _KEYS):
        raise ValueError(f"{where}: {', '.join(unknown)} cannot be checked; known are {', '.join(sorted(_KEYS))}")
    if missing := [key for key in ("id", "about", "what", "source") if not entry.get(key)]:
        raise ValueError(f"{where}: {', '.join(missing)} is missing")
    made = Advisory(
        str(entry["id"]), str(entry["about"]), str(entry["what"]), str(entry["source"]), _words(entry.get("absent")),
        str(entry.get("distribution") or ""), str(entry.get("fixed_in") or ""), str(entry.get("below") or ""),
        _words(entry.get("never_imported")), _words(entry.get("never_run")),
    )  # fmt: skip
    if not (
        made.absent or made.never_imported or made.never_run or (made.distribution and (made.fixed_in or made.below))
    ):
        raise ValueError(f"{where}: demands nothing; say absent, fixed_in, below, never_imported or never_run")
    return made


def _words(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def faults(advisories: Iterable[Advisory], there: Mapping[str, str], root: Path = PROJECT_ROOT) -> list[str]:
    """What does not hold. ``there``: canonical name -> version of every installed distribution."""
    sources = {path: path.read_text(encoding="utf-8", errors="replace") for path in own_files(root)}
    imported = {path: _imports(text) for path, text in sources.items() if path.suffix == ".py"}
    found = []
    for advisory in advisories:
        found += [
            f"{advisory.id}: {said}. {advisory.what}" for said in _broken(advisory, there, sources, imported, root)
        ]
    return found


def _broken(
    advisory: Advisory,
    there: Mapping[str, str],
    sources: Mapping[Path, str],
    imported: Mapping[Path, set[str]],
    root: Path,
) -> list[str]:
    from packaging.version import Version

    found = [f"{name} {there[name]} is installed" for name in advisory.absent if name in there]
    version = there.get(advisory.distribution)
    if version and advisory.fixed_in and Version(version) < Version(advisory.fixed_in):
        found.append(f"{advisory.distribution} {version} is installed, it is mended in {advisory.fixed_in}")
    if version and advisory.below and Version(version) >= Version(advisory.below):
        found.append(f"{advisory.distribution} {version} is installed, it must stay below {advisory.below}")
    for path, names in imported.items():
        if hit := names & set(advisory.never_imported):
            found.append(f"{path.relative_to(root)} imports {', '.join(sorted(hit))}")
    for path, text in sources.items():
        found += [f"{path.relative_to(root)} holds {words!r}" for words in advisory.never_run if words in text]
    return found


def own_files(root: Path) -> list[Path]:
    """Our files that run something, or say what is run; not the list of what must not be."""
    found = [p for folder in _FOLDERS for p in (root / folder).rglob("*") if p.is_file()]
    found = [p for p in found if p.suffix in _SUFFIXES or p.parent.name == ".ci"]
    made = ("target", "dbt_packages", "logs")
    kept = [p for p in found if not set(p.relative_to(root).parts) & set(made) and p.name != FILE.name]
    return sorted([*kept, *(p for p in [root / "Makefile"] if p.is_file())])


def _imports(text: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def versions(found: Sequence[Any]) -> dict[str, str]:
    """Canonical name -> version of distributions."""
    from orchestration.supply.lockfile import canonical

    return {canonical(d.name): d.version for d in found}
