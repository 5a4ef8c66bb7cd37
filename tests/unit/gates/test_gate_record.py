"""A record is green only when everything demanded of exactly these bytes was looked at and was good."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.gates import record as gate
from orchestration.gates import record_file
from orchestration.gates.checks import Check, CheckResult, Severity, Status
from orchestration.gates.record import DbtTest, GateRecord, Override, Reconciliation, RequiredTest
from orchestration.publish.candidate import Sealed, measure
from orchestration.publish.errors import GateRefused

KEY = b"k" * 32
NOW = datetime(2026, 9, 2, 6, 0, tzinfo=UTC)
CHECKS = [
    Check("goals.has_rows", "main.goals", "row_count_between", {"min": 1}),
    Check("goals.votes", "main.goals", "between", {"column": "votes", "min": 0}, severity=Severity.WARN),
    Check("costs.has_rows", "main.costs", "row_count_between", {"min": 1}),
    Check("people.no_email", "people.main.people", "column_set", {"columns": ["person_id"]}, waivable=False),
]


def outcome(check: Check, status: Status = Status.PASS) -> CheckResult:
    message = "" if status is Status.PASS else "9 unexpected of 9"
    return CheckResult(check.check_id, check.table, status, check.severity, 9, 0, "9 rows", "", message)


def made(sealed: Sealed, **changes: object) -> GateRecord:
    arguments = {"run_id": "run-1", "created_at": NOW, **changes}
    checks = arguments.pop("checks", CHECKS)
    results = arguments.pop("results", [outcome(check) for check in checks])  # type: ignore[attr-defined]
    return gate.build(sealed, checks, results, **arguments)  # type: ignore[arg-type]


def with_status(position: int, status: Status) -> list[CheckResult]:
    return [outcome(c, status if n == position else Status.PASS) for n, c in enumerate(CHECKS)]


def refusal(record: GateRecord, sealed: Sealed) -> str:
    with pytest.raises(GateRefused) as refused:
        gate.verify(record, sealed, NOW)
    assert refused.value.causes
    return "\n".join(refused.value.causes)


def test_a_complete_record_of_these_files_is_green(sealed: Sealed) -> None:
    record = made(sealed)
    assert record.verdict.green
    assert gate.verify(record, sealed, NOW).green


def test_the_record_survives_its_file(sealed: Sealed, tmp_path: Path) -> None:
    override = Override("goals.has_rows", "known late county", "Ada", NOW + timedelta(days=1))
    record = made(
        sealed,
        dbt_tests=[DbtTest("unique_goals", "pass")],
        required_tests=[RequiredTest("unique_goals")],
        reconciliations=[Reconciliation("statewide", True, "63", "63")],
        overrides=[override],
    )
    path = tmp_path / "gate.json"
    record_file.write(record, path, KEY)
    assert record_file.read(path, KEY) == record


@pytest.mark.parametrize(("old", "new"), [('"fail"', '"pass"'), ('"run-1"', '"run-2"'), ("{", "")])
def test_an_edited_record_is_refused(sealed: Sealed, tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "gate.json"
    record_file.write(made(sealed, results=with_status(0, Status.FAIL)), path, KEY)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(GateRefused, match="damaged"):
        record_file.read(path, KEY)


def test_a_missing_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GateRefused, match="no gate record"):
        record_file.read(tmp_path / "gate.json", KEY)


def test_a_record_of_another_release_is_refused(sealed: Sealed) -> None:
    assert "record is of release" in refusal(replace(made(sealed), release_id="20260831-ffffffff"), sealed)


def test_one_changed_byte_is_refused(sealed: Sealed) -> None:
    record = made(sealed)
    path = sealed.path / "release.json"
    content = bytearray(path.read_bytes())
    content[content.index(b"c0de")] ^= 1
    path.write_bytes(content)
    assert "release.json is not the file that was audited" in refusal(record, measure(sealed.path))


def test_a_file_more_or_less_is_refused(sealed: Sealed) -> None:
    record = made(sealed)
    (sealed.path / "parquet" / "goals.parquet").rename(sealed.path / "parquet" / "goal.parquet")
    causes = refusal(record, measure(sealed.path))
    assert "goals.parquet was audited but is not in the candidate" in causes
    assert "goal.parquet is in the candidate but was never audited" in causes


def test_a_required_check_without_result_is_refused(sealed: Sealed) -> None:
    results = [outcome(check) for check in CHECKS[1:]]
    assert "goals.has_rows has no result" in refusal(made(sealed, results=results), sealed)


def test_a_check_taken_off_the_list_is_refused(sealed: Sealed) -> None:
    record = made(sealed)
    assert "suite hash differs" in refusal(replace(record, required=record.required[1:]), sealed)


def test_a_failed_check_is_refused(sealed: Sealed) -> None:
    causes = refusal(made(sealed, results=with_status(0, Status.FAIL)), sealed)
    assert "check goals.has_rows failed: 9 unexpected of 9" in causes


def test_a_failed_warning_alone_passes_and_is_told(sealed: Sealed) -> None:
    verdict = gate.verify(made(sealed, results=with_status(1, Status.WARN)), sealed, NOW)
    assert verdict.green
    assert verdict.warnings == ("goals.votes: 9 unexpected of 9",)


@pytest.mark.parametrize("position", [0, 1])
def test_a_check_that_was_not_evaluated_is_refused_even_as_a_warning(sealed: Sealed, position: int) -> None:
    record = made(sealed, results=with_status(position, Status.ERROR))
    assert "was not evaluated" in refusal(record, sealed)


def test_a_check_with_error_severity_cannot_come_back_as_a_warning(sealed: Sealed) -> None:
    assert "goals.has_rows failed" in refusal(made(sealed, results=with_status(0, Status.WARN)), sealed)
    softened = [replace(outcome(CHECKS[0], Status.WARN), severity=Severity.WARN), *with_status(9, Status.PASS)[1:]]
    assert "another table or severity" in refusal(made(sealed, results=softened), sealed)


def test_two_results_for_one_check_are_refused(sealed: Sealed) -> None:
    results = [*with_status(0, Status.FAIL), outcome(CHECKS[0])]
    assert "which one counts" in refusal(made(sealed, results=results), sealed)


def test_an_empty_suite_is_refused(sealed: Sealed) -> None:
    assert "empty suite" in refusal(made(sealed, checks=[], results=[]), sealed)


def test_a_published_table_without_a_check_is_refused(sealed: Sealed) -> None:
    checks = [check for check in CHECKS if not check.check_id.startswith("costs")]
    assert "published table costs has no check" in refusal(made(sealed, checks=checks), sealed)


def test_fewer_evaluated_checks_than_demanded_are_refused(sealed: Sealed) -> None:
    assert "at least 5 must be" in refusal(made(sealed, minimum_evaluated=5), sealed)


@pytest.mark.parametrize("status", ["fail", "error", "skipped"])
def test_a_dbt_test_that_did_not_pass_is_refused(sealed: Sealed, status: str) -> None:
    record = made(sealed, dbt_tests=[DbtTest("unique_goals", status, 3)])
    assert f"dbt test unique_goals is {status}" in refusal(record, sealed)


def test_a_dbt_test_that_did_not_run_is_refused_by_name(sealed: Sealed) -> None:
    asked = [RequiredTest("unique_goals"), RequiredTest("goals_add_up")]
    # Twice the one does not make up for the other.
    record = made(sealed, required_tests=asked, dbt_tests=[DbtTest("unique_goals", "pass")] * 2)
    assert refusal(record, sealed) == "dbt test goals_add_up did not run"


def test_a_dbt_test_may_warn_only_where_it_was_made_to(sealed: Sealed) -> None:
    warned = [DbtTest("unique_goals", "warn", 3)]
    grave = made(sealed, required_tests=[RequiredTest("unique_goals")], dbt_tests=warned)
    assert "dbt test unique_goals is warn (3 failing rows)" in refusal(grave, sealed)
    light = made(sealed, required_tests=[RequiredTest("unique_goals", Severity.WARN)], dbt_tests=warned)
    assert gate.verify(light, sealed, NOW).warnings == ("dbt test unique_goals: 3 failing rows",)


def test_a_dbt_test_does_not_pass_with_failing_rows(sealed: Sealed) -> None:
    assert "passed with 2 failing rows" in refusal(made(sealed, dbt_tests=[DbtTest("unique_goals", "pass", 2)]), sealed)


def test_totals_that_do_not_agree_are_refused(sealed: Sealed) -> None:
    record = made(sealed, reconciliations=[Reconciliation("statewide", False, "63", "62")])
    assert "expected 63, found 62" in refusal(record, sealed)


def test_an_override_in_force_lets_its_check_pass_and_is_named(sealed: Sealed) -> None:
    override = Override("goals.has_rows", "known late county", "Ada", NOW + timedelta(hours=1))
    record = made(sealed, results=with_status(0, Status.FAIL), overrides=[override])
    assert "by Ada" in gate.verify(record, sealed, NOW).waived[0]
    with pytest.raises(GateRefused, match=r"goals\.has_rows failed"):
        gate.verify(record, sealed, NOW + timedelta(hours=2))


@pytest.mark.parametrize("missing", ["reason", "by"])
def test_an_override_without_reason_or_name_does_not_count(sealed: Sealed, missing: str) -> None:
    override = Override("goals.has_rows", "known late county", "Ada", NOW + timedelta(hours=1))
    record = made(
        sealed,
        results=with_status(0, Status.FAIL),
        overrides=[replace(override, **{missing: " "})],  # type: ignore[arg-type]
    )
    assert "goals.has_rows failed" in refusal(record, sealed)


def test_an_override_waives_neither_an_unevaluated_check_nor_a_protected_one(sealed: Sealed) -> None:
    for position, status in ((0, Status.ERROR), (3, Status.FAIL)):
        override = Override(CHECKS[position].check_id, "in a hurry", "Ada", NOW + timedelta(hours=1))
        record = made(sealed, results=with_status(position, status), overrides=[override])
        assert CHECKS[position].check_id in refusal(record, sealed)


def test_an_audit_writes_a_green_record_beside_the_files_it_looked_at(sealed: Sealed) -> None:
    from orchestration.gates.audit import audit

    record = audit(sealed, CHECKS, key=KEY, run_id="run-1", created_at=NOW)
    assert record.verdict.green, record.verdict.causes
    assert record_file.read(sealed.path / "gate.json", KEY) == record
    assert measure(sealed.path) == sealed


def test_a_rule_of_law_counts_with_the_answer_it_was_given_and_never_without(sealed: Sealed) -> None:
    from orchestration.gates.audit import audit

    law = Check("compliance.uses", "compliance.lineage", "lineage", {"rule": "uses"}, waivable=False)
    for status, green in ((Status.PASS, True), (Status.FAIL, False), (Status.ERROR, False)):
        found = replace(outcome(law, status), message="" if green else "asks serve fundraising: fec -> asks")
        record = audit(sealed, [*CHECKS, law], key=KEY, run_id="run-1", created_at=NOW, answers={law.check_id: found})
        assert record.verdict.green is green
        assert green or any("fec -> asks" in cause for cause in record.verdict.causes)
    unanswered = audit(sealed, [*CHECKS, law], key=KEY, run_id="run-1", created_at=NOW)
    assert "required check compliance.uses was not evaluated" in refusal(unanswered, sealed)


def test_drift_counts_with_the_answer_it_was_given_and_never_without(sealed: Sealed) -> None:
    from orchestration.gates.audit import audit

    params = {"what": "voters_by_county", "level": "error"}
    drift = Check("drift.voters_by_county.error", "drift.profile", "drift", params, waivable=False)
    lost = replace(outcome(drift, Status.FAIL), message="NC:Wake County has 0")
    record = audit(sealed, [*CHECKS, drift], key=KEY, run_id="run-1", created_at=NOW, answers={drift.check_id: lost},
                   overrides=[Override(drift.check_id, "no time", "Ana", NOW + timedelta(hours=1))])  # fmt: skip
    assert any("NC:Wake County has 0" in cause for cause in record.verdict.causes)
    unanswered = audit(sealed, [*CHECKS, drift], key=KEY, run_id="run-1", created_at=NOW)
    assert "required check drift.voters_by_county.error was not evaluated" in refusal(unanswered, sealed)
