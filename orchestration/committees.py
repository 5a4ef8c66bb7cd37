"""The campaign's own committees: what money is raised for, and which law limits it.

Belongs here: reading ``[[committees]]`` of the settings and writing the table ``config.committees``.
Does not belong here: limits and thresholds (they are dated seeds), gifts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

KINDS = ("candidate", "state_party", "national_party", "national_party_account", "pac")
_KEYS = frozenset({"name", "fec_id", "kind", "state", "office", "primary_date"})


@dataclass(frozen=True)
class Committee:
    """One own committee.

    ``committee_id``: its FEC id. ``kind``: one of ``KINDS``; the limits of the seeds hold per kind. ``office_code``
    and ``state``: of a candidate's committee. ``primary_date``: day of the candidate's primary; None when it is not
    known, and then nobody is asked for it.
    """

    committee_id: str
    name: str
    kind: str
    state: str | None = None
    office_code: str | None = None
    primary_date: date | None = None

    @property
    def is_federal(self) -> bool:
        """Whether federal limits hold: not for a candidate of a state's own offices."""
        return self.kind != "candidate" or (self.office_code or "").startswith("us_")


def committees_from(entries: Sequence[Mapping[str, Any]]) -> tuple[Committee, ...]:
    """The committees of the settings; raises ``ValueError`` naming the committee and key at fault."""
    found: list[Committee] = []
    for number, entry in enumerate(entries, start=1):
        where = f"committees, entry {number}"
        if unknown := sorted(set(entry) - _KEYS):
            raise ValueError(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(sorted(_KEYS))}")
        if missing := [key for key in ("name", "fec_id", "kind") if not entry.get(key)]:
            raise ValueError(f"{where}: {', '.join(missing)} is missing")
        kind, fec_id = str(entry["kind"]), str(entry["fec_id"])
        if kind not in KINDS:
            raise ValueError(f"{where}: kind is {kind!r}; expected one of {', '.join(KINDS)}")
        if not re.fullmatch("C[0-9]{8}", fec_id):
            raise ValueError(f"{where}: fec_id is {fec_id!r}; expected C and eight digits")
        if fec_id in {c.committee_id for c in found}:
            raise ValueError(f"{where}: fec_id {fec_id} is given twice")
        if kind == "candidate" and not (entry.get("office") and entry.get("state")):
            raise ValueError(f"{where}: a candidate's committee needs office and state")
        primary = entry.get("primary_date")
        if primary is not None and not isinstance(primary, date):
            raise ValueError(f"{where}: primary_date is {primary!r}; expected a date such as 2026-03-03")
        found.append(Committee(fec_id, str(entry["name"]), kind, entry.get("state"), entry.get("office"), primary))
    return tuple(found)


def write_committees(con: duckdb.DuckDBPyConnection, committees: Sequence[Committee]) -> None:
    """Write ``config.committees``: one row per own committee, none where no money is raised."""
    con.execute(
        """create or replace table config.committees (
            committee_id varchar, committee_name varchar, committee_kind varchar, state varchar, office_code varchar,
            primary_date date, is_federal boolean)"""
    )
    if committees:
        con.executemany(
            "insert into config.committees values (?,?,?,?,?,?,?)",
            [
                (c.committee_id, c.name, c.kind, c.state, c.office_code, c.primary_date, c.is_federal)
                for c in committees
            ],
        )
