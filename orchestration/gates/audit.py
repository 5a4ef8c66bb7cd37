"""Audit a sealed candidate: run its checks on its files and write the gate record beside them.

Belongs here: the order of the steps. Does not belong here: checks, evaluation, judgement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from orchestration.faults import fault_point
from orchestration.gates import gx, record, record_file
from orchestration.gates.checks import Check, CheckResult
from orchestration.gates.record import DbtTest, GateRecord, Override, Reconciliation, RequiredTest
from orchestration.publish.candidate import GATE_JSON, GENERAL_FILE, Sealed, measure
from orchestration.publish.errors import GateRefused


def audit(
    sealed: Sealed,
    checks: Sequence[Check],
    *,
    key: bytes,
    run_id: str,
    created_at: datetime,
    dbt_tests: Sequence[DbtTest] = (),
    required_tests: Sequence[RequiredTest] = (),
    reconciliations: Sequence[Reconciliation] = (),
    code_hash: str = "",
    config_hash: str = "",
    overrides: Sequence[Override] = (),
    answers: Mapping[str, CheckResult] | None = None,
) -> GateRecord:
    """Evaluate `checks` on the candidate's files, opened read-only, and write `gate.json` into its folder.

    A check names 'main.<table>' for the general file, or '<file stem>.main.<table>' for another one
    ('people.main.field_universe'). answers: results by check id of the checks that are not about the files' rows
    (kind lineage); without an answer such a check is one that could not be evaluated. key: what the record is signed
    with (`signing.signing_key`). The record is written whether or not its verdict is green.
    Raises GateRefused when the files changed while they were audited.
    """
    given = answers or {}
    measured = iter(run_on(sealed, [check for check in checks if check.check_id not in given]))
    results = [given[check.check_id] if check.check_id in given else next(measured) for check in checks]
    if record.bound_files(measure(sealed.path)) != record.bound_files(sealed):
        raise GateRefused(["the candidate's files changed while they were audited; seal again"])
    made = record.build(
        sealed,
        checks,
        results,
        run_id=run_id,
        created_at=created_at,
        dbt_tests=dbt_tests,
        required_tests=required_tests,
        reconciliations=reconciliations,
        code_hash=code_hash,
        config_hash=config_hash,
        overrides=overrides,
    )
    fault_point("gate.examined")
    record_file.write(made, sealed.path / GATE_JSON, key)
    fault_point("gate.recorded")
    return made


def run_on(sealed: Sealed, checks: Sequence[Check]) -> list[CheckResult]:
    """Run checks with the general file open and the candidate's other databases attached by their stem."""
    names = [file.name for file in sealed.databases]
    first = GENERAL_FILE if GENERAL_FILE in names else names[0]
    attach = {Path(name).stem: sealed.path / name for name in names if name != first}
    return gx.run_checks(sealed.path / first, checks, attach)
