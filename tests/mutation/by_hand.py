"""The corruptions written by hand, in `tests/pipeline/corruptions`: one module per team, read by name.

Belongs here: finding them and saying which check each is for. Does not belong here: the corruptions themselves.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

from .derived import Corruption

FOLDER = Path(__file__).resolve().parents[1] / "pipeline" / "corruptions"
# What a module may hold: which dictionary is for which checks.
PUBLISHED, DATA_TESTS, DELIVERED = "CORRUPTIONS", "DATA_TESTS", "DELIVERED"
_CHANGED = re.compile(r"\b(?:update|delete\s+from|insert\s+into|alter\s+table)\s+([\w.]+)", re.IGNORECASE)


@cache
def written(which: str) -> Mapping[str, tuple[str, ...]]:
    """Key -> the SQL of each corruption, over all modules. Raises ValueError for a key that two modules claim."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        for key, said in getattr(load(path), which, {}).items():
            if key in found:
                raise ValueError(f"{path}: {which} has {key!r}, which another module has as well")
            found[key] = (said,) if isinstance(said, str) else tuple(said)
    return found


@cache
def load(path: Path) -> ModuleType:
    """A module by its file: the folders of tests are on the path of some runs only."""
    spec = importlib.util.spec_from_file_location(f"mutation_{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def for_checks(which: str, ids: Iterable[str]) -> tuple[dict[str, list[Corruption]], list[str]]:
    """Check id -> its corruptions, and the keys that belong to no check.

    A key is a check's whole id, or what follows its table ('<table>.<rule>', where each such rule is broken alike).
    """
    corruptions, used = {}, set()
    known = written(which)
    for check_id in ids:
        key = check_id if check_id in known else check_id.partition(".")[2]
        if key in known:
            used.add(key)
            corruptions[check_id] = [
                Corruption(f"{check_id}: by hand {number}", (sql,), changed(sql), by_hand=True)
                for number, sql in enumerate(known[key], start=1)
            ]
    return corruptions, sorted(set(known) - used)


def changed(sql: str) -> str:
    """The one table that a corruption changes, as it names it. Raises ValueError when it is none or several."""
    tables = set(_CHANGED.findall(re.sub(r"'[^']*'", "''", sql)))
    if len(tables) != 1:
        raise ValueError(f"a corruption changes just one table, this one {sorted(tables) or 'none'}: {sql}")
    return str(tables.pop())
