"""What the orchestrator loads: assets a person finds her way by, checks, the schedule and the sensors."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from pipeline_homes import environment

from orchestration import alerts, demands, refresh, transform
from orchestration import settings as config
from orchestration.contracts.checks import delivery_checks


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home of this module's own; the environment is put back afterwards."""
    home = tmp_path_factory.mktemp("definitions")
    before = dict(os.environ)
    os.environ.update(environment(home))
    yield home
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def definitions(home: Path) -> dg.Definitions:
    from orchestration.defs.build import definitions

    return definitions()


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def test_every_asset_has_a_group_an_owner_a_description_and_a_kind(specs: dict[str, dg.AssetSpec]) -> None:
    assert len(specs) > 80
    nameless = {
        name: [what for what, value in (("group", s.group_name), ("owners", s.owners), ("description", s.description),
                                        ("kinds", s.kinds)) if not value]
        for name, s in specs.items()
    }  # fmt: skip
    assert {name: lacks for name, lacks in nameless.items() if lacks} == {}
    assert {s.group_name for s in specs.values()} == {
        "1_landing", "2_deliveries", "3_staging", "4_intermediate", "5_models", "6_marts", "7_release",
    }  # fmt: skip


def test_keys_are_layer_source_and_table(specs: dict[str, dg.AssetSpec]) -> None:
    for name in specs:
        assert len(name.split("/")) == (2 if name.startswith("landing/") else 3), name


