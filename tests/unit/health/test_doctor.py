"""The doctor finds each thing that may be wrong with an installation, and says what to do about it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from support.refused_runs import BUILT, RELEASE, publish_good, settings_of

from orchestration.cli import health as shown
from orchestration.contracts.load import load_contracts
from orchestration.health import examine as examining
from orchestration.health import home as homes
from orchestration.health import install, listening
from orchestration.health.examine import examine
from orchestration.health.findings import Finding, Level
from orchestration.health.synthetic import synthetic_world
from orchestration.ingest.ledger import Ledger
from orchestration.publish import history
from orchestration.publish.lock import single_writer
from orchestration.sample import boundary

NOON = BUILT + timedelta(hours=7)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a release, as it should be. Nobody writes to it."""
    home = tmp_path_factory.mktemp("sound") / "home"
    publish_good(home)
    for name in ("archive", "build", "landing", "exports", "secrets"):
        (home / name).mkdir(exist_ok=True)
        (home / name).chmod(0o700)
    (home / "secrets" / "a.key").touch(0o600)
    with Ledger(home / "ledger.sqlite") as ledger:
        ledger.receive("van/2026-09-01/a", "van", date(2026, 9, 1), "a", [], BUILT.isoformat())
        ledger.step("van/2026-09-01/a", "received", BUILT.isoformat())
    return home


@pytest.fixture
def home(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "home", symlinks=True))


REALLY_LOCKED = install.locked


@pytest.fixture(scope="module")
def versions() -> list[Finding]:
    """What is installed against the lock, looked at once: it takes longer than all the rest."""
    return list(REALLY_LOCKED())


@pytest.fixture(autouse=True)
def locked(versions: list[Finding], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "locked", lambda: iter(versions))


def looks(home: Path, now: datetime = NOON, **operations: object) -> dict[str, Finding]:
    return {f.what: f for f in examine(settings_of(home, **operations), now)}


def bad(home: Path, now: datetime = NOON, **operations: object) -> dict[str, Level]:
    """What is not as it should be, this machine's scheduler, disk and ports apart."""
    found = looks(home, now, **operations)
    machine = ("scheduler", "free disk", "listening ports")
    return {w: f.level for w, f in found.items() if f.level is not Level.OK and w not in machine}


def test_a_sound_home_has_nothing_to_mind(published: Path) -> None:
    assert bad(published) == {}
    assert len(looks(published)) > 30


def test_each_finding_says_what_was_found_and_what_to_do(home: Path) -> None:
    (home / "archive").chmod(0o755)
    for finding in looks(home, NOON + timedelta(days=9)).values():
        assert finding.what
        assert finding.found
        assert finding.level is Level.OK or finding.do
        assert finding.document()["ok"] == (finding.level is not Level.FAIL)


def change(how: Callable[[Path], object], **expected: Level) -> object:
    return pytest.param(how, {k.replace("_", " "): v for k, v in expected.items()}, id=next(iter(expected)))


