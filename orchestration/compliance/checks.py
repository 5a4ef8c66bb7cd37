"""The rules of law as checks of the gate, and the judgement as their results.

Belongs here: turning rules, exceptions and findings into what the gate record holds. Does not belong here: judging
(`judge`), evaluating checks on rows (`gates`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from orchestration.compliance.exceptions import STATE_LIST, Excuse, load_exceptions
from orchestration.compliance.judge import READABLE, Judgement, judge
from orchestration.compliance.rules import RULES, Rule
from orchestration.compliance.uses import barred_states
from orchestration.contracts.model import Contract
from orchestration.gates.checks import LAW_PREFIX, Check, CheckResult, Severity, Status

# Lineage is no table of a release; the name only has the form of one.
SUBJECT = "compliance.lineage"
SHOWN = 5  # findings a message names; the record's count says how many there are


def law_checks(contracts: Mapping[str, Contract], excuses: Sequence[Excuse] | None = None) -> list[Check]:
    """One check for each rule the lineage is judged by, and one for the rows of each exception. None may be waived."""
    judged = [
        Check(
            check_id=LAW_PREFIX + rule.id,
            table=SUBJECT,
            kind="lineage",
            params={"rule": rule.id},
            reason=f"{rule.demand} ({rule.law})",
            owner="compliance",
            waivable=False,
        )
        for rule in RULES
        if rule.judged
    ]
    return [*judged, *_row_checks(contracts, load_exceptions() if excuses is None else excuses)]


def judge_project(manifest: Path, targets: Sequence[Path], contracts: Mapping[str, Contract], on: date) -> Judgement:
    """Judge the dbt project of a manifest and its compiled SQL, with the exceptions in force ``on`` a day."""
    from orchestration.compliance.lineage import lineage_of
    from orchestration.compliance.project import read_project

    return judge(lineage_of(read_project(manifest, targets)), contracts, load_exceptions(), on)


def answers(judgement: Judgement) -> dict[str, CheckResult]:
    """The result of every check of kind lineage, by its id."""
    results = (_result(rule, judgement) for rule in RULES if rule.judged)
    return {result.check_id: result for result in results}


def _result(rule: Rule, judgement: Judgement) -> CheckResult:
    found = judgement.of(rule.id)
    looked_at = judgement.looked_at.get(rule.id, 0)
    said = [finding.message for finding in found[:SHOWN]]
    if len(found) > SHOWN:
        said.append(f"and {len(found) - SHOWN} more")
    status = Status.FAIL if found else Status.PASS
    if (found and rule.id == READABLE) or not looked_at:
        status = Status.ERROR
        said = said or ["the rule had nothing to look at"]
    return CheckResult(
        check_id=LAW_PREFIX + rule.id,
        table=SUBJECT,
        status=status,
        severity=Severity.ERROR,
        evaluated=looked_at,
        unexpected=len(found),
        observed=f"{len(found)} of {looked_at}",
        expected="none",
        message=f"{rule.id} ({rule.law}): {'; '.join(said)}" if said else "",
    )


def _row_checks(contracts: Mapping[str, Contract], excuses: Sequence[Excuse]) -> list[Check]:
    checks = []
    for excuse in excuses:
        if excuse.rule != STATE_LIST or not excuse.empty or excuse.table not in contracts:
            continue
        states = [
            s for s, sources in barred_states(contracts, excuse.purpose).items() if set(sources) & set(excuse.sources)
        ]
        schema = "main" if contracts[excuse.table].audience == "general" else "people.main"
        empty = " and ".join(f"{column} is null" for column in excuse.empty)
        named = ", ".join(f"'{state}'" for state in states)
        checks.append(
            Check(
                check_id=f"{LAW_PREFIX}{STATE_LIST}.{excuse.table}.{excuse.purpose}",
                table=f"{schema}.{excuse.table}",
                kind="expression",
                params={
                    "sql": f"coalesce({excuse.state_column} not in ({named}), false) or ({empty})",
                    "allow_empty": True,
                },
                reason=f"The lists of {', '.join(states)} do not permit {excuse.purpose}: {excuse.reason}",
                owner="compliance",
                waivable=False,
            )
        )
    return checks
