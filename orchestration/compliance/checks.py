"""The rules of law as checks of the gate, and the judgement as their results.

Belongs here: turning rules, exceptions and findings into what the gate record holds. Does not belong here: judging
(`judge`), evaluating checks on rows (`gates`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from orchestration.compliance.exceptions import Excuse, load_exceptions
from orchestration.compliance.judge import READABLE, Judgement, judge
from orchestration.compliance.people_rows import row_checks
from orchestration.compliance.rules import RULES, Rule
from orchestration.contracts.model import Contract
from orchestration.gates.checks import LAW_PREFIX, Check, CheckResult, Severity, Status

# Lineage is no table of a release; the name only has the form of one.
SUBJECT = "compliance.lineage"
SHOWN = 5  # findings a message names; the record's count says how many there are


def law_checks(contracts: Mapping[str, Contract], excuses: Sequence[Excuse] | None = None) -> list[Check]:
    """One check for each rule the lineage is judged by, and those on people's rows. None may be waived."""
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
    return [*judged, *row_checks(contracts, load_exceptions() if excuses is None else excuses)]


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