def insert(path: Path, *statements: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as con:
        for statement in statements:
            con.execute(statement)
    con.close()


def override(home: Path, hours: int) -> None:
    with Ledger(home / "ledger.sqlite") as ledger:
        until = (NOON + timedelta(hours=hours)).isoformat(timespec="seconds")
        ledger.add_override("a.check", "why", "who", BUILT.isoformat(timespec="seconds"), until)


def stop_schedule(home: Path) -> None:
    body = json.dumps({"origin": {"job_name": "daily_refresh_schedule"}})
    insert(
        home / "dagster" / "schedules" / "schedules.db",
        "create table instigators (instigator_body text, status text)",
        f"insert into instigators values ('{body}', 'STOPPED'), ('{{}}', 'RUNNING')",
    )


def damage(home: Path) -> None:
    path = home / "releases" / RELEASE / "parquet" / "contests.parquet"
    path.chmod(0o644)
    path.write_bytes(b"PAR1")


def other_header(home: Path, version: int) -> None:
    path = home / "releases" / RELEASE / "warehouse.duckdb"
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[12:20] = version.to_bytes(8, "little")
    path.write_bytes(content)


def set_back(home: Path) -> None:
    with Ledger(home / "ledger.sqlite") as ledger:
        ledger.step("van/2026-09-01/a", "received", (NOON + timedelta(hours=2)).isoformat())


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        change(lambda h: (h / "archive").chmod(0o755), archive_is_private=Level.FAIL),
        change(lambda h: (h / "exports").chmod(0o705), exports_is_private=Level.FAIL),
        change(lambda h: (h / "landing").chmod(0o755), landing_is_private=Level.WARN),
        change(lambda h: (h / "secrets" / "a.key").chmod(0o640), keys=Level.FAIL),
        change(lambda h: (h / "releases" / RELEASE / "people.duckdb").touch(0o644),
               restricted_files_of_releases=Level.FAIL, storage_version=Level.FAIL, current_release=Level.FAIL),
        change(lambda h: (h / "releases").chmod(0o775), only_the_owner_may_change_it=Level.FAIL),
        change(lambda h: (h / "ledger.sqlite").chmod(0o666), only_the_owner_may_change_it=Level.FAIL),
        change(lambda h: (h / "releases" / ".incoming-x").mkdir(), leftovers=Level.WARN),
        change(lambda h: (h / "archive" / "objects").mkdir() or (h / "archive" / "objects" / ".7.part").touch(),
               leftovers=Level.WARN),
        change(lambda h: (h / "exports" / ".pending-E1").mkdir(), leftovers=Level.WARN),
        change(lambda h: (h / "refresh.lock").write_text('{"run_id": "r", "who": "w", "since": "s", "pid": 99999999}'),
               refresh_lock=Level.WARN),
        change(lambda h: (h / "control_totals.csv").touch(), control_totals=Level.WARN),
        change(lambda h: override(h, 30), overrides=Level.WARN),
        change(stop_schedule, schedule_and_sensors=Level.WARN),
        change(set_back, clock=Level.FAIL),
        change(lambda h: other_header(h, 68), storage_version=Level.FAIL, current_release=Level.FAIL),
        change(damage, current_release=Level.FAIL),
        change(lambda h: (h / "dagster").mkdir() or (h / "dagster" / "dagster.yaml").write_text("run_retries: {}\n"),
               Dagster_telemetry=Level.FAIL),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found(home: Path, wrong: Callable[[Path], object], expected: dict[str, Level]) -> None:
    wrong(home)
    found = bad(home)
    assert found == expected  # and nothing else cries


def test_an_encrypted_file_takes_a_newer_client_and_is_no_fault(home: Path) -> None:
    encrypted = home / "releases" / RELEASE / "people.duckdb"
    header = bytearray((home / "releases" / RELEASE / "warehouse.duckdb").read_bytes()[:64])
    header[12:20] = (67).to_bytes(8, "little")
    encrypted.write_bytes(header)
    assert homes.storage_version(settings_of(home)).level is Level.FAIL
    header[20:28] = (1).to_bytes(8, "little")
    encrypted.write_bytes(header)
    assert homes.storage_version(settings_of(home)).level is Level.OK


def test_an_old_part_of_an_upload_is_found_and_a_young_one_is_an_upload(home: Path) -> None:
    part = home / "landing" / "van" / "2026-09-01" / "a.csv.part"
    part.parent.mkdir(parents=True)
    part.touch()
    assert bad(home) == {}
    os.utime(part, (time.time() - 2 * 86400,) * 2)
    assert bad(home) == {"leftovers": Level.WARN}


def test_nothing_is_called_a_leftover_while_a_refresh_runs(home: Path) -> None:
    (home / "releases" / ".incoming-x").mkdir()
    with single_writer(home / "refresh.lock", "run-1", "cli"):
        found = looks(home)
    assert found["leftovers"].level is Level.OK
    assert "held by cli since" in found["refresh lock"].found


def test_an_override_with_time_left_is_only_counted(home: Path) -> None:
    override(home, 100)
    assert looks(home)["overrides"].found == "1 in force"
    assert bad(home) == {}


def test_the_next_morning_without_a_release_fails(home: Path) -> None:
    tomorrow = datetime(2026, 9, 3, 11, 0, tzinfo=UTC)
    assert bad(home, tomorrow - timedelta(seconds=1)) == {}
    assert bad(home, tomorrow) == {"release by": Level.FAIL}
    assert "the last one is 25 hours old" in looks(home, tomorrow)["release by"].found
    assert bad(home, tomorrow, release_by=None) == {}


def test_a_clock_behind_the_newest_release_is_found(home: Path) -> None:
    found = looks(home, BUILT - timedelta(days=1))["clock"]
    assert found.level is Level.FAIL
    for what in ("releases.jsonl", "the newest release", "the newest entry of the ledger"):
        assert what in found.found
    assert history.events(home)


def test_room_is_measured_by_the_last_refresh(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "build" / "active").symlink_to("aaaaaaaa-good")
    (home / "build" / "aaaaaaaa-good" / "spill").write_bytes(b"\0" * 5_000_000)
    monkeypatch.setattr(homes, "LEAST", 0)
    usage = shutil.disk_usage(home)
    for free, level in ((18_000_000_000, Level.OK), (16_000_000, Level.FAIL)):
        monkeypatch.setattr(homes.shutil, "disk_usage", lambda _, free=free: usage._replace(free=free))
        assert homes.disk(settings_of(home)).level is level


def test_a_daemon_that_lives_is_seen_and_one_that_died_too(home: Path) -> None:
    runs = home / "dagster" / "history" / "runs.db"
    beat = (NOON - timedelta(minutes=1)).replace(tzinfo=None)
    insert(runs, "create table daemon_heartbeats (timestamp text)", f"insert into daemon_heartbeats values ('{beat}')")
    assert looks(home)["scheduler"].level is Level.OK
    assert looks(home, NOON + timedelta(hours=1))["scheduler"].level is Level.WARN


# a synthetic world -------------------------------------------------------------------------------


def deliver(home: Path, source: str, sha256: str) -> str:
    name = f"{source}/2024-11-05/{sha256}"
    with Ledger(home / "ledger.sqlite") as ledger:
        files = [("results.csv", "results.csv", sha256, sha256, 3, 1)]
        ledger.receive(name, source, date(2024, 11, 5), sha256, files, BUILT.isoformat())
        ledger.accept(name, BUILT.isoformat())
    return name


def test_real_results_in_a_synthetic_world_are_called_out(tmp_path: Path) -> None:
    contracts = load_contracts()
    landed = tmp_path / "landing" / "nc_results" / "2024-11-05" / "results.csv"
    landed.parent.mkdir(parents=True)
    landed.write_text("sample")
    boundary.write(tmp_path / "landing", tmp_path / "control_totals.files.json")
    assert synthetic_world(tmp_path, contracts) is None
    (tmp_path / "control_totals.csv").touch()
    (sha256,) = json.loads((tmp_path / "control_totals.files.json").read_text()).values()
    own = deliver(tmp_path, "nc_results", sha256)
    world = synthetic_world(tmp_path, contracts)
    assert world is not None
    assert (world.own, world.strangers) == ((own,), ())
    assert looks(tmp_path)["control totals"].level is Level.WARN
    real = deliver(tmp_path, "oh_results", "f" * 64)
    world = synthetic_world(tmp_path, contracts)
    assert world is not None
    assert (world.own, world.strangers) == ((own,), (real,))
    found = looks(tmp_path)["control totals"]
    assert found.level is Level.FAIL
    assert real in found.found


def test_what_is_not_held_against_totals_is_no_stranger(tmp_path: Path) -> None:
    (tmp_path / "control_totals.csv").touch()
    deliver(tmp_path, "van", "f" * 64)
    world = synthetic_world(tmp_path, load_contracts())
    assert world is not None
    assert world.strangers == ()


# listening ---------------------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[Callable[[str], int]]:
    """Start a process that listens at an address; returns its id once it does."""
    running = []

    def start(host: str) -> int:
        family = "AF_INET6" if ":" in host else "AF_INET"
        code = (
            f"import socket as s, sys; l = s.socket(s.{family}); l.bind(({host!r}, 0)); l.listen(); "
            "print('on', flush=True); sys.stdin.read()"
        )
        running.append(subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert running[-1].stdout is not None
        if running[-1].stdout.readline() != b"on\n":
            pytest.skip(f"this machine has no {host}")
        return running[-1].pid

    yield start
    for process in running:
        process.communicate()


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="this system has no /proc")
@pytest.mark.parametrize(
    ("host", "is_reachable"),
    [("127.0.0.1", False), ("0.0.0.0", True), ("::1", False), ("::", True)],  # noqa: S104
)
def test_who_listens_beyond_loopback_is_found(listener: Callable[[str], int], host: str, is_reachable: bool) -> None:
    found = listening.listeners(pids=[listener(host)])
    assert found is not None
    (one,) = found
    assert one.host == host
    assert bool(listening.reachable(found)) is is_reachable
    assert str(one.port) in one.address


def test_a_mapped_loopback_address_is_loopback() -> None:
    table = "  sl  local_address rem_address   st ...\n   0: 0000000000000000FFFF00000100007F:0BB8 0:0 0A 0 0 0 0 0 77"
    ((host, port, inode),) = listening.listening(table)
    assert (port, inode) == (3000, "77")
    assert listening.reachable([listening.Listener(1, "x", host, port)]) == []


def test_an_open_port_of_ours_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    one = listening.Listener(7, "dagster-webserver -h 0.0.0.0", "0.0.0.0", 3000)  # noqa: S104
    monkeypatch.setattr(listening, "listeners", lambda: [one])
    found = install.ports()
    assert found.level is Level.FAIL
    assert "dagster-webserver -h 0.0.0.0 (process 7) on 0.0.0.0:3000" in found.found
    assert "127.0.0.1" in found.do
    monkeypatch.setattr(listening, "listeners", lambda: [replace(one, host="127.0.0.1")])
    assert install.ports().level is Level.OK


# telemetry, versions, and the doctor himself -----------------------------------------------------


@pytest.mark.parametrize("what", ["Dagster telemetry", "dbt telemetry", "DuckDB installing extensions by itself"])
def test_what_reports_home_is_found(published: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(install, "_yaml", lambda _: {"winnumber": {"outputs": {"duckdb": {"settings": {}}}}})
    assert looks(published)[what].level is Level.FAIL


def test_analytics_must_be_off_before_the_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "orchestration" / "gates" / "gx.py"
    module.parent.mkdir(parents=True)
    monkeypatch.setattr(install, "PROJECT_ROOT", tmp_path)
    off, used = 'os.environ["GX_ANALYTICS_ENABLED"] = "false"\n', "import great_expectations as gx\n"
    for text, is_fine in ((off + used, True), (used + off, False), (used, False)):
        module.write_text(text)
        assert (install._analytics() == []) is is_fine


def test_another_version_than_the_locks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "version", lambda name: "0.0.1")
    found = {f.what: f for f in REALLY_LOCKED()}
    assert {found[name].level for name in install.PINS} == {Level.FAIL}
    assert found["duckdb"].found == "0.0.1"


def test_a_look_that_breaks_is_a_finding_and_the_others_go_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Finding:
        raise RuntimeError("what?")

    monkeypatch.setattr(examining.home, "disk", broken)
    found = looks(home)
    assert found["free disk"].found == "could not be looked at: RuntimeError: what?"
    assert found["current release"].level is Level.OK


def test_the_first_line_is_said_before_the_last_look(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    findings = examine(settings_of(published), NOON)
    started = time.perf_counter()
    shown.show(iter([next(findings)]), quiet=False)
    assert time.perf_counter() - started < 1
    assert capsys.readouterr().err.startswith("ok    Python: 3.")


def test_quiet_says_only_what_asks_for_something(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "archive").chmod(0o755)
    seen = shown.show(examine(settings_of(home), NOON), quiet=True)
    said = capsys.readouterr().err
    assert "FAIL  archive is private: 0o755\n      chmod o-rwx" in said
    assert "ok  " not in said
    assert len(seen) > 30


def test_an_environment_that_asks_for_a_failure_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert install.fault_points().level is Level.OK
    monkeypatch.setenv("WINNUMBER_FAULT", "publish.switch:kill")
    found = install.fault_points()
    assert found.level is Level.FAIL
    assert "publish.switch:kill" in found.found
    assert "unset WINNUMBER_FAULT" in found.do
