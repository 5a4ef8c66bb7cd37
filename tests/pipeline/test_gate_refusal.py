"""What the gate did not pass is not published, and the command says so with exit code 2."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pipeline_homes import copy_home, environment, standing

from orchestration import demands, refresh
from orchestration import settings as config
from orchestration.cli import Exit, job
from orchestration.gates.checks import Check
from orchestration.publish.errors import GateRefused, NonDeterministicRelease
from orchestration.refresh import Report, Run


@pytest.fixture
def run(refreshed_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The last run of the refreshed home, in a copy: sealed and audited, published once already."""
    home = copy_home(refreshed_home, tmp_path / "home")
    run_id = json.loads((refreshed_home / "told.json").read_text())["second"]["run_id"]
    for folder in (run_id, "dbt"):
        shutil.copytree(refreshed_home / "build" / folder, home / "build" / folder)
    # The parsed project says which home it was parsed for; parsing it anew takes longer than the test.
    stamp = home / "build" / "dbt" / "manifest.sha256"
    stamp.write_text(stamp.read_text().replace(str(refreshed_home), str(home)))
    for name, value in environment(home).items():
        monkeypatch.setenv(name, value)
    found = Run(run_id, "cli", datetime.now(UTC), config.load())
    # As it stood before the step under test.
    refresh.update(found, gate=None, gate_causes=[], published=None, release_path=None, finished_at=None)
    return found


def outcome(run: Run, errors: list[str]) -> Any:
    """What the command line makes of the run."""
    report = Report.read(run.folder)
    code, causes = job._why(run.folder, report, errors)
    return job._outcome(run.settings, code, report, causes)


def assert_refused(run: Run, before: dict[str, Any], cause: str) -> None:
    home = run.settings.paths.home
    assert standing(home) == before
    assert not [p for p in (home / "releases").iterdir() if p.name.startswith(".")]
    said = outcome(run, ["current_release: GateRefused"])
    assert said.code == Exit.GATE_REFUSED == 2
    assert cause in " ".join(said.causes)
    assert said.document()["outcome"] == "gate_refused"
    assert said.document()["published"] is None
    assert said.lines()[0] == "The gate refused this build."
    assert f"Readers still see release {before['current']}." in said.lines()


def test_rows_that_were_lost_between_intake_and_build_refuse_the_candidate(run: Run) -> None:
    before = standing(run.settings.paths.home)
    with duckdb.connect(str(run.folder / "warehouse.duckdb")) as con:
        con.execute("create table main.kept as select * from accepted.nc_voters")
        con.execute("create or replace view accepted.nc_voters as select * from main.kept offset 1")
    (cause,) = refresh.audit(run).verdict.causes
    assert re.fullmatch(
        r"reconciliation rows of nc_voters: accepted, and in the build does not agree: expected [0-9,]+, found [0-9,]+",
        cause,
    )
    with pytest.raises(GateRefused, match="rows of nc_voters"):
        refresh.publish(run)
    assert_refused(run, before, "reconciliation rows of nc_voters")


def test_bytes_that_changed_after_the_audit_are_not_published(run: Run) -> None:
    before = standing(run.settings.paths.home)
    path = run.candidate / "warehouse.duckdb"
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(GateRefused, match=r"warehouse.duckdb is not the file that was audited"):
        refresh.publish(run)
    assert_refused(run, before, "warehouse.duckdb is not the file that was audited (its bytes differ)")


def test_a_file_that_was_never_audited_is_not_published(run: Run) -> None:
    before = standing(run.settings.paths.home)
    (run.candidate / "notes.csv").write_text("a,b\n")
    with pytest.raises(GateRefused, match=r"notes.csv is in the candidate but was never audited"):
        refresh.publish(run)
    assert_refused(run, before, "notes.csv is in the candidate but was never audited")


def test_a_candidate_without_a_gate_record_is_not_published(run: Run) -> None:
    before = standing(run.settings.paths.home)
    (run.candidate / "gate.json").unlink()
    with pytest.raises(GateRefused):
        refresh.publish(run)
    assert_refused(run, before, "gate.json")


