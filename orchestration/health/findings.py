"""One finding of the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """OK; WARN: works, and will not always; FAIL: does not work, or lets something happen that must not."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how grave it is, what was found, and what to do (empty when nothing is to be done)."""

    what: str
    level: Level
    found: str
    do: str = ""

    def document(self) -> dict[str, object]:
        """For machines; ``ok`` is false only for what is a failure."""
        return {
            "what": self.what, "ok": self.level is not Level.FAIL, "level": str(self.level), "found": self.found,
            "do": self.do if self.level is not Level.OK else "",
        }  # fmt: skip


def judged(what: str, ok: bool, found: object, do: str = "", otherwise: Level = Level.FAIL) -> Finding:
    """A finding that is fine or not; ``otherwise``: how grave it is when it is not."""
    return Finding(what, Level.OK if ok else otherwise, str(found), do)
