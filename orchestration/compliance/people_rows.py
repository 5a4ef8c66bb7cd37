"""Checks of the gate on people's rows that follow from the contracts and the exceptions alone.

Belongs here: which rows of which published table may hold nothing. Does not belong here: evaluating the checks
(`gates`); a table that is new is looked at because its contract says what its columns are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestration.compliance.exceptions import OTHER_USE, STATE_LIST, Excuse
from orchestration.compliance.uses import PUBLISHED, barred_states
from orchestration.contracts.model import Contract, PiiFamily, Table
from orchestration.gates.checks import LAW_PREFIX, Check

PROTECTED = "protected.no_contact"
# The list of registered voters, which says who is protected, by both their ids.
VOTERS = "voters_people"
KEYS = ("voter_id", "person_id")


def row_checks(contracts: Mapping[str, Contract], excuses: Sequence[Excuse]) -> list[Check]:
    """Every check on rows; none of them may be waived."""
    tables = [(c, c.tables[0]) for c in contracts.values() if c.domain == PUBLISHED]
    protected = [check for contract, table in tables if (check := _protected(contracts, contract, table))]
    return [*protected, *(check for excuse in excuses if (check := _excused_rows(contracts, excuse)))]


def contact_columns(table: Table) -> tuple[str, ...]:
    """The columns by which somebody can be reached; nobody is reached by a hash."""
    found = (column.name for column in table.columns if column.pii is PiiFamily.CONTACT)
    return tuple(name for name in found if not name.endswith("_hash"))


def _place(contract: Contract) -> str:
    return f"{contract.schema}.{contract.id}"


def _protected(contracts: Mapping[str, Contract], contract: Contract, table: Table) -> Check | None:
    contacts = contact_columns(table)
    keys = [key for key in KEYS if any(column.name == key for column in table.columns)]
    if not contacts or not keys or VOTERS not in contracts:
        return None
    given = " or ".join(f"{column} is not null" for column in contacts)
    guarded = f"from {_place(contracts[VOTERS])} where is_protected"
    same = " or ".join(f"{key} in (select {key} {guarded})" for key in keys)
    return Check(
        check_id=f"{LAW_PREFIX}{PROTECTED}.{contract.id}",
        table=_place(contract),
        kind="sql_zero",
        params={"sql": f"select 1 from {_place(contract)} where ({same}) and ({given})", "allow_empty": True},
        reason=f"{PROTECTED}: voters whom the law guards have no contact in {contract.id} ({', '.join(contacts)}), "
               "whichever source it came from.",
        owner="compliance",
        waivable=False,
    )  # fmt: skip


def _excused_rows(contracts: Mapping[str, Contract], excuse: Excuse) -> Check | None:
    if (
        excuse.rule not in (STATE_LIST, OTHER_USE)
        or not (excuse.empty or excuse.forbidden_rows)
        or excuse.table not in contracts
    ):
        return None
    barred = barred_states(contracts, excuse.purpose)
    states = [state for state, sources in barred.items() if set(sources) & set(excuse.sources)]
    named = ", ".join(f"'{state}'" for state in states)
    place = _place(contracts[excuse.table])
    if excuse.forbidden_rows:
        forbidden = excuse.forbidden_rows.replace("{states}", named)
    else:
        empty = " and ".join(f"{column} is null" for column in excuse.empty)
        # A row whose state nobody knows might be of any state.
        forbidden = f"coalesce({excuse.state_column} in ({named}), true) and not ({empty})"
    return Check(
        check_id=f"{LAW_PREFIX}{excuse.rule}.{excuse.table}.{excuse.purpose}",
        table=place,
        kind="sql_zero",
        params={"sql": f"select 1 from {place} where {forbidden}", "allow_empty": True},
        reason=f"{excuse.rule}: {', '.join(states or excuse.sources)} do not permit {excuse.purpose}: {excuse.reason}",
        owner="compliance",
        waivable=False,
    )
