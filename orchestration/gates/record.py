"""The gate record: what was demanded of which bytes, what came out, and whether that is good enough.

Belongs here: the record, its verdict, and holding it against the files it is about. Does not belong here:
evaluating checks (see `gx`), its spelling as `gate.json` (see `record_file`), what the project demands of a record
(see `demanded`), acting on it (publish).

`publish()` refuses without a green record bound to exactly the bytes it is given. An orchestrator's own
blocking checks are for early stops and for display: a warning, a run without checks, or a later run of the
last step alone goes past them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from orchestration.gates.checks import (
    DRIFT_PREFIX,
    LAW_PREFIX,
    PRIVACY_PREFIX,
    Check,
    CheckResult,
    Severity,
    Status,
    hash_of_digests,
    refuse_duplicates,
    suite_hash,
)
from orchestration.publish.candidate import Sealed
from orchestration.publish.errors import GateRefused


@dataclass(frozen=True)
class Required:
    """One check the gate demands: where it looks, how grave it is, and the digest of its definition."""

    check_id: str
    table: str
    severity: Severity
    digest: str
    waivable: bool = True


@dataclass(frozen=True)
class BoundFile:
    """One file the record is about: its bytes (sha256) and, for a database, its content (fingerprint)."""

    name: str
    sha256: str
    content: str | None = None


@dataclass(frozen=True)
class RequiredTest:
    """One dbt test that must have run, and how grave its failing is."""

    name: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class DbtTest:
    """One dbt test: status as dbt names it (pass, warn, fail, error, skipped) and its failing row count."""

    name: str
    status: str
    failures: int = 0


@dataclass(frozen=True)
class Reconciliation:
    """Two totals that must agree, as text; a difference is never waived."""

    name: str
    agrees: bool
    expected: str
    observed: str


@dataclass(frozen=True)
class Override:
    """A named person's decision to let one failed check pass until a moment, with the reason."""

    check_id: str
    reason: str
    by: str
    expires: datetime


@dataclass(frozen=True)
class Verdict:
    """Green when there is no cause against it. `waived` names failures that an override let pass."""

    causes: tuple[str, ...]
    waived: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def green(self) -> bool:
        """Whether nothing stands against publishing."""
        return not self.causes


