"""Who is affected when a source, a model or a published table fails.

Belongs here: which published tables are built on it, and which teams these are for. Does not belong here: why it
failed.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.contracts.model import Contract


@dataclass(frozen=True)
class Descent:
    """Which nodes of the dbt project are built on which: ``children`` by node id, ``published`` by model name."""

    children: Mapping[str, list[str]] = field(default_factory=dict)
    published: Mapping[str, Contract] = field(default_factory=dict)

    def tables(self, names: Iterable[str]) -> list[str]:
        """Published tables that are, or are built on, any of these (names of tables, models, tests or sources)."""
        wanted = set(names)
        start = [node for node in self.children if _name(node) in wanted]
        seen, queue = set(start), deque(start)
        while queue:
            for child in self.children.get(queue.popleft(), []):
                if child not in seen:
                    seen.add(child)
                    queue.append(child)
        found = {_name(node) for node in seen if node.startswith("model.")} | wanted
        return sorted(found & set(self.published))

    def teams(self, tables: Iterable[str]) -> list[str]:
        """The teams that own rules of these tables, which are those that build on them."""
        contracts = [self.published[t] for t in tables]
        return sorted({rule.owner for c in contracts for table in c.tables for rule in table.quality})

    def behind_test(self, test: str) -> list[str]:
        """The models and sources a dbt test looks at."""
        return [_name(node) for node, children in self.children.items() if any(_test(c) == test for c in children)]


def descent(manifest: Path, published: Mapping[str, Contract]) -> Descent:
    """Read the project's own graph; without a manifest each table stands for itself."""
    try:
        children = json.loads(manifest.read_text(encoding="utf-8"))["child_map"]
    except (OSError, ValueError, KeyError):
        children = {}
    return Descent(children, published)


def _name(node: str) -> str:
    return node.split(".")[-1] if node.startswith(("model.", "source.", "seed.")) else node


def _test(node: str) -> str:
    """A test as the gate record names it: without kind and project."""
    return node.split(".", 2)[-1] if node.startswith("test.") else ""
