"""What each source may be used for, as its contract says: the vocabulary, and the table that models ask.

Belongs here: purposes and the rows of ``config.permitted_uses``. Does not belong here: whether a table keeps to
them (``judge``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestration.contracts.model import Contract, Kind

if TYPE_CHECKING:
    import duckdb

ANALYSIS = "analysis"
VOTER_CONTACT = "voter_contact"
FUNDRAISING = "fundraising"
VOLUNTEERS = "volunteer_recruitment"
AGGREGATES = "aggregate_publication"
PURPOSES = (ANALYSIS, VOTER_CONTACT, FUNDRAISING, VOLUNTEERS, AGGREGATES)

# Purposes for which somebody is asked for something: what 11 CFR 104.15 keeps FEC-copied people out of.
SOLICITING = frozenset({FUNDRAISING, VOTER_CONTACT, VOLUNTEERS})
PUBLISHED = "published"

UseRow = tuple[str, str | None, bool, str]


def use_rows(contracts: Mapping[str, Contract]) -> list[UseRow]:
    """(source, state, whether it is the state's list of voters, purpose) for every use a contract permits.

    ``state`` is None for a source that is no state's. What has no row is not permitted.
    Raises ValueError for a purpose outside the vocabulary: a misspelt one would permit nothing, silently.
    """
    rows: list[UseRow] = []
    for contract in contracts.values():
        if contract.domain == PUBLISHED:
            continue
        if unknown := sorted(set(contract.permitted_use) - set(PURPOSES)):
            raise ValueError(
                f"{contract.path}: permittedUse {', '.join(unknown)} is unknown; expected {', '.join(PURPOSES)}"
            )
        rows += [(contract.id, contract.state, contract.kind is Kind.VOTERS, use) for use in contract.permitted_use]
    return sorted(rows, key=lambda row: (row[0], row[3]))


def barred_states(contracts: Mapping[str, Contract], purpose: str) -> dict[str, tuple[str, ...]]:
    """State -> the sources from that state's voter records (lists and histories) that do not permit ``purpose``."""
    barred: dict[str, list[str]] = {}
    for contract in contracts.values():
        if contract.state and contract.domain == "voter_file" and purpose not in contract.permitted_use:
            barred.setdefault(contract.state, []).append(contract.id)
    return {state: tuple(sorted(sources)) for state, sources in sorted(barred.items())}


def write_permitted_uses(con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract]) -> None:
    """Write ``config.permitted_uses`` into the warehouse under construction."""
    con.execute("create schema if not exists config")
    con.execute(
        "create or replace table config.permitted_uses "
        "(source varchar, state varchar, is_voter_list boolean, purpose varchar)"
    )
    con.executemany("insert into config.permitted_uses values (?,?,?,?)", use_rows(contracts))