def test_a_failed_check_refuses_the_candidate(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = standing(run.settings.paths.home)
    real = demands.candidate_checks()
    example = next(c for c in real if c.kind == "row_count_between")
    impossible = Check(
        **{f: getattr(example, f) for f in example.__dataclass_fields__}
        | {"check_id": "contests.more_than_there_can_be", "params": {"min": 10**9}, "table": "main.contests"}
    )
    monkeypatch.setattr(demands, "candidate_checks", lambda: [*real, impossible])
    record = refresh.audit(run)
    assert not record.verdict.green
    with pytest.raises(GateRefused):
        refresh.publish(run)
    assert_refused(run, before, "check contests.more_than_there_can_be failed")


def test_a_dbt_test_that_did_not_run_refuses_the_candidate(run: Run) -> None:
    before = standing(run.settings.paths.home)
    path = run.folder / "dbt_goals.json"
    tests = json.loads(path.read_text())
    path.write_text(json.dumps(tests[1:]))
    refresh.audit(run)
    with pytest.raises(GateRefused):
        refresh.publish(run)
    assert_refused(run, before, f"dbt test {tests[0]['name']} did not run")
    # Nor where somebody runs the last step alone, in a run of the same name.
    assert f"dbt test {tests[0]['name']} did not run" in last_step_alone(run.run_id)
    assert standing(run.settings.paths.home) == before


def last_step_alone(run_id: str | None = None) -> str:
    """What the orchestrator says of a run of nothing but the asset that publishes; empty when it went well."""
    import dagster as dg

    from orchestration.defs import keys
    from orchestration.defs.build import definitions

    job = definitions().resolve_job_def("daily_refresh")
    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(
            instance=instance, raise_on_error=False, asset_selection=[keys.CURRENT], run_id=run_id
        )
    failures = [event.step_failure_data.error for event in done.get_step_failure_events()]
    assert done.success is not bool(failures)
    return "; ".join((error.cause or error).message for error in failures if error)


def test_the_asset_that_publishes_run_alone_publishes_nothing(run: Run) -> None:
    # Whoever runs it alone gets a run of another name, which neither sealed nor judged anything.
    before = standing(run.settings.paths.home)
    assert "not a sealed candidate" in last_step_alone()
    assert standing(run.settings.paths.home) == before


def test_the_last_step_repeated_in_its_own_run_publishes_the_whole_record_only(run: Run) -> None:
    before = standing(run.settings.paths.home)
    assert last_step_alone(run.run_id) == ""
    assert standing(run.settings.paths.home) == before
    record = run.candidate / "gate.json"
    record.write_text(record.read_text().replace('"status": "pass"', '"status": "warn"', 1))
    assert "damaged or forged" in last_step_alone(run.run_id)
    assert standing(run.settings.paths.home) == before


def test_the_checks_of_the_gate_cannot_be_deselected(run: Run) -> None:
    import dagster as dg

    from orchestration.defs import keys
    from orchestration.defs.build import definitions

    unchecked = dg.AssetSelection.assets(keys.GATE, keys.CURRENT).without_checks()
    job = dg.Definitions(jobs=[dg.define_asset_job("unchecked", unchecked)])
    with pytest.raises(dg.DagsterInvalidDefinitionError) as refused:
        dg.Definitions.merge(definitions(), job).resolve_job_def("unchecked")
    assert "the AssetsDefinition 'gate' contains" in str(refused.value.__cause__)


def test_the_audited_candidate_as_it_was_is_published_again_as_unchanged(run: Run) -> None:
    # Without this the refusals above could have another reason.
    before = standing(run.settings.paths.home)
    assert refresh.publish(run).status == "unchanged"
    assert standing(run.settings.paths.home) == before
    assert Report.read(run.folder) is not None
    assert outcome(run, []).serving == before["current"]


def test_a_failed_dbt_test_ends_with_the_gates_exit_code_and_names_the_test(run: Run) -> None:
    path = run.folder / "dbt_goals.json"
    tests = json.loads(path.read_text())
    tests[0] |= {"status": "fail", "failures": 3}
    path.write_text(json.dumps(tests))
    said = outcome(run, ["dbt_goals: failed"])
    assert said.code == Exit.GATE_REFUSED
    assert said.causes == [f"dbt test {tests[0]['name']}: 3 row(s)"]


def test_each_way_to_end_has_its_own_exit_code(run: Run) -> None:
    refused = [{"source": "nc_voters", "delivery": "nc_voters/2026-09-02/x", "cause": "[cut_short] it was cut"}]
    report = Report.read(run.folder)
    assert report is not None
    assert job._why(run.folder, None, ["Busy: refresh 1 by ui"]) == (Exit.BUSY, ["Busy: refresh 1 by ui"])
    assert job._why(run.folder, None, ["no such file"])[0] == Exit.INTERNAL
    assert job._why(run.folder, replace(report, refused=refused), ["x"]) == (
        Exit.DELIVERY_REFUSED, ["nc_voters: [cut_short] it was cut"],
    )  # fmt: skip
    assert job._why(run.folder, replace(report, gate_causes=["check a failed"]), ["x"]) == (
        Exit.GATE_REFUSED, ["check a failed"],
    )  # fmt: skip
    assert job._why(run.folder, report, ["fit_models: ValueError"]) == (Exit.INTERNAL, ["fit_models: ValueError"])
    assert [int(e) for e in Exit] == [0, 2, 3, 4, 5, 64]
    assert NonDeterministicRelease.__mro__[1] is Exception
