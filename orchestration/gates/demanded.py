"""What a candidate must have stood, said by the project itself, and holding a gate record against it.

Belongs here: the demands as a value, and every way in which a record may fall short of them. Does not belong here:
finding the demands out (`orchestration.demands`), the record's own verdict (`record`).

A record lists what was required of it, so a record of a run with half the checks is green by its own words. Here its
words are held against what the project asks of every candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from orchestration.gates.checks import Check, CheckResult, Status
from orchestration.gates.record import GateRecord, Override, RequiredTest, required
from orchestration.publish.candidate import PARQUET, RELEASE_JSON, Sealed
from orchestration.publish.encryption import is_encrypted
from orchestration.publish.fingerprint import RELEASE_TABLES

SHOWN = 5  # causes of one kind that are named; how many more there are is said


@dataclass(frozen=True)
class Demanded:
    """Everything that must be so before a candidate is published.

    checks: the whole suite. dbt_tests: every data test of the project. files: database file -> its tables; the first
    one is mirrored as Parquet. code_hash, config_hash: of the code and settings as they are now. overrides: those on
    the ledger, whether in force or not. audiences: database -> group that may read its file.
    encrypted: whether every file but the first must be. reconciled: names of totals that must have been compared.
    """

    checks: Sequence[Check]
    dbt_tests: Sequence[RequiredTest]
    files: Mapping[str, Sequence[str]]
    code_hash: str
    config_hash: str
    overrides: Sequence[Override] = ()
    audiences: Mapping[str, str] = field(default_factory=dict)
    encrypted: bool = False
    reconciled: Sequence[str] = ()


def shortfalls(record: GateRecord, demanded: Demanded, now: datetime) -> list[str]:
    """Every way in which a record falls short of what is demanded; empty when it is whole.

    The record's own verdict comes on top: this only makes sure that the verdict is about everything it must be about.
    """
    return [
        *_other_build(record, demanded),
        *_shown(_checks(record, demanded)),
        *_shown(_contradictions(record, demanded)),
        *_shown(_tests(record, demanded)),
        *_shown(_totals(record, demanded)),
        *_overrides(record, demanded, now),
    ]


def misplaced(sealed: Sealed, demanded: Demanded) -> list[str]:
    """Files and tables that a release does not have, or that are missing from this one."""
    wanted = expected_files(demanded)
    found = {file.name for file in sealed.files}
    causes = [f"{name} is no file of a release" for name in sorted(found - wanted)]
    causes += [f"{name}, which every release holds, is missing" for name in sorted(wanted - found)]
    for file in sealed.databases:
        if file.content is None or file.name not in demanded.files:
            continue
        there = {table.name for table in file.content.tables} - set(RELEASE_TABLES)
        asked = set(demanded.files[file.name])
        causes += [f"table {name} does not belong into {file.name}" for name in sorted(there - asked)]
        causes += [f"table {name} is missing from {file.name}" for name in sorted(asked - there)]
        if demanded.encrypted and file.restricted and not is_encrypted(sealed.path / file.name):
            causes.append(f"{file.name} is not encrypted, and the settings say that it must be")
    return causes


def expected_files(demanded: Demanded) -> set[str]:
    """The names of the files of a whole candidate, its gate record apart."""
    general = next(iter(demanded.files), None)
    mirrored = [*demanded.files[general], *RELEASE_TABLES] if general else []
    return {RELEASE_JSON, *demanded.files, *(f"{PARQUET}/{name}.parquet" for name in mirrored)}


def _other_build(record: GateRecord, demanded: Demanded) -> Iterable[str]:
    for what, said, now in (
        ("code", record.code_hash, demanded.code_hash),
        ("settings", record.config_hash, demanded.config_hash),
    ):
        if said != now:
            yield (
                f"the record was made with other {what} ({said[:8] or 'none named'}) than what is here now "
                f"({now[:8]}); run the refresh again"
            )


def _checks(record: GateRecord, demanded: Demanded) -> Iterable[str]:
    known = {said.check_id: said for said in record.required}
    for check in demanded.checks:
        said, wanted = known.get(check.check_id), required(check)
        if said is None:
            yield f"check {check.check_id} is demanded and was left out"
        elif said.severity is not wanted.severity:
            yield f"check {check.check_id} has severity {wanted.severity}, the record turned it into {said.severity}"
        elif said.waivable != wanted.waivable:
            yield f"check {check.check_id} may {'' if wanted.waivable else 'not '}be waived, the record says otherwise"
        elif said != wanted:
            yield f"check {check.check_id} was made with another definition than the project's"


def _contradictions(record: GateRecord, demanded: Demanded) -> Iterable[str]:
    results = {result.check_id: result for result in record.results}
    for check in demanded.checks:
        result = results.get(check.check_id)
        if result is not None and result.status is Status.PASS and (why := _cannot_have_passed(check, result)):
            yield f"check {check.check_id} is said to have passed {why}"


def _cannot_have_passed(check: Check, result: CheckResult) -> str:
    allowed = float(str(check.params.get("max_share", 0))) * result.evaluated
    if result.unexpected > allowed + 1e-6:  # the share is a binary fraction
        return f"with {result.unexpected} unexpected of {result.evaluated}"
    if result.evaluated == 0 and not (check.params.get("allow_empty") or check.params.get("allow_all_null")):
        return "without having looked at anything"
    return ""


def _tests(record: GateRecord, demanded: Demanded) -> Iterable[str]:
    known = {said.name: said for said in record.required_tests}
    for test in demanded.dbt_tests:
        said = known.get(test.name)
        if said is None:
            yield f"dbt test {test.name} is demanded and was left out"
        elif said.severity is not test.severity:
            yield f"dbt test {test.name} has severity {test.severity}, the record turned it into {said.severity}"


def _totals(record: GateRecord, demanded: Demanded) -> Iterable[str]:
    known = {said.name: said for said in record.reconciliations}
    for name in demanded.reconciled:
        said = known.get(name)
        if said is None:
            yield f"the reconciliation of {name} is demanded and was left out"
        elif said.agrees and said.expected != said.observed:
            yield f"the reconciliation of {name} is said to agree with {said.observed} for {said.expected}"


def _overrides(record: GateRecord, demanded: Demanded, now: datetime) -> Iterable[str]:
    for override in record.overrides:
        if override not in demanded.overrides:
            yield f"the override of check {override.check_id} by {override.by} is not on the ledger"
        elif override.expires <= now:
            until = override.expires.astimezone(UTC).isoformat(timespec="minutes")
            yield f"the override of check {override.check_id} by {override.by} ran out at {until}"


def _shown(causes: Iterable[str]) -> list[str]:
    found = list(causes)
    more = [f"and {len(found) - SHOWN} more like the last one"] if len(found) > SHOWN else []
    return found[:SHOWN] + more
