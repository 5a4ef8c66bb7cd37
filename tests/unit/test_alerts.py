"""What is told holds check, observed, allowed, before and what stays live; once a day, and again when it changes."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.refused_runs import (
    BAD_RUN,
    BUILT,
    KNOWN,
    RELEASE,
    TOTALS,
    publish_good,
    refuse_next,
    refused_home,
    settings_of,
)

from orchestration import alerts
from orchestration.alerts import Message, deadline_message, failure_message, tell_if_due
from orchestration.ingest.ledger import Ledger
from orchestration.publish.lock import single_writer
from orchestration.refresh import Report
from orchestration.trouble import troubles

SEVEN = datetime(2026, 9, 3, 11, 0, tzinfo=UTC)  # 07:00 in New York, the morning after the release


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose last run was refused. Nobody writes to it but the note of what was said."""
    return refused_home(tmp_path_factory.mktemp("refused") / "home")


def test_each_trouble_has_check_observed_allowed_and_before(refused: Path) -> None:
    found = {t.check: t for t in troubles(settings_of(refused), BAD_RUN)}
    assert set(found) == {TOTALS, "sums_add_up"}  # what was waived, what warned and what passed are not in the way
    totals = found[TOTALS]
    assert (totals.where, totals.observed, totals.allowed, totals.previous) == (
        "district_vote_goals", "12 areas differ", "0 areas", "9 rows",
    )  # fmt: skip
    test = found["sums_add_up"]
    assert (test.observed, test.allowed, test.previous) == ("7 failing rows", "0 failing rows", "0 failing rows")


def test_the_failure_message_says_it_all_in_one_text(refused: Path) -> None:
    said = failure_message(settings_of(refused), run_id=BAD_RUN, steps=["gate"])
    assert said.text == (
        "winnumber refresh bbbbbbbb did not publish; release 20260901-00000001 stays live. "
        "district_vote_goals: district_vote_goals.parts_equal_wholes: observed 12 areas differ, allowed 0 areas, "
        "before: 9 rows. parts and wholes differ in 12 areas | "
        "dbt test: sums_add_up: observed 7 failing rows, allowed 0 failing rows, before: 0 failing rows"
    )
    assert KNOWN not in said.text
    assert json.loads(json.dumps([t.__dict__ for t in said.troubles]))[0]["allowed"] == "0 areas"


def test_a_missing_release_is_told_with_what_readers_still_see(refused: Path) -> None:
    settings = settings_of(refused)
    assert deadline_message(settings, SEVEN - timedelta(seconds=1)) is None
    said = deadline_message(settings, SEVEN)
    assert said is not None
    assert said.text.startswith(
        f"winnumber: no release by 07:00 America/New_York on 2026-09-03; release {RELEASE} stays live. "
        "district_vote_goals: district_vote_goals.parts_equal_wholes: observed 12 areas differ, allowed 0 areas"
    )
    assert (said.kind, said.run_id, said.serving) == ("missing", BAD_RUN, RELEASE)


def test_the_day_of_the_release_has_nothing_to_tell(refused: Path) -> None:
    assert deadline_message(settings_of(refused), BUILT + timedelta(hours=6)) is None


def test_it_is_told_once_a_day_and_again_when_it_changes(tmp_path: Path) -> None:
    publish_good(tmp_path)
    settings, told = settings_of(tmp_path), []
    tell = told.append

    def look(at: datetime) -> Message | None:
        return tell_if_due(settings, at, tell)

    assert look(SEVEN - timedelta(minutes=5)) is None
    first = look(SEVEN)
    assert first is not None
    assert "no refresh has started since 05:00: is the scheduler running?" in first.text
    assert [look(SEVEN + timedelta(minutes=5 * n)) for n in range(1, 5)] == [None] * 4
    refuse_next(tmp_path)  # somebody started it, and it was refused: that is news
    second = look(SEVEN + timedelta(minutes=30))
    assert second is not None
    assert TOTALS in second.text
    assert look(SEVEN + timedelta(minutes=35)) is None
    late = SEVEN + timedelta(hours=1, minutes=20)
    report = Report.read(tmp_path / "build" / BAD_RUN)
    assert report is not None
    report.published, report.finished_at, report.gate_causes = "published", late.isoformat(), []
    report.write(tmp_path / "build" / BAD_RUN)
    third = look(late + timedelta(minutes=2))
    assert third is not None
    assert third.text.startswith(
        "winnumber: the release due by 07:00 America/New_York on 2026-09-03 is there since 08:20"
    )
    assert look(late + timedelta(minutes=7)) is None
    tomorrow = look(SEVEN + timedelta(days=1))
    assert tomorrow is not None
    assert (tomorrow.kind, len(told)) == ("missing", 4)


