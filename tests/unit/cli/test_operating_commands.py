"""The commands of whoever keeps it running: their words, their JSON and their exit codes."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.refused_runs import BAD_RUN, RELEASE, TOTALS, refused_home

from orchestration import alerts
from orchestration.cli import Exit, app, keeping, operating, reading
from orchestration.ingest.ledger import Ledger, Status
from orchestration.publish.lock import single_writer

assert keeping.app is operating.app is reading.app  # imported, so that their commands are registered


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return refused_home(tmp_path_factory.mktemp("commands") / "home")


@pytest.fixture
def home(standing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, the one the commands are told."""
    copy = Path(shutil.copytree(standing, tmp_path / "home", symlinks=True))
    monkeypatch.setenv("WINNUMBER_HOME", str(copy))
    monkeypatch.delenv("WINNUMBER_WEBHOOK", raising=False)
    return copy


class Asked:
    """Commands run in this process: exit code, JSON, and what was said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.said = ""

    def __call__(self, *words: str) -> int:
        code = app(list(words), standalone_mode=False)
        captured = self.capsys.readouterr()
        self.out, self.said = captured.out, captured.err
        return int(code or 0)

    def json(self, *words: str) -> Any:
        assert self(*words, "--json") == 0, self.said
        return json.loads(self.out)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Asked:
    return Asked(capsys)


def test_backup_verify_list_and_restore_answer_for_machines_and_people(home: Path, tmp_path: Path, ask: Asked) -> None:
    folder = str(tmp_path / "backups")
    made = ask.json("backup", "--to", folder, "--with-secrets")
    assert (made["release_id"], made["new_files"] > 0) == (RELEASE, True)
    assert ask("backup", "--to", folder) == 0
    assert "the home's keys are not in it; --with-secrets copies them too" in ask.said
    assert ask.json("backup", "verify", folder)["faults"] == []
    listed = ask.json("backup", "list", folder)
    assert [row["keys"] for row in listed] == [True, False]
    done = ask.json("restore", folder, "--to", str(tmp_path / "new"), "--backup", made["backup_id"])
    assert (done["release_id"], done["with_secrets"], done["settings"]) == (RELEASE, True, None)
    assert ask("restore", folder, "--to", str(home)) == Exit.INTERNAL
    assert "is not empty" in ask.said


def test_a_backup_during_a_refresh_is_busy_and_one_without_a_place_is_wrong_usage(
    home: Path, tmp_path: Path, ask: Asked
) -> None:
    with single_writer(home / "refresh.lock", "run-1", "schedule"):
        assert ask("backup", "--to", str(tmp_path / "backups")) == Exit.BUSY
        assert "run-1 by schedule" in ask.said
        assert ask("retain") == Exit.BUSY
    assert ask("backup") == Exit.USAGE
    assert ask("backup", "verify", str(tmp_path / "nothing")) == Exit.INTERNAL
    assert "winnumber backup --to" in ask.said


def test_a_damaged_backup_fails_and_is_named(home: Path, tmp_path: Path, ask: Asked) -> None:
    ask("backup", "--to", str(tmp_path / "backups"))
    max((p for p in (tmp_path / "backups" / "objects").glob("*/*")), key=lambda p: p.stat().st_size).write_bytes(b"")
    assert ask("backup", "verify", str(tmp_path / "backups")) == Exit.INTERNAL
    assert "0 bytes" in ask.said


def test_retain_shows_what_would_go_and_lets_it_go_when_told(home: Path, ask: Asked) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=5000)).isoformat(timespec="seconds")
    with Ledger(home / "ledger.sqlite") as ledger:
        ledger.receive("van/2010-01-01/a", "van", date(2010, 1, 1), "a", [], long_ago)
        ledger.update("van/2010-01-01/a", status=Status.REFUSED)
    quarantine = home / "archive" / "quarantine" / "van" / "2010-01-01-a"
    quarantine.mkdir(parents=True)
    (quarantine / "x.parquet").write_bytes(b"lines")
    seen = ask.json("retain", "--dry-run")
    assert [row["delivery"] for row in seen["removed"]] == ["van/2010-01-01/a"]
    assert (seen["dry_run"], seen["files"], quarantine.exists()) == (True, 1, True)
    assert ask.json("retain", "--dry-run", "--on", "2011-01-01")["removed"] == []
    assert ask("retain") == 0
    assert "1 deliveries, 0 objects never read: 1 files, 0.0 MB went" in ask.said
    assert not quarantine.exists()
    assert ask("retain", "--on", "2030-01-01") == Exit.USAGE
    assert ask("retain", "--dry-run", "--on", "soon") == Exit.USAGE


def test_alert_shows_without_telling_and_tells_once(home: Path, ask: Asked) -> None:
    seven = "2026-09-03T11:00:00Z"
    said = ask.json("alert", "--dry-run", "--at", seven)
    assert said["kind"] == "missing"
    assert said["troubles"][0]["check"] == TOTALS
    assert ask.json("alert", "--dry-run", "--at", "2026-09-03T10:59:59Z") is None
    assert not (home / alerts.SAID).exists()
    assert ask("alert", "--at", seven) == Exit.USAGE
    assert ask("alert", "--dry-run", "--at", "seven") == Exit.USAGE


def test_report_says_where_the_page_is(home: Path, ask: Asked) -> None:
    assert ask("report", "--open-path") == 0
    page = Path(ask.out.strip())
    assert page == home / "reports" / "run-bbbbbbbb.html"
    assert page.is_file()
    assert ask.json("report", BAD_RUN)["uri"] == page.as_uri()
    assert ask("report", "nothing-of-this-name") == Exit.USAGE


def test_status_calls_out_a_synthetic_world(home: Path, ask: Asked) -> None:
    assert ask.json("status")["synthetic_world"] is None
    (home / "control_totals.csv").touch()
    assert ask("status") == 0
    assert "replaces the certified totals: this home is a synthetic world" in ask.said
    assert "CAUTION" not in ask.said
    with Ledger(home / "ledger.sqlite") as ledger:
        at = "2026-09-01T05:00:00+00:00"
        ledger.receive(
            "oh_results/2024-11-05/f", "oh_results", date(2024, 11, 5), "f", [("r", "r", "f", "f", 1, 1)], at
        )
        ledger.accept("oh_results/2024-11-05/f", at)
    ask("status")
    assert "CAUTION: " in ask.said
    assert "1 deliveries of results in use are not known to be the sample's: oh_results/2024-11-05/f" in ask.said


def test_doctor_fails_by_its_exit_code_and_says_the_same_for_machines(home: Path, ask: Asked) -> None:
    (home / "build").chmod(0o755)
    assert ask("doctor", "--quiet") == 1
    assert "FAIL  build is private: 0o755" in ask.said
    code = app(["doctor", "--json"], standalone_mode=False)
    found = {f["what"]: f for f in json.loads(ask.capsys.readouterr().out)}
    assert code == 1
    assert (found["build is private"]["ok"], found["build is private"]["level"]) == (False, "fail")
