"""Every way to get something published that was not wholly judged: each is refused by its name and changes nothing."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from publish_samples import CHECKS, GATE_KEY, TESTS, TOTALS, demanded, outcomes, record_words

from orchestration.gates import record as gate
from orchestration.gates import record_file
from orchestration.gates.checks import Severity, Status
from orchestration.gates.demanded import Demanded
from orchestration.gates.record import DbtTest, Override
from orchestration.publish import files as fs
from orchestration.publish.candidate import measure
from orchestration.publish.errors import GateRefused
from orchestration.publish.releases import publish, publish_demanded
from orchestration.settings import PROJECT_ROOT

Make = Callable[..., Path]
FILES = ["parquet/goals.parquet", "parquet/release.parquet", "release.json", "warehouse.duckdb", "people.duckdb"]
HOUR = timedelta(hours=1)
PASSED = {result.check_id: result for result in outcomes()}


def record_of(folder: Path, *, checks: Any = CHECKS, results: Any = None, **words: object) -> gate.GateRecord:
    """A record of the folder as it is now; without changes it is green and whole."""
    found = outcomes() if results is None else results
    return gate.build(measure(folder), checks, found, **record_words(**words))  # type: ignore[arg-type]


def sign(folder: Path, record: gate.GateRecord, key: bytes = GATE_KEY) -> None:
    record_file.write(record, folder / "gate.json", key)


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Edit gate.json by hand, with the digest made to match."""
    body = json.loads((folder / "gate.json").read_text())
    change(body)
    signed = {name: value for name, value in body.items() if name not in ("digest", "signature")}
    body["digest"] = hashlib.sha256(fs.canonical_json(signed)).hexdigest()
    (folder / "gate.json").write_bytes(fs.pretty_json(body))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def in_database(path: Path, *statements: str) -> None:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def let_pass(*, hours: float = 1, **changes: Any) -> Override:
    found = Override("goals.has_rows", "a late county", "Ada", datetime.now(UTC) + hours * HOUR)
    return replace(found, **changes)


@dataclass(frozen=True)
class Attempt:
    """What somebody does to a good candidate, and the cause that must be named."""

    name: str
    does: Callable[[Path], object]
    cause: str
    demands: Callable[[], Demanded] = demanded
    run_id: str | None = "run-1"


def _turned_down(folder: Path) -> None:
    soft = [replace(CHECKS[0], severity=Severity.WARN), *CHECKS[1:]]
    warned = replace(outcomes()[0], severity=Severity.WARN, status=Status.WARN, unexpected=1)
    sign(folder, record_of(folder, checks=soft, results=[warned, *outcomes()[1:]]))


def _waivable(folder: Path) -> None:
    sign(folder, record_of(folder, checks=[*CHECKS[:3], replace(CHECKS[3], waivable=True)]))


def _weaker(folder: Path) -> None:
    sign(folder, record_of(folder, checks=[replace(CHECKS[0], params={"min": 0}), *CHECKS[1:]]))


def _test_turned_down(folder: Path) -> None:
    soft = [replace(TESTS[0], severity=Severity.WARN), TESTS[1]]
    ran = [DbtTest(TESTS[0].name, "warn", 3), DbtTest(TESTS[1].name, "pass")]
    sign(folder, record_of(folder, required_tests=soft, dbt_tests=ran))


def _as_passed(**counts: int) -> Callable[[Path], None]:
    said = replace(PASSED["goals.votes"], **counts)  # type: ignore[arg-type]
    return lambda folder: sign(folder, record_of(folder, results=outcomes(goals__votes=said)))


def _failed_with(*overrides: Override) -> Callable[[Path], None]:
    failed = replace(PASSED["goals.has_rows"], status=Status.FAIL, message="no row")
    return lambda folder: sign(
        folder, record_of(folder, results=outcomes(goals__has_rows=failed), overrides=list(overrides))
    )


def _swapped_after(folder: Path) -> None:
    in_database(
        folder / "people.duckdb",
        "create table other as select (n + 1000)::varchar as person_id, 1::bigint as batch from range(50) as t (n)",
        "drop table people",
        "alter table other rename to people",
    )


