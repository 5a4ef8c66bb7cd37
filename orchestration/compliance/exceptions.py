"""What a rule lets pass, written down with reason and end (`data_contracts/compliance/exceptions.yaml`).

Belongs here: reading and checking the entries. Does not belong here: applying them (`judge`, `checks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from orchestration.compliance.uses import PURPOSES
from orchestration.contracts.load import ROOT

FILE = ROOT / "compliance" / "exceptions.yaml"
GENERAL_TABLES = "pii.general_tables"
STATE_LIST = "state_list.purpose"
OTHER_USE = "source.permitted_use"
_KEYS = {
    GENERAL_TABLES: {"origins", "columns"},
    STATE_LIST: {"table", "purpose", "sources", "state_column", "empty", "own", "forbidden_rows"},
    OTHER_USE: {"table", "purpose", "sources", "forbidden_rows"},
}
_SHARED = {"id", "rule", "reason", "approved_by", "expires"}


class ExceptionError(ValueError):
    """An entry that cannot count; the message names file, entry and what to write instead."""


@dataclass(frozen=True)
class Excuse:
    """One entry. ``expires``: the last day it counts. The other fields as the file's head explains them."""

    id: str
    rule: str
    reason: str
    approved_by: str
    expires: date
    origins: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    table: str = ""
    purpose: str = ""
    sources: tuple[str, ...] = ()
    state_column: str = "state"
    empty: tuple[str, ...] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    forbidden_rows: str = ""

    def counts_on(self, day: date) -> bool:
        """Whether it still counts."""
        return day <= self.expires


def load_exceptions(path: Path = FILE) -> tuple[Excuse, ...]:
    """Every entry of the file; raises ``ExceptionError``."""
    read = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    entries = tuple(_excuse(entry, path) for entry in read.get("exceptions") or ())
    if len({entry.id for entry in entries}) != len(entries):
        raise ExceptionError(f"{path}: two exceptions have the same id; give each its own")
    return entries


def _excuse(entry: Mapping[str, Any], path: Path) -> Excuse:
    where = f"{path}: exception {entry.get('id')!r}"
    rule = str(entry.get("rule"))
    if rule not in _KEYS:
        raise ExceptionError(f"{where}: rule {rule!r} takes no exceptions; only {', '.join(sorted(_KEYS))} do")
    if unknown := sorted(set(entry) - _SHARED - _KEYS[rule]):
        raise ExceptionError(f"{where}: {', '.join(unknown)} is unknown for rule {rule}")
    # Another source's use is excused by rows only, so its entry must say which rows there may not be.
    left_out = {"state_column", "empty", "own"} | ({"forbidden_rows"} if rule != OTHER_USE else set())
    needed = _SHARED | (_KEYS[rule] - left_out)
    if missing := sorted(key for key in needed if not entry.get(key)):
        raise ExceptionError(f"{where}: {', '.join(missing)} is missing; an exception says what, why, who and how long")
    if not isinstance(entry["expires"], date):
        raise ExceptionError(f"{where}: expires is {entry['expires']!r}; expected a day such as 2028-12-31")
    if rule in (STATE_LIST, OTHER_USE) and entry["purpose"] not in PURPOSES:
        raise ExceptionError(f"{where}: purpose {entry['purpose']!r} is unknown; expected {', '.join(PURPOSES)}")
    if entry.get("forbidden_rows") and (entry.get("empty") or entry.get("own")):
        raise ExceptionError(f"{where}: forbidden_rows says it of whole rows; empty and own belong to columns")
    own = {str(column): str(why or "").strip() for column, why in (entry.get("own") or {}).items()}
    if silent := sorted(column for column, why in own.items() if not why):
        raise ExceptionError(f"{where}: own columns {', '.join(silent)} have no reason")
    return Excuse(
        id=str(entry["id"]),
        rule=rule,
        reason=" ".join(str(entry["reason"]).split()),
        approved_by=str(entry["approved_by"]),
        expires=entry["expires"],
        origins=tuple(entry.get("origins") or ()),
        columns=tuple(entry.get("columns") or ()),
        table=str(entry.get("table") or ""),
        purpose=str(entry.get("purpose") or ""),
        sources=tuple(entry.get("sources") or ()),
        state_column=str(entry.get("state_column") or "state"),
        empty=tuple(entry.get("empty") or ()),
        own=own,
        forbidden_rows=" ".join(str(entry.get("forbidden_rows") or "").split()),
    )
