"""The gate's checks that follow from a contract.

Belongs here: which checks a delivery must pass, by contract alone. Does not belong here: evaluating
them (``gates.gx``), rules about a single row (they quarantine the row, see ``ingest``).
"""

from __future__ import annotations

from orchestration.contracts.model import Contract, QualityRule, Table
from orchestration.gates.checks import Check, Severity

ACCEPTED = "accepted"


def delivery_checks(contract: Contract) -> list[Check]:
    """Every check on a delivery of ``contract``, on the tables of schema ``accepted``."""
    return [check for table in contract.tables for check in table_checks(table, ACCEPTED)]


def published_checks(contract: Contract) -> list[Check]:
    """Every check on a published table in the sealed candidate: also that it has just its columns."""
    schema = contract.schema
    checks = []
    for table in contract.tables:
        shape = Check(
            check_id=f"{table.name}.columns_are_those_of_the_contract",
            table=f"{schema}.{table.name}",
            kind="column_set",
            params={"columns": [c.name for c in table.columns]} | _allowed(table),
            reason="Readers build on these columns; one more or one less is a change of the contract.",
            waivable=False,
        )
        checks += [shape, *table_checks(table, schema)]
    return checks


def table_checks(table: Table, schema: str) -> list[Check]:
    """The checks on one table: its quality rules, and what its columns imply.

    ``check_id`` is ``<table>.<rule>``. A required column is never null, the key is unique, and there
    is at least one row (unless the table may be empty), whether or not the contract says so again.
    """
    rules = [*_implied(table), *table.quality]
    allowed = _allowed(table)
    return [
        Check(
            check_id=f"{table.name}.{rule.name}",
            table=f"{schema}.{table.name}",
            kind=rule.kind,
            params=dict(rule.params) | allowed,
            severity=Severity.ERROR if rule.severity == "error" else Severity.WARN,
            reason=rule.reason,
            owner=rule.owner,
        )
        for rule in rules
    ]


def _allowed(table: Table) -> dict[str, object]:
    return {"allow_empty": True} if table.may_be_empty else {}


def _implied(table: Table) -> list[QualityRule]:
    declared = {rule.name for rule in table.quality}
    kinds = {rule.kind for rule in table.quality}
    implied = []
    if "row_count_between" not in kinds and not table.may_be_empty:
        implied.append(
            QualityRule(
                f"{table.name}_has_rows", "row_count_between", {"min": 1}, "error",
                "An empty table would pass every other check.",
            )
        )  # fmt: skip
    implied += [
        QualityRule(
            f"{column.name}_is_never_null", "not_null", {"column": column.name}, "error",
            "The contract requires the column; rows without it are quarantined on arrival.",
        )
        for column in table.columns
        if column.required and column.until is None
    ]  # fmt: skip
    if table.key and "unique" not in kinds:
        implied.append(
            QualityRule(
                "key_is_unique", "unique", {"columns": list(table.key)}, "error",
                "Two rows with one key would count the same thing twice.",
            )
        )  # fmt: skip
    return [rule for rule in implied if rule.name not in declared]