def _swapped_before(folder: Path) -> None:
    in_database(folder / "people.duckdb", "alter table people rename to persons")
    checks = [replace(c, table=c.table.replace("main.people", "main.persons")) for c in CHECKS]
    results = [replace(r, table=r.table.replace("main.people", "main.persons")) for r in outcomes()]
    sign(folder, record_of(folder, checks=checks, results=results))


def _moved_between_files(folder: Path) -> None:
    in_database(
        folder / "warehouse.duckdb",
        f"attach '{folder / 'people.duckdb'}' as p (read_only)",
        "create table people as from p.main.people",
    )
    sign(folder, record_of(folder))


def _added_before(folder: Path) -> None:
    (folder / "notes.csv").write_text("a,b\n")
    sign(folder, record_of(folder))


def _people_as_parquet(folder: Path) -> None:
    in_database(folder / "people.duckdb", f"copy people to '{folder / 'parquet' / 'people.parquet'}'")
    sign(folder, record_of(folder))


def _without_mirror(folder: Path) -> None:
    (folder / "parquet" / "goals.parquet").unlink()
    sign(folder, record_of(folder))


def _as_link(name: str) -> Callable[[Path], None]:
    def does(folder: Path) -> None:
        aside = folder.parent / f"aside-{Path(name).name}"
        (folder / name).rename(aside)
        (folder / name).symlink_to(aside)

    return does


def _another_signature(folder: Path) -> None:
    other = json.loads(record_file.encode(record_of(folder, run_id="run-0"), GATE_KEY))["signature"]
    rewrite(folder, lambda body: body.update(signature=other))


def _as_before_signatures(folder: Path) -> None:
    def old(body: dict[str, Any]) -> None:
        del body["signature"], body["required_tests"]
        body |= {"format": 1, "minimum_dbt_tests": 0}

    rewrite(folder, old)


