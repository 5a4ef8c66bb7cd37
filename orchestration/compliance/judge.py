"""Hold the lineage of a project against the rules: what each published table may descend from.

Belongs here: findings, each naming its rule and the path. Does not belong here: the rules' law and wording
(`rules`), people's rows, deciding what a finding stops (the gate).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from orchestration.compliance.exceptions import GENERAL_TABLES, OTHER_USE, STATE_LIST, Excuse
from orchestration.compliance.lineage import Descent, Lineage, Path_
from orchestration.compliance.query import ROWS
from orchestration.compliance.uses import ANALYSIS, PUBLISHED, PURPOSES
from orchestration.contracts.model import Contract, PiiFamily

FEC, READABLE, FEC_CONTRACT, RETENTION = (
    "fec.no_solicitation", "lineage.readable", "fec.analysis_only", "retention.declared",
)  # fmt: skip
# People in reports filed with the FEC.
FEC_COPIED = ("fec_individuals", "fec_transactions")
# What a retention class of contributions must be at least: three years (52 U.S.C. 30102(d), 11 CFR 102.9(c)); one leap
# day at the most falls among them.
CONTRIBUTION_DAYS = 3 * 365 + 1
PERSONAL = frozenset({PiiFamily.IDENTITY.value, PiiFamily.CONTACT.value, PiiFamily.BIRTH.value})
MARTS = "marts"
GENERAL = "general"


@dataclass(frozen=True)
class Finding:
    """One break of a rule: on which published table (or contract), by which path, in a sentence."""

    rule: str
    table: str
    path: Path_
    message: str


@dataclass(frozen=True)
class Judgement:
    """All findings, and how many things each rule looked at: a rule that looked at nothing has not passed."""

    findings: tuple[Finding, ...]
    looked_at: Mapping[str, int]

    def of(self, rule: str) -> tuple[Finding, ...]:
        """The findings of one rule."""
        return tuple(finding for finding in self.findings if finding.rule == rule)


def judge(lineage: Lineage, contracts: Mapping[str, Contract], excuses: Sequence[Excuse], on: date) -> Judgement:
    """Every finding on the published tables of ``contracts``; an excuse counts up to its last day."""
    tables = [c for c in contracts.values() if c.domain == PUBLISHED and f"{MARTS}.{c.id}" in lineage.relations]
    delivered = {c.id: c for c in contracts.values() if c.domain != PUBLISHED}
    looked = dict.fromkeys((FEC, OTHER_USE, STATE_LIST, GENERAL_TABLES), 0)
    looked |= {READABLE: len(lineage.relations), RETENTION: len(delivered), FEC_CONTRACT: len(delivered)}
    findings: list[Finding] = list(_unreadable(lineage))
    for table in tables:
        name = f"{MARTS}.{table.id}"
        descents = {column: lineage.columns(name, column) for column in lineage.relations[name].types}
        for rule in (FEC, OTHER_USE, STATE_LIST):
            looked[rule] += len(table.permitted_use)
        findings += _uses(lineage, table, descents, delivered, excuses, on)
        if table.audience == GENERAL:
            looked[GENERAL_TABLES] += len(descents)
            findings += _people(lineage, table, descents, excuses, on)
    findings += _contracts(delivered)
    return Judgement(tuple(findings), looked)


def permitted_uses(lineage: Lineage, table: str) -> dict[str, frozenset[str]]:
    """Column of 'schema.table' -> the purposes that every delivered column it descends from permits."""
    found = {}
    for column in lineage.relations[table].types:
        uses = frozenset(PURPOSES)
        for descent in lineage.columns(table, column):
            origin = lineage.relations[descent.relation]
            if origin.contract or origin.permitted:
                uses &= frozenset(origin.permitted)
        found[column] = uses
    return found


def _unreadable(lineage: Lineage) -> Iterator[Finding]:
    for label, why in sorted(lineage.unreadable.items()):
        yield Finding(READABLE, label, (label,), f"{label}: {why}")


def _uses(
    lineage: Lineage,
    table: Contract,
    descents: Mapping[str, list[Descent]],
    delivered: Mapping[str, Contract],
    excuses: Sequence[Excuse],
    on: date,
) -> Iterator[Finding]:
    """Every purpose the table serves must be permitted by every source that its rows descend from."""
    sources: dict[str, tuple[str, Path_]] = {}  # source -> one relation of it, and the path of its rows
    for name, path in lineage.rows(f"{MARTS}.{table.id}").items():
        origin = lineage.relations[name]
        if origin.permitted:
            sources.setdefault(origin.contract or origin.label, (name, path))
    for purpose in table.permitted_use:
        for source, (name, path) in sorted(sources.items()):
            if purpose in lineage.relations[name].permitted:
                continue
            rule = _rule_of(delivered.get(source))
            columns = {
                column: descent.path
                for column, found in descents.items()
                for descent in found
                if (lineage.relations[descent.relation].contract or descent.relation) == source
            }
            asked = [e for e in excuses if (e.rule, e.table, e.purpose) == (rule, table.id, purpose)]
            asked = [e for e in asked if source in e.sources]
            in_force = [e for e in asked if e.counts_on(on)]
            if not in_force:
                yield _use_finding(rule, table.id, purpose, source, columns, path, asked)
                continue
            if in_force[0].forbidden_rows:
                continue  # its rows are looked at (people_rows)
            for column in sorted(set(columns) - set(in_force[0].empty) - set(in_force[0].own)):
                yield Finding(
                    rule, table.id, columns[column],
                    f"{table.id}.{column} descends from {source}, which does not permit {purpose}, and exception "
                    f"{in_force[0].id} says neither that it is empty there nor that it is our own record: "
                    + " -> ".join(columns[column]),
                )  # fmt: skip


def _use_finding(
    rule: str, table: str, purpose: str, source: str, columns: Mapping[str, Path_], rows: Path_,
    expired: Sequence[Excuse],
) -> Finding:  # fmt: skip
    path = next(iter(columns.values()), rows)
    said = f"{table} serves {purpose}, which {source} does not permit; "
    said += f"its columns {', '.join(sorted(columns))} descend from it" if columns else "its rows descend from it"
    said += ": " + " -> ".join(path)
    for excuse in expired:
        said += f"; exception {excuse.id} expired on {excuse.expires}"
    return Finding(rule, table, path, said)


def _rule_of(source: Contract | None) -> str:
    if source is not None and (source.id in FEC_COPIED or source.sender.startswith("Federal Election Commission")):
        return FEC
    return STATE_LIST if source is not None and source.domain == "voter_file" else OTHER_USE


def _people(
    lineage: Lineage, table: Contract, descents: Mapping[str, list[Descent]], excuses: Sequence[Excuse], on: date
) -> Iterator[Finding]:
    """No column of a general table may show who somebody is, how they are reached, or when they were born."""
    for column, found in descents.items():
        for descent in found:
            family = lineage.relations[descent.relation].pii.get(descent.column)
            if family not in PERSONAL or not descent.plain or descent.column == ROWS:
                continue
            origin = f"{lineage.relations[descent.relation].label}.{descent.column}"
            asked = [e for e in excuses if e.rule == GENERAL_TABLES and origin in e.origins and column in e.columns]
            if any(e.counts_on(on) for e in asked):
                continue
            said = f"{table.id}.{column} is published for everyone and shows {family} data: " + " -> ".join(
                descent.path
            )
            said += "".join(f"; exception {e.id} expired on {e.expires}" for e in asked)
            yield Finding(GENERAL_TABLES, table.id, descent.path, said)


def _contracts(delivered: Mapping[str, Contract]) -> Iterator[Finding]:
    for contract in delivered.values():
        if contract.id in FEC_COPIED and contract.permitted_use != (ANALYSIS,):
            yield Finding(
                FEC_CONTRACT, contract.id, (contract.path,),
                f"{contract.id} holds people copied from FEC reports and permits {', '.join(contract.permitted_use)}; "
                f"only analysis is lawful: {contract.path}",
            )  # fmt: skip
        if contract.retention_days is None:
            yield Finding(
                RETENTION, contract.id, (contract.path,),
                f"{contract.id} does not say how long its files are kept; add slaProperties retention: {contract.path}",
            )  # fmt: skip
        elif is_financial(contract) and contract.retention_days < CONTRIBUTION_DAYS:
            yield Finding(
                RETENTION, contract.id, (contract.path,),
                f"{contract.id} holds records of contributions and keeps them {contract.retention_days} days; at least "
                f"{CONTRIBUTION_DAYS} are required: {contract.path}",
            )  # fmt: skip


def is_financial(contract: Contract) -> bool:
    """Whether it holds contributions: sums of money beside who gave them. Ad spending has nobody beside it."""
    families: Iterable[set[PiiFamily]] = ({column.pii for column in table.columns} for table in contract.tables)
    return any(PiiFamily.FINANCIAL in found and PiiFamily.IDENTITY in found for found in families)