def upstream(specs: dict[str, dg.AssetSpec], name: str) -> set[str]:
    """Everything an asset is made from."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        spec = specs.get(waiting.pop())
        for dep in spec.deps if spec else ():
            key = dep.asset_key.to_user_string()
            if key not in found:
                found.add(key)
                waiting.append(key)
    return found


@pytest.mark.parametrize("state", ["nc", "oh", "fl", "va", "pa"])
def test_vote_goals_descend_from_every_states_landed_voter_file(specs: dict[str, dg.AssetSpec], state: str) -> None:
    sources = upstream(specs, "marts/everyone/district_vote_goals")
    assert {f"landing/{state}_voters", f"accepted/{state}_voters/{state}_voters"} <= sources
    assert any(name.startswith(f"staging/{state}/") for name in sources)


def test_vote_goals_descend_by_way_of_staging_and_the_fitted_models(specs: dict[str, dg.AssetSpec]) -> None:
    sources = upstream(specs, "marts/everyone/district_vote_goals")
    assert {"staging/nc/voters", "models/fitted/turnout_points", "models/fitted/support_areas"} <= sources
    assert "landing/nc_results" in sources
    # dbt's own lineage, not only the order of the steps: staging reads what the ingest accepted.
    assert "accepted/nc_voters/nc_voters" in {d.asset_key.to_user_string() for d in specs["staging/nc/voters"].deps}


def test_the_release_waits_for_the_gate_and_the_gate_for_every_mart(specs: dict[str, dg.AssetSpec]) -> None:
    assert {d.asset_key.to_user_string() for d in specs["release/current/warehouse"].deps} == {
        "release/candidate/gate_record"
    }
    published = {f"marts/{'/'.join(n.split('/')[1:])}" for n in specs if n.startswith("marts/")}
    assert published <= upstream(specs, "release/current/warehouse")


def check_keys(definitions: dg.Definitions) -> set[tuple[str, str]]:
    graph = definitions.resolve_asset_graph()
    return {(key.asset_key.to_user_string(), key.name) for key in graph.asset_check_keys}


def test_each_rule_of_each_contract_is_an_asset_check(definitions: dg.Definitions) -> None:
    found = check_keys(definitions)
    for contract in demands.delivered().values():
        for check in delivery_checks(contract):
            table = check.table.rsplit(".", 1)[-1]
            assert (f"accepted/{contract.id}/{table}", check.check_id.rsplit(".", 1)[-1]) in found, check.check_id


def test_each_check_of_the_candidate_is_an_asset_check(definitions: dg.Definitions) -> None:
    gate = {name for asset, name in check_keys(definitions) if asset == "release/candidate/gate_record"}
    assert gate == {check.check_id.replace(".", "__") for check in demands.candidate_checks()}


def test_each_dbt_data_test_is_an_asset_check(definitions: dg.Definitions) -> None:
    names = {name for _, name in check_keys(definitions)}
    # A test of something the orchestrator shows no asset for cannot be shown beside it.
    nodes = json.loads(transform.manifest(config.load()).read_text(encoding="utf-8"))["nodes"].values()
    tests = [node["name"] for node in nodes if node["resource_type"] == "test"]
    assert len(tests) > 400
    assert [test for test in tests if test not in names] == []


def test_the_refresh_runs_at_five_in_the_campaigns_time_zone(definitions: dg.Definitions) -> None:
    (schedule,) = definitions.schedules or ()
    assert isinstance(schedule, dg.ScheduleDefinition)
    campaign = config.load().campaign
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 5 * * *", campaign.time_zone)
    assert campaign.time_zone == "America/New_York"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.job_name == "daily_refresh"


def test_the_job_covers_every_asset_that_can_be_made(
    definitions: dg.Definitions, specs: dict[str, dg.AssetSpec]
) -> None:
    job = definitions.resolve_job_def("daily_refresh")
    made = {key.to_user_string() for key in job.asset_layer.executable_asset_keys}
    assert made == {name for name in specs if not name.startswith("landing/")}


def sensor(definitions: dg.Definitions, name: str) -> Any:
    return next(s for s in definitions.sensors or () if s.name == name)


def look(definitions: dg.Definitions, cursor: str | None) -> tuple[Any, str | None]:
    """One evaluation of the file-drop sensor: what it answered, and its cursor."""
    with dg.instance_for_test() as instance:
        context = dg.build_sensor_context(instance=instance, cursor=cursor, sensor_name="file_drop")
        answer = sensor(definitions, "file_drop").evaluate_tick(context)
        return answer, answer.cursor


def test_a_landed_file_starts_a_refresh_once_it_has_rested(home: Path, definitions: dg.Definitions) -> None:
    folder = home / "landing" / "nc_voters" / "2026-09-01"
    nothing, cursor = look(definitions, None)
    assert nothing.run_requests == []
    assert nothing.skip_message == "nothing new has landed"
    folder.mkdir(parents=True)
    (folder / "ncvoter_Statewide.txt").write_text("growing")
    first, cursor = look(definitions, cursor)
    assert first.run_requests == []
    assert "not rested" in first.skip_message
    second, cursor = look(definitions, cursor)
    (request,) = second.run_requests
    assert len(request.run_key) == 64
    assert request.tags["winnumber/landed"] == "nc_voters/2026-09-01"
    third, cursor = look(definitions, cursor)
    assert third.run_requests == []
    # The same bytes in a new look from nothing give the same key: the orchestrator starts no second run.
    again, _ = look(definitions, look(definitions, None)[1])
    assert again.run_requests[0].run_key == request.run_key
    (folder / "ncvoter_Statewide.txt").write_text("corrected")
    _, cursor = look(definitions, cursor)
    corrected, _ = look(definitions, cursor)
    assert corrected.run_requests[0].run_key != request.run_key


@pytest.fixture
def failed_run(home: Path) -> str:
    run = refresh.Run("0badc0de-run", "schedule", refresh.datetime.now(refresh.UTC), config.load())
    refresh.begin(run)
    cause = "[undeclared_column] nc_voters, ncvoter_Statewide.txt, line 1, column shoe_size: not declared"
    refresh.update(run, refused=[{"source": "nc_voters", "delivery": "nc_voters/2026-09-02/x", "cause": cause}])
    return run.run_id


def test_the_failure_message_names_the_cause_and_what_readers_still_see(
    failed_run: str, refreshed_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = alerts.failure_message(config.load(), run_id=failed_run, steps=["ingest_nc_voters"])
    assert "column shoe_size" in nothing.text
    assert "nothing was ever published" in nothing.text
    monkeypatch.setenv("WINNUMBER_HOME", str(refreshed_home))
    serving = (refreshed_home / "current").readlink().name
    other = alerts.failure_message(config.load(), run_id="unknown", steps=["dbt_goals"])
    assert f"release {serving} stays live" in other.text
    assert other.causes == ("step dbt_goals failed",)
    assert other.serving == serving


class _Listener(BaseHTTPRequestHandler):
    heard: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).heard.append(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    handler = type("Listener", (_Listener,), {"heard": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", handler.heard  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


def test_a_failed_run_is_told_to_the_webhook(
    definitions: dg.Definitions, failed_run: str, webhook: tuple[str, list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    address, heard = webhook
    monkeypatch.setenv("WINNUMBER_WEBHOOK", address)
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    @dg.op
    def breaks() -> None:
        raise RuntimeError("no")

    @dg.job(name="daily_refresh")
    def failing() -> None:
        breaks()

    with dg.instance_for_test() as instance:
        result = failing.execute_in_process(instance=instance, raise_on_error=False, run_id=_uuid(failed_run))
        context = dg.build_run_status_sensor_context(
            sensor_name="refresh_failed", dagster_event=result.get_run_failure_event(), dagster_instance=instance,
            dagster_run=result.dagster_run,
        ).for_run_failure()  # fmt: skip
        sensor(definitions, "refresh_failed")(context)
    (said,) = heard
    assert said["causes"] == ["step breaks failed"]
    assert said["serving"] is None
    assert "did not publish; nothing was ever published" in said["text"]


def _uuid(_: str) -> str:
    return "11111111-1111-4111-8111-111111111111"


def test_a_webhook_that_does_not_answer_stops_nothing(failed_run: str) -> None:
    message = alerts.failure_message(config.load(), run_id=failed_run, steps=[])
    assert alerts.send("http://127.0.0.1:9/closed", message) is False
    assert alerts.send(None, message) is False