ATTEMPTS = [
    Attempt("a check is left out", lambda f: sign(f, record_of(f, checks=CHECKS[:-1], results=outcomes()[:-1])),
            "check people.columns is demanded and was left out"),
    Attempt("all but one check are left out", lambda f: sign(f, record_of(f, checks=CHECKS[:1])),
            "check people.has_rows is demanded and was left out"),
    Attempt("a check has no result", lambda f: sign(f, record_of(f, results=outcomes(people__columns=None))),
            "required check people.columns has no result"),
    Attempt("a check is turned down to a warning", _turned_down,
            "check goals.has_rows has severity error, the record turned it into warn"),
    Attempt("a check becomes one that may be waived", _waivable, "check people.columns may not be waived"),
    Attempt("a check is made weaker", _weaker, "check goals.has_rows was made with another definition"),
    Attempt("a warning is recorded as passed", _as_passed(unexpected=3),
            "check goals.votes is said to have passed with 3 unexpected of 50"),
    Attempt("a check that saw nothing is recorded as passed", _as_passed(evaluated=0),
            "check goals.votes is said to have passed without having looked at anything"),
    Attempt("a dbt test did not run", lambda f: sign(f, record_of(f, dbt_tests=[DbtTest(TESTS[1].name, "pass")])),
            "dbt test unique_goals did not run"),
    Attempt("a dbt test is left out of the list too",
            lambda f: sign(f, record_of(f, required_tests=[], dbt_tests=[DbtTest("another", "pass")] * 2)),
            "dbt test unique_goals is demanded and was left out"),
    Attempt("a dbt test is turned down to a warning", _test_turned_down,
            "dbt test unique_goals has severity error, the record turned it into warn"),
    Attempt("a dbt warning is recorded as passed",
            lambda f: sign(f, record_of(f, dbt_tests=[DbtTest(t.name, "pass", 2) for t in TESTS])),
            "dbt test goals_are_near_last_years is said to have passed with 2 failing rows"),
    Attempt("a reconciliation is left out", lambda f: sign(f, record_of(f, reconciliations=[])),
            "the reconciliation of rows of goals is demanded and was left out"),
    Attempt("totals that differ are recorded as agreeing",
            lambda f: sign(f, record_of(f, reconciliations=[replace(TOTALS[0], observed="49")])),
            "the reconciliation of rows of goals is said to agree with 49 for 50"),
    Attempt("totals differ",
            lambda f: sign(f, record_of(f, reconciliations=[replace(TOTALS[0], agrees=False, observed="49")])),
            "reconciliation rows of goals does not agree: expected 50, found 49"),
    Attempt("a record of another run with the same release id", lambda f: sign(f, record_of(f, run_id="run-2")),
            "the record is of run run-2, the candidate was sealed by run run-1"),
    Attempt("a later run publishes what an earlier one left", lambda f: None,
            "the record is of run run-1, this is run run-2", run_id="run-2"),
    Attempt("a record of another release", lambda f: sign(f, replace(record_of(f), release_id="20260901-ffffffff")),
            "the record is of release 20260901-ffffffff"),
    Attempt("a table is swapped for one with as many rows", _swapped_after,
            "people.duckdb is not the file that was audited"),
    Attempt("another table stands in for it before the audit", _swapped_before,
            "check people.has_rows was made with another definition"),
    Attempt("people are copied into the general file before the audit", _moved_between_files,
            "table people does not belong into warehouse.duckdb"),
    Attempt("the record is edited and its digest made to match",
            lambda f: rewrite(f, lambda body: body["results"][0].update(evaluated=51)),
            "its signature does not match its content"),
    Attempt("the stored verdict is edited", lambda f: rewrite(f, lambda body: body["verdict"].update(warnings=["x"])),
            "its signature does not match its content"),
    Attempt("the record is not signed", lambda f: rewrite(f, lambda body: body.pop("signature")), "it is not signed"),
    Attempt("the record says it is from before signatures", _as_before_signatures, "it is not signed"),
    Attempt("the record carries the signature of another", _another_signature,
            "its signature does not match its content"),
    Attempt("the record is signed by another home", lambda f: sign(f, record_of(f), b"\1" * 32),
            "it was signed with another key than this home's"),
    Attempt("the record is cut short", lambda f: os.truncate(f / "gate.json", 400), "damaged"),
    Attempt("there is no record", lambda f: (f / "gate.json").unlink(), "there is no gate record"),
    Attempt("an override ran out", _failed_with(late := let_pass(hours=-1)), "by Ada ran out at",
            lambda: demanded(overrides=[late])),
    Attempt("an override is not on the ledger", _failed_with(let_pass()),
            "the override of check goals.has_rows by Ada is not on the ledger"),
    Attempt("an override lasts longer than on the ledger", _failed_with(long := let_pass(hours=3)),
            "the override of check goals.has_rows by Ada is not on the ledger",
            lambda: demanded(overrides=[replace(long, expires=long.expires - HOUR)])),
    Attempt("other code made the record", lambda f: sign(f, record_of(f, code_hash="0ld")),
            "the record was made with other code (0ld) than what is here now (c0de)"),
    Attempt("the settings changed since", lambda f: None, "the record was made with other settings",
            lambda: demanded(config_hash="changed")),
    Attempt("a file is added after the audit", lambda f: (f / "notes.csv").write_text("a,b\n"),
            "notes.csv is in the candidate but was never audited"),
    Attempt("a file is added before the audit", _added_before, "notes.csv is no file of a release"),
    Attempt("people are laid beside it as Parquet", _people_as_parquet, "parquet/people.parquet is no file"),
    Attempt("the mirror of a table is missing", _without_mirror,
            "parquet/goals.parquet, which every release holds, is missing"),
    *(Attempt(f"{name} is a link", _as_link(name), "is a link or a device")
      for name in ("warehouse.duckdb", "people.duckdb", "parquet/goals.parquet", "parquet", "gate.json")),
    Attempt("a pipe lies beside the files", lambda f: os.mkfifo(f / "a.duckdb"), "a.duckdb is a link or a device"),
    *(Attempt(f"a byte of {name} is changed", lambda f, name=name: flip(f / name),  # type: ignore[misc]
              f"{name} is not the file that was audited|unreadable") for name in FILES),
]  # fmt: skip


