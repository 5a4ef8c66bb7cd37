"""What parsing works on and what it hands back.

Belongs here: the small value objects that receive, parse and the ledger share.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.ingest.decode import ByteFacts


@dataclass(frozen=True)
class Member:
    """One member file of a delivery.

    ``name``: its base name as sent, data and never a path to open. ``path``: its bytes under a name
    of ours. ``received``: the file or archive it came in; ``inner``: its path in there. ``remembered``:
    its hash and facts were found at another time, not from the bytes as they lie there now.
    """

    name: str
    path: Path
    sha256: str
    size: int
    facts: ByteFacts
    received: str
    object_sha256: str
    inner: str = ""
    remembered: bool = False


@dataclass(frozen=True)
class Located:
    """Where the rows of one member stand among the rows of a table.

    ``start``: row number of its first row. ``first_line``: the physical line of that row, were none
    quarantined. ``bad_lines``: physical lines that hold no row, ascending.
    """

    name: str
    start: int
    rows: int
    first_line: int
    bad_lines: tuple[int, ...] = ()

    @property
    def shifts(self) -> list[int]:
        """Index among the member's rows from which each bad line moves the lines that follow."""
        return [bad - self.first_line - k for k, bad in enumerate(self.bad_lines)]

    def line_of(self, row: int) -> int:
        """The physical line of a row of the table."""
        index = row - self.start
        return self.first_line + index + bisect_right(self.shifts, index)


@dataclass(frozen=True)
class Quarantined:
    """One line set aside; ``raw`` is personal data and goes to the restricted file only."""

    member: str
    line: int
    reason: str
    raw: str


@dataclass
class ParsedTable:
    """One accepted table of one delivery on disk, and how its lines add up."""

    table: str
    path: Path
    rows: int
    lines: int
    accepted_lines: int
    members: list[Located]
    has_member: bool
    has_line: bool
    quarantined: list[Quarantined] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For the manifest; holds no value from a row."""
        return {
            "table": self.table,
            "file": self.path.name,
            "rows": self.rows,
            "lines": self.lines,
            "accepted_lines": self.accepted_lines,
            "quarantined": len(self.quarantined),
            "has_member": self.has_member,
            "has_line": self.has_line,
            "members": [[m.name, m.start, m.first_line] for m in self.members],
        }
