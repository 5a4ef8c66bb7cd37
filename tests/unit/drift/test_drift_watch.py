"""From one release to the next: what is kept, what stands, what a person acknowledges, and what the gate is told."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from support.drift_builds import build

from orchestration.drift import history, watch
from orchestration.drift.checks import STANDING, drift_checks
from orchestration.drift.standing import STANDS_DAYS, Standing
from orchestration.drift.watch import Watch
from orchestration.gates.checks import CheckResult, Status
from orchestration.publish import history as log

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
VOTERS = "intermediate.int_voters__current"
# Seven in a hundred of a county: beyond what is normal, within what is possible.
THINNER = f"delete from {VOTERS} where county_fips = '37003' and hash(voter_id) % 13 = 0"
LOST = f"delete from {VOTERS} where county_fips = '37003'"


class Home:
    """A home that is watched day by day."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.release = ""
        self.notes: list[str] = []

    def watch(self, day: int, name: str) -> Watch:
        return Watch(self.path, self.path / "build" / name / "warehouse.duckdb", self.path / "build" / name, name,
                     NOW + timedelta(days=day))  # fmt: skip

    def count(self, day: int, *changes: str, name: str = "") -> dict[str, CheckResult]:
        """Build and judge a candidate; what did not pass, by check id."""
        self.release = name or f"release-{day}"
        run = self.watch(day, self.release)
        build(run.database, day, *changes)
        self.notes = watch.look(run, {})
        results = watch.results(run)
        assert results.keys() == {check.check_id for check in drift_checks()}
        return {name: r for name, r in results.items() if r.status is not Status.PASS}

    def publish(self) -> None:
        history.keep(self.path, self.path / "build" / self.release, self.release)
        log.append(self.path, "publish", self.release, None)

    def acknowledge(self, target: str, day: int, days: int = 7) -> int:
        """Acknowledge what ``target`` covers of the last judgement; returns how many slices."""
        from orchestration.drift.checks import outside

        with watch.opened(self.path / "build" / self.release) as con:
            rows = [r for r in outside(con) if r["level"] in ("warn", "error") and watch.covers(target, r)]
        covered = {watch.key_of(r): r["observed"] or 0 for r in rows}
        with Standing(self.path / "ledger.sqlite") as standing:
            standing.acknowledge(
                target, list(covered.items()), reason="the county struck its inactive voters", by="Ana",
                at=(NOW + timedelta(days=day)).isoformat(timespec="seconds"),
                until=(NOW + timedelta(days=day + days)).isoformat(timespec="seconds"), release_id=self.release,
            )  # fmt: skip
        return len(covered)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two quiet releases, to copy from."""
    made = Home(tmp_path_factory.mktemp("quiet") / "home")
    for day in (0, 1):
        assert made.count(day) == {}
        made.publish()
    return made.path


@pytest.fixture
def home(quiet: Path, tmp_path: Path) -> Home:
    """A home of its own with two quiet releases."""
    return Home(Path(shutil.copytree(quiet, tmp_path / "home", ignore=shutil.ignore_patterns("build"))))


def test_a_lost_county_refuses_the_release_and_is_named(home: Home) -> None:
    failed = home.count(2, LOST)
    result = failed["drift.voters_by_county.error"]
    assert (result.status, result.unexpected, result.observed) == (Status.FAIL, 1, "NC:Alexander County: 0")
    for words in ("NC:Alexander County has 0, allowed ", "from the last (1 days, prior)", "owner: voter file"):
        assert words in result.message
    assert result.evaluated == 3


def test_the_table_beside_the_gate_names_the_worst_slices(home: Home) -> None:
    home.count(2, LOST)
    lines = watch.markdown(home.path / "build" / home.release, shown=3).splitlines()
    assert lines[0].startswith("| level | slice |")
    assert "| error | voters_by_county: NC:Alexander County | last | 0 | 1000 |" in "\n".join(lines)
    assert (len(lines), lines[-1].startswith("and ")) == (7, True)
    home.count(2)
    assert watch.markdown(home.path / "build" / home.release) == "every count is in its band"
    assert watch.markdown(home.path) == "not counted"


def test_a_refused_candidate_is_no_yardstick_for_the_next(home: Home) -> None:
    assert "drift.voters_by_county.error" in home.count(2, LOST)
    assert "drift.voters_by_county.error" in home.count(3, LOST)
    # Neither is one that was kept for publishing and refused by the last look at its bytes.
    history.keep(home.path, home.path / "build" / home.release, home.release)
    assert "drift.voters_by_county.error" in home.count(4, LOST)
    assert home.count(4) == {}


def test_a_release_that_readers_were_taken_off_is_no_yardstick(home: Home) -> None:
    home.count(2, LOST)
    home.publish()
    log.append(home.path, "rollback", "release-1", "release-2", "Ana", "a county is missing")
    assert history.standing_releases(home.path) == ("release-0", "release-1")
    assert "drift.voters_by_county.error" in home.count(3, LOST)
    assert home.count(3) == {}


def test_a_warning_passes_with_an_owner_and_an_expiry_and_then_refuses(home: Home) -> None:
    warned = home.count(2, THINNER)
    result = warned["drift.voters_by_county.warn"]
    assert result.status is Status.WARN
    assert "owner: voter file" in result.message
    assert "since 2026-09-03, an error from 2026-09-10" in result.message
    assert not [name for name in warned if name.endswith(".error")]
    home.publish()
    # Held against the release before the warning, not against the one that has it.
    assert "drift.voters_by_county.warn" in home.count(3, THINNER)
    home.publish()
    assert STANDING not in home.count(2 + STANDS_DAYS - 1, THINNER, name="late")
    refused = home.count(2 + STANDS_DAYS, THINNER)
    assert refused[STANDING].status is Status.FAIL
    assert "voters_by_county:NC:37003 since 2026-09-03" in refused[STANDING].message


def test_a_warning_that_goes_away_is_closed(home: Home) -> None:
    home.count(2, THINNER)
    home.publish()
    assert home.count(3) == {}
    with Standing(home.path / "ledger.sqlite") as standing:
        assert standing.open_warnings() == []


def test_an_acknowledged_warning_does_not_come_back(home: Home) -> None:
    home.count(2, THINNER)
    home.publish()
    assert home.acknowledge("drift.voters_by_county", 2) == 1
    assert "drift.voters_by_county.warn" not in home.count(3, THINNER)
    home.publish()
    assert "drift.voters_by_county.warn" not in home.count(30, THINNER)


def test_an_acknowledged_purge_is_published_with_a_note_and_the_band_starts_anew(home: Home) -> None:
    failed = home.count(2, LOST)
    refused = [name for name in failed if name.endswith(".error")]
    assert refused
    assert home.acknowledge("source:nc_voters", 2) > 3
    again = home.count(2, LOST)
    assert not [name for name in again if name.endswith(".error")], again
    (note,) = home.notes
    assert note.startswith("acknowledged: source:nc_voters (")
    assert note.endswith(" slices) by Ana: the county struck its inactive voters")
    home.publish()
    # Long after the acknowledgement ended, and without any note.
    assert not [name for name in home.count(12, LOST) if name.endswith(".error")]
    assert home.notes == []
    # The county that comes back is news again.
    assert "drift.voters_by_county.error" in home.count(13)


def test_an_acknowledgement_that_ended_before_it_was_used_does_not_count(home: Home) -> None:
    home.count(2, LOST)
    home.acknowledge("source:nc_voters", 2, days=1)
    assert "drift.voters_by_county.error" in home.count(4, LOST)


def test_a_release_made_again_says_what_it_said(home: Home) -> None:
    home.count(2, LOST)
    home.acknowledge("source:nc_voters", 2, days=1)
    home.count(2, LOST)
    said = home.notes
    home.publish()
    profile = home.path / history.FOLDER / home.release / history.PROFILE_FILE
    before = profile.stat().st_mtime_ns
    again = home.count(20, LOST, name=home.release)
    assert not [name for name in again if name.endswith(".error")]
    assert home.notes == said
    home.publish()
    assert profile.stat().st_mtime_ns == before


def test_an_opt_out_that_is_lost_is_only_acknowledged_by_its_own_name(home: Home) -> None:
    fewer = "delete from intermediate.int_contact__opt_outs where rowid = 0"
    result = home.count(2, fewer)["drift.opt_outs_by_channel.error"]
    assert (result.observed, result.expected) == ("sms: 59", "60 to 480")
    with pytest.raises(ValueError, match="covers nothing"):
        home.acknowledge("drift.opt_outs_by_channel", 2)
    assert home.acknowledge("opt_outs_by_channel:sms", 2) == 1
    assert home.count(2, fewer) == {}
    fewer_still = "delete from intermediate.int_contact__opt_outs where rowid < 2"
    assert "drift.opt_outs_by_channel.error" in home.count(2, fewer_still)


@pytest.mark.parametrize("days", [1, 2])
def test_a_check_that_looked_at_nothing_passes_only_where_there_may_be_nothing(tmp_path: Path, days: int) -> None:
    made = Home(tmp_path)
    for day in range(days):
        assert made.count(day) == {}
        made.publish()
    looked = watch.results(made.watch(days - 1, made.release))
    empty = {c.check_id for c in drift_checks() if looked[c.check_id].evaluated == 0}
    assert empty <= {c.check_id for c in drift_checks() if c.params.get("allow_empty")}
    # From the second release on, all that is left are the sources of counts this home does not have.
    assert days == 1 or {name.split(".")[1].split("_")[0] for name in empty} <= {"delivered", "standing", "voters"}


def test_a_profile_that_counted_nobody_is_an_error_and_not_a_pass(tmp_path: Path) -> None:
    failed = Home(tmp_path).count(0, f"delete from {VOTERS}")
    assert failed["drift.voters_by_state.error"].status is Status.ERROR
    assert "counted nobody" in failed["drift.voters_by_state.error"].message


@pytest.mark.parametrize(
    ("target", "covered"),
    [
        ("drift.voters_by_county", True), ("drift.voters_by_county.error", True), ("voters_by_county:NC", True),
        ("voters_by_county:NC:37003", True), ("source:nc_voters", True), ("state:NC", True),
        ("voters_by_county:NC:3700", False), ("voters_by_county_party", False), ("voters_by_county:VA", False),
        ("source:va_voters", False), ("state:VA", False), ("voters", False), ("", False),
    ],
)  # fmt: skip
def test_an_acknowledgement_covers_what_it_names_and_nothing_beside_it(target: str, covered: bool) -> None:
    row = {"measure": "voters", "slice_kind": "county", "slice_value": "NC:37003", "source": "nc_voters", "state": "NC"}
    assert watch.covers(target, row) is covered
    assert not watch.covers(target, {**row, "measure": "opt_outs"})


def test_a_candidate_that_was_not_counted_has_no_results(home: Home) -> None:
    assert watch.results(home.watch(2, "nothing")) == {}


def test_profiles_are_kept_apart_from_readers_and_dropped_when_old(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home.path / history.FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = [p for p in folder.rglob("*") if p.is_file()]
    assert len(files) == 4
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}
    monkeypatch.setattr(history, "KEPT", 1)
    home.count(2)
    home.publish()
    assert sorted(p.name for p in folder.iterdir()) == ["release-1", "release-2"]


def test_a_damaged_profile_is_named_and_never_passed_over(home: Home) -> None:
    path = home.path / history.FOLDER / "release-1" / history.PROFILE_FILE
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(history.DriftUnknown, match=r"profile of release release-1 cannot be read .* backup"):
        home.count(2)


def test_the_senders_own_counts_of_the_same_day_are_held_against_the_profile(home: Home) -> None:
    head = "state,as_of,slice_kind,slice_value,voters,origin\n"
    stated = home.path / history.STATED_FILE
    stated.write_text(f"{head}NC,2026-09-03,county,NC:37001,2000,board\nNC,2026-09-02,county,NC:37001,9,board\n")
    assert home.count(2) == {}
    stated.write_text(f"{head}NC,2026-09-03,county,NC:37003,1030,board\nVA,2026-09-03,state,VA,1007,board\n")
    failed = home.count(2)
    assert "NC:Alexander County:county has 1,000" in failed["drift.voters_against_stated_by_slice.error"].message
    assert "VA:state has 1,000" in failed["drift.voters_against_stated_by_slice.warn"].message
    stated.write_text("state,voters\nNC,3\n")
    with pytest.raises(history.DriftUnknown, match=r"stated_counts.csv: expected the columns state, as_of"):
        home.count(2)


def test_no_check_of_drift_can_be_waived_and_each_has_an_owner_and_a_reason() -> None:
    for check in drift_checks():
        assert not check.waivable
        assert check.owner
        assert check.reason


def test_results_and_tables_name_slices_and_never_a_person(home: Home) -> None:
    failed = home.count(2, LOST)
    said = json.dumps([[r.message, r.observed, r.expected] for r in failed.values()])
    with duckdb.connect(str(home.watch(2, home.release).database), read_only=True) as con:
        people = [row[0] for row in con.execute("select voter_id from intermediate.int_scores__voters").fetchall()]
    assert not [p for p in people if f"{p} " in said or f"{p}:" in said]