def standing(home: Path) -> dict[str, object]:
    """Everything of a home that readers and operators see, to the byte."""
    files = [p for p in home.rglob("*") if p.is_file() and p.name != "publish.lock"]
    return {
        "current": (home / "current").readlink(),
        **{str(p.relative_to(home)): (p.stat().st_mtime_ns, p.stat().st_ino, p.read_bytes()) for p in files},
    }


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name)
def test_an_attempt_is_refused_by_name_and_changes_nothing(candidate: Make, home: Path, attempt: Attempt) -> None:
    first = candidate(1)
    publish_demanded(first, first / "gate.json", home, demanded)
    before = standing(home)
    folder = candidate(2)
    attempt.does(folder)
    with pytest.raises(GateRefused) as refused:
        publish_demanded(folder, folder / "gate.json", home, attempt.demands, run_id=attempt.run_id)
    assert any(part in str(refused.value) for part in attempt.cause.split("|")), str(refused.value)
    assert standing(home) == before


def test_the_whole_record_of_the_untouched_candidate_is_published(candidate: Make, home: Path) -> None:
    # Without this the refusals above could have another reason.
    folder = candidate(2)
    sign(folder, record_of(folder))
    release = publish_demanded(folder, folder / "gate.json", home, demanded, run_id="run-1")
    assert release.status == "published"


def test_a_failure_that_the_ledger_lets_pass_is_published_and_named(candidate: Make, home: Path) -> None:
    folder, given = candidate(2), let_pass()
    _failed_with(given)(folder)
    publish_demanded(folder, folder / "gate.json", home, lambda: demanded(overrides=[given]))
    assert "goals.has_rows, by Ada" in json.loads((home / "current" / "gate.json").read_text())["verdict"]["waived"][0]


def test_a_candidate_reached_through_a_link_is_refused(candidate: Make, home: Path, tmp_path: Path) -> None:
    folder = candidate(2)
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(GateRefused, match="the candidate is a link"):
        publish_demanded(tmp_path / "link", folder / "gate.json", home, demanded)


@pytest.mark.parametrize("spoil", ["gone", "open to a group"])
def test_without_a_key_to_rely_on_nothing_is_published_and_none_is_made(
    candidate: Make, home: Path, spoil: str
) -> None:
    key = home / "secrets" / "gate.key"
    key.unlink() if spoil == "gone" else key.chmod(0o640)
    folder = candidate(2)
    with pytest.raises(GateRefused, match="has no gate key" if spoil == "gone" else "others than its owner"):
        publish_demanded(folder, folder / "gate.json", home, demanded)
    assert key.exists() is (spoil != "gone")
    assert not (home / "releases").exists()


def test_publishing_asks_the_project_itself_and_no_caller_can_ask_for_less(
    candidate: Make, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration import demands, transform

    # Parsing the dbt project would take ten seconds; which tests it holds is not what is shown here.
    monkeypatch.setattr(transform, "test_severities", lambda settings: {"not_null_contests": "error"})
    folder = candidate(2)
    with pytest.raises(GateRefused) as refused:
        publish(folder, folder / "gate.json", home)
    causes = "\n".join(refused.value.causes)
    first = demands.candidate_checks()[0]
    assert f"check {first.check_id} is demanded and was left out" in causes
    assert f"and {len(demands.candidate_checks()) - 5} more" in causes
    assert "dbt test not_null_contests is demanded and was left out" in causes
    assert "the record was made with other code (c0de)" in causes
    assert set(inspect.signature(publish).parameters) == {"candidate", "record_path", "home", "by", "run_id"}


def test_nothing_but_publish_hands_demands_in() -> None:
    named = {
        path.relative_to(PROJECT_ROOT).as_posix()
        for path in (PROJECT_ROOT / "orchestration").rglob("*.py")
        if "publish_demanded" in path.read_text(encoding="utf-8")
    }
    assert named == {"orchestration/publish/releases.py"}