def test_a_late_release_nobody_was_told_to_miss_is_not_told(tmp_path: Path) -> None:
    publish_good(tmp_path)
    report = Report.read(tmp_path / "build" / "aaaaaaaa-good")
    assert report is not None
    Report("late", "cli", SEVEN.isoformat(), published="published",
           finished_at=(SEVEN + timedelta(hours=1)).isoformat()).write(tmp_path / "build" / "late")  # fmt: skip
    assert tell_if_due(settings_of(tmp_path), SEVEN + timedelta(hours=2), lambda _: None) is None


def test_a_refresh_that_still_runs_is_told_as_such(tmp_path: Path) -> None:
    publish_good(tmp_path)
    started = SEVEN - timedelta(hours=1)
    Report("cccccccc-slow", "cli", started.isoformat()).write(tmp_path / "build" / "cccccccc-slow")
    settings = settings_of(tmp_path)
    with single_writer(settings.paths.lock, "cccccccc-slow", "cli"):
        said = deadline_message(settings, SEVEN)
    assert said is not None
    assert "refresh cccccccc by cli is still running" in said.text
    dead = deadline_message(settings, SEVEN)
    assert dead is not None
    assert "stopped without a word" in dead.text


def test_a_refused_delivery_names_check_figures_and_what_is_in_use(tmp_path: Path) -> None:
    publish_good(tmp_path)
    old, new = "nc_voters/2026-09-01/aaa", "nc_voters/2026-09-02/bbb"
    at = "2026-09-03T09:00:00+00:00"
    row = {"check_id": "nc_voters.county_is_known", "severity": "error", "evaluated": 100, "expected": "at most 1 %"}
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        for name, day in ((old, "2026-09-01"), (new, "2026-09-02")):
            ledger.receive(name, "nc_voters", datetime.fromisoformat(day).date(), name, [], at)
        ledger.accept(old, at)
        ledger.record_checks(old, [row | {"status": "pass", "unexpected": 0, "observed": "0.1 %", "message": ""}])
        ledger.record_checks(
            new, [row | {"status": "fail", "unexpected": 9, "observed": "9 %", "message": "9 unknown"}]
        )
    run = "dddddddd-refused"
    refusal = {"source": "nc_voters", "delivery": new, "cause": "[gate] 1 of 9 checks failed"}
    Report(run, "cli", at, refused=[refusal, refusal | {"delivery": "nc_voters/2026-09-02/ccc", "cause": "[growing] x"}]
           ).write(tmp_path / "build" / run)  # fmt: skip
    checked, growing = troubles(settings_of(tmp_path), run)
    assert (checked.check, checked.where, checked.observed, checked.allowed, checked.previous) == (
        "nc_voters.county_is_known", new, "9 %", "at most 1 %", "0.1 %",
    )  # fmt: skip
    assert (growing.previous, growing.message) == (f"{old} in use with 0 rows", "[growing] x")


def test_long_lists_are_cut_and_say_where_the_rest_is(tmp_path: Path) -> None:
    publish_good(tmp_path)
    run = "eeeeeeee-many"
    Report(run, "cli", BUILT.isoformat(), gate_causes=[f"cause {n}" for n in range(30)]).write(tmp_path / "build" / run)
    said = failure_message(settings_of(tmp_path), run_id=run, steps=[])
    assert said.text.count("cause ") == alerts.SHOWN
    assert said.text.endswith("and 20 more: `winnumber gate --failed`")
    assert len(said.causes) == 30


def test_without_a_webhook_it_is_logged(refused: Path, caplog: pytest.LogCaptureFixture) -> None:
    (refused / alerts.SAID).unlink(missing_ok=True)
    with caplog.at_level(logging.INFO, "winnumber"):
        assert tell_if_due(settings_of(refused), SEVEN) is not None
    assert [(r.levelname, TOTALS in r.message) for r in caplog.records] == [("ERROR", True)]


def test_a_damaged_note_of_what_was_said_says_it_again(refused: Path) -> None:
    settings, told = settings_of(refused), []
    for content in ("", "[]", "not json", '{"day": 7}'):
        (refused / alerts.SAID).write_text(content)
        assert tell_if_due(settings, SEVEN, told.append) is not None
        assert tell_if_due(settings, SEVEN, told.append) is None
    assert len(told) == 4
