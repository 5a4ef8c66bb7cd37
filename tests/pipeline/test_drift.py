"""A candidate whose counts left their band is refused with exit code 2, and passes once a person acknowledged why."""

from __future__ import annotations

import json
import shutil
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from pipeline_homes import DAYS, copy_home, deliver, environment, standing, winnumber

from orchestration import demands, refresh
from orchestration import settings as config
from orchestration.cli import Exit, job
from orchestration.drift import history
from orchestration.publish.errors import GateRefused
from orchestration.refresh import Report, Run

WAKE = "37183"


@pytest.fixture
def run(refreshed_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The last run of the refreshed home, in a copy and under another release's name: built, not yet sealed."""
    home = copy_home(refreshed_home, tmp_path / "home")
    run_id = json.loads((refreshed_home / "told.json").read_text())["second"]["run_id"]
    shutil.copytree(refreshed_home / "build" / run_id, home / "build" / run_id)
    (home / "build" / "active").symlink_to(run_id)
    for name, value in environment(home).items():
        monkeypatch.setenv(name, value)
    found = Run(run_id, "cli", datetime.now(UTC), config.load())
    refresh.update(found, release_id="20260901-0badc0de", gate=None, gate_causes=[], published=None, release_path=None,
                   finished_at=None)  # fmt: skip
    # Every table keeps one check; the others are the business of other tests, and dear.
    real = demands.candidate_checks()
    one_each = {c.table: c for c in real if not c.check_id.startswith(("privacy.", "compliance.", "drift."))}
    kept = [*one_each.values(), *(c for c in real if c.kind in ("drift", "lineage"))]
    monkeypatch.setattr(demands, "candidate_checks", lambda: kept)
    tests = demands.dbt_tests(found.settings)
    monkeypatch.setattr(demands, "dbt_tests", lambda _: tests)
    return found


def test_a_published_release_leaves_its_profile_for_the_data_team_alone(refreshed_home: Path) -> None:
    release = (refreshed_home / "current").readlink().name
    assert history.standing_releases(refreshed_home) == (release,)
    files = sorted((refreshed_home / history.FOLDER / release).iterdir())
    assert [p.name for p in files] == [history.JUDGED_FILE, history.PROFILE_FILE]
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}
    gate = json.loads((refreshed_home / "current" / "gate.json").read_text())
    drift = [r for r in gate["results"] if r["check_id"].startswith("drift.")]
    assert len(drift) > 80
    assert {r["status"] for r in drift} == {"pass"}
    assert next(r["evaluated"] for r in drift if r["check_id"] == "drift.voters_by_county.error") == 455


def test_a_lost_county_is_refused_named_acknowledged_and_published(run: Run) -> None:
    home = run.settings.paths.home
    before = standing(home)
    with duckdb.connect(str(run.folder / "warehouse.duckdb")) as con:
        con.execute("delete from intermediate.int_voters__current where county_fips = ?", [WAKE])
    refresh.seal(run)
    record = refresh.audit(run)
    assert not record.verdict.green
    assert [cause for cause in record.verdict.causes if not cause.startswith("check drift.")] == []
    with pytest.raises(GateRefused, match=r"drift.voters_by_county.error failed: NC:Wake County has 0, allowed "):
        refresh.publish(run)
    assert standing(home) == before
    report = Report.read(run.folder)
    code, causes = job._why(run.folder, report, ["current_release: GateRefused"])
    assert code == Exit.GATE_REFUSED == 2
    assert "NC:Wake County" in " ".join(causes)

    shown = winnumber(home, "gate", run.run_id, "--failed", "--json").json()
    (found,) = [r for r in shown["results"] if r["check_id"] == "drift.voters_by_county.error"]
    assert found["observed"] == "NC:Wake County: 0"
    rows = winnumber(home, "drift", "--json").json()
    county = next(r for r in rows if (r["measure"], r["slice_kind"]) == ("voters", "county"))
    assert (county["slice_value"], county["observed"], county["level"]) == (f"NC:{WAKE}", 0, "error")
    assert county["low_error"] <= county["low_warn"] <= county["expected"]
    assert "voters_by_county:NC:37183 (NC:Wake County)" in winnumber(home, "drift").out.replace("\n", "")

    override = winnumber(home, "override", "drift.voters_by_county.error", "--reason", "x", "--by", "Ana", expect=64)
    assert "winnumber acknowledge" in override.err
    words = ("--reason", "Wake County is taken from its own file", "--by", "Ana")
    assert "covers nothing" in winnumber(home, "acknowledge", "voters_by_county:VA", *words, expect=64).err
    done = winnumber(home, "acknowledge", "source:nc_voters", *words)
    assert "acknowledged as they stand until" in done.err
    again = replace(run, started_at=datetime.now(UTC))
    sealed = refresh.seal(again)
    assert refresh.audit(again).verdict.causes == ()
    release = refresh.publish(again)
    assert release.status == "published"
    notes = json.loads((release.path / "release.json").read_text())["notes"]
    assert [n for n in notes if n.startswith("acknowledged: source:nc_voters (") and n.endswith(words[1])]
    assert sealed.release_id in history.standing_releases(home)


@pytest.mark.faults
def test_three_days_of_the_sample_are_published_without_a_word_of_drift(
    refreshed_home: Path, sample: Path, tmp_path: Path
) -> None:
    home = copy_home(refreshed_home, tmp_path / "home")
    for day in DAYS[1:]:
        deliver(sample, home, day)
        assert winnumber(home, "refresh", "--json").json()["published"] == "published"
        gate = json.loads((home / "current" / "gate.json").read_text())
        found = {r["check_id"]: r["status"] for r in gate["results"] if r["check_id"].startswith("drift.")}
        assert set(found.values()) == {"pass"}, {k: v for k, v in found.items() if v != "pass"}
        assert "every count is in its band" in winnumber(home, "drift").err