@dataclass(frozen=True)
class GateRecord:
    """Everything the decision to publish rests on. See `build` for how one is made."""

    release_id: str
    run_id: str
    created_at: datetime
    files: tuple[BoundFile, ...]
    tables: tuple[str, ...]
    duckdb_version: str
    suite_hash: str
    required: tuple[Required, ...]
    results: tuple[CheckResult, ...]
    minimum_evaluated: int
    dbt_tests: tuple[DbtTest, ...] = ()
    required_tests: tuple[RequiredTest, ...] = ()
    reconciliations: tuple[Reconciliation, ...] = ()
    code_hash: str = ""
    config_hash: str = ""
    overrides: tuple[Override, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict at the time the record was made; overrides that had expired by then do not count."""
        return self.verdict_at(self.created_at)

    def verdict_at(self, now: datetime) -> Verdict:
        """Judge at a moment, from the results alone, never from a stored word."""
        waived: list[str] = []
        warnings: list[str] = []
        causes = [
            *self._about_suite(),
            *self._about_results(now, waived, warnings),
            *self._about_tests(warnings),
            *(
                f"reconciliation {r.name} does not agree: expected {r.expected}, found {r.observed}"
                for r in self.reconciliations
                if not r.agrees
            ),
        ]
        return Verdict(tuple(causes), tuple(waived), tuple(warnings))

    def _about_suite(self) -> Iterable[str]:
        if not self.required:
            yield "no check is required: an empty suite passes nothing"
        if hash_of_digests({r.check_id: r.digest for r in self.required}) != self.suite_hash:
            yield "the list of required checks is not the suite the record names (suite hash differs)"
        if not self.tables:
            yield "no table is published"
        checked = {
            required.table.rsplit(".", 1)[-1]
            for required in self.required
            if not required.check_id.startswith((PRIVACY_PREFIX, LAW_PREFIX, DRIFT_PREFIX))
        }
        for table in self.tables:
            if table not in checked:
                yield f"published table {table} has no check"
        evaluated = len({result.check_id for result in self.results if result.was_evaluated})
        if evaluated < max(self.minimum_evaluated, 1):
            yield f"{evaluated} checks were evaluated, at least {max(self.minimum_evaluated, 1)} must be"

    def _about_results(self, now: datetime, waived: list[str], warnings: list[str]) -> Iterable[str]:
        by_id: dict[str, list[CheckResult]] = {}
        for result in self.results:
            by_id.setdefault(result.check_id, []).append(result)
        required_ids = {required.check_id for required in self.required}
        for required in self.required:
            results = by_id.get(required.check_id, [])
            if not results:
                yield f"required check {required.check_id} has no result"
            elif len(results) > 1:
                yield f"required check {required.check_id} has {len(results)} results, which one counts?"
            elif (result := results[0]).status is Status.ERROR:
                yield f"required check {required.check_id} was not evaluated: {result.message}"
            elif result.table != required.table or result.severity is not required.severity:
                yield f"the result of check {required.check_id} is of another table or severity"
            elif result.status is Status.WARN and required.severity is Severity.WARN:
                warnings.append(f"{result.check_id}: {result.message}")
            elif result.status is not Status.PASS:
                if override := self._override(required, now):
                    waived.append(
                        f"{required.check_id}, by {override.by} until {_text(override.expires)}: {override.reason}"
                    )
                else:
                    yield f"check {required.check_id} failed: {result.message}"
        for check_id, results in by_id.items():
            if check_id not in required_ids and any(
                r.status in (Status.FAIL, Status.ERROR) and r.severity is Severity.ERROR for r in results
            ):
                yield f"check {check_id}, which is not in the suite, did not pass"

    def _about_tests(self, warnings: list[str]) -> Iterable[str]:
        ran = {test.name for test in self.dbt_tests}
        for required in self.required_tests:
            if required.name not in ran:
                yield f"dbt test {required.name} did not run"
        grave = {required.name for required in self.required_tests if required.severity is Severity.ERROR}
        for test in self.dbt_tests:
            if test.status == "warn" and test.name not in grave:
                warnings.append(f"dbt test {test.name}: {test.failures} failing rows")
            elif test.status not in ("pass", "success"):
                yield f"dbt test {test.name} is {test.status} ({test.failures} failing rows)"
            elif test.failures:
                yield f"dbt test {test.name} is said to have passed with {test.failures} failing rows"

    def _override(self, required: Required, now: datetime) -> Override | None:
        """Find the override in force for a check, if its check may be waived and it says who and why."""
        if not required.waivable:
            return None
        return next(
            (
                override
                for override in self.overrides
                if override.check_id == required.check_id
                and override.expires > now
                and override.reason.strip()
                and override.by.strip()
            ),
            None,
        )


def build(
    sealed: Sealed,
    checks: Sequence[Check],
    results: Sequence[CheckResult],
    *,
    run_id: str,
    created_at: datetime,
    minimum_evaluated: int | None = None,
    dbt_tests: Sequence[DbtTest] = (),
    required_tests: Sequence[RequiredTest] = (),
    reconciliations: Sequence[Reconciliation] = (),
    code_hash: str = "",
    config_hash: str = "",
    overrides: Sequence[Override] = (),
) -> GateRecord:
    """Bind results to the sealed files they were measured on. All of `checks` are required.

    minimum_evaluated: the number of checks when left out. Raises ValueError for a duplicate check id or a
    moment without a time zone.
    """
    refuse_duplicates(checks)
    if created_at.tzinfo is None or any(override.expires.tzinfo is None for override in overrides):
        raise ValueError("created_at and an override's expiry need a time zone; use datetime.now(UTC)")
    return GateRecord(
        release_id=sealed.release_id,
        run_id=run_id,
        created_at=created_at,
        files=bound_files(sealed),
        tables=tuple(sorted(sealed.published_tables)),
        duckdb_version=_version(sealed),
        suite_hash=suite_hash(checks),
        required=tuple(required(check) for check in checks),
        results=tuple(results),
        minimum_evaluated=len(checks) if minimum_evaluated is None else minimum_evaluated,
        dbt_tests=tuple(dbt_tests),
        required_tests=tuple(required_tests),
        reconciliations=tuple(reconciliations),
        code_hash=code_hash,
        config_hash=config_hash,
        overrides=tuple(overrides),
    )


def required(check: Check) -> Required:
    """The demand for a check, as a record keeps it."""
    return Required(check.check_id, check.table, check.severity, check.digest, check.waivable)


def bound_files(sealed: Sealed) -> tuple[BoundFile, ...]:
    """List the identity of each sealed file, as a record keeps it."""
    return tuple(
        BoundFile(file.name, file.sha256, file.content.digest if file.content else None) for file in sealed.files
    )


def verify(record: GateRecord, sealed: Sealed, now: datetime | None = None) -> Verdict:
    """Hold a record against measured files; returns the green verdict.

    now: overrides must still be in force then; the present when left out.
    Raises GateRefused naming every cause: another release, other files or bytes, anything not green.
    """
    verdict = record.verdict_at(now or datetime.now(UTC))
    causes = [*_binding_causes(record, sealed), *verdict.causes]
    if causes:
        raise GateRefused(causes)
    return verdict


def verify_bytes(record: GateRecord, found: Mapping[str, str]) -> None:
    """Hold a record against file name -> sha256, before any of the files is opened.

    Raises GateRefused naming every file that is missing, new or different.
    """
    if causes := list(_byte_causes(record, found)):
        raise GateRefused(causes)


def _binding_causes(record: GateRecord, sealed: Sealed) -> Iterable[str]:
    if record.release_id != sealed.release_id:
        yield f"the record is of release {record.release_id}, the candidate is release {sealed.release_id}"
    yield from _byte_causes(record, {file.name: file.sha256 for file in sealed.files})
    bound = {file.name: file for file in record.files}
    for file in bound_files(sealed):
        known = bound.get(file.name)
        if known and known.content != file.content and record.duckdb_version == _version(sealed):
            yield f"{file.name} is not the file that was audited (its content differs)"
    if sorted(record.tables) != sorted(sealed.published_tables):
        yield "the published tables are not those the record names"


def _byte_causes(record: GateRecord, found: Mapping[str, str]) -> Iterable[str]:
    bound = {file.name: file.sha256 for file in record.files}
    for name in sorted(bound.keys() - found.keys()):
        yield f"{name} was audited but is not in the candidate"
    for name in sorted(found.keys() - bound.keys()):
        yield f"{name} is in the candidate but was never audited"
    for name in sorted(bound.keys() & found.keys()):
        if bound[name] != found[name]:
            yield f"{name} is not the file that was audited (its bytes differ)"


def _version(sealed: Sealed) -> str:
    return next((file.content.duckdb_version for file in sealed.databases if file.content), "")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def describe(verdict: Verdict) -> Mapping[str, object]:
    """Render a verdict as plain JSON values, for the file and for people."""
    return {
        "green": verdict.green,
        "causes": list(verdict.causes),
        "waived": list(verdict.waived),
        "warnings": list(verdict.warnings),
    }
