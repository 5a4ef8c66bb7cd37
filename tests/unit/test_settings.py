"""Settings are read from one file and the environment; what makes no sense is refused by file and key."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration import settings as config
from orchestration.settings import PROJECT_ROOT, Settings, SettingsError

LEAST = """
[campaign]
name = "Test"
party = "R"
election_date = 2026-11-03
[[contests]]
office = "us_senate"
states = ["NC", "VA"]
[[comparables]]
purpose = "turnout"
states = ["NC"]
offices = ["all"]
election_dates = [2022-11-08, 2018-11-06]
[thresholds]
reliable_turnout_min = { value = "0.70", reason = "likely voter" }
"""


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "CONFIG", "THREADS", "MEMORY", "WEBHOOK"):
        monkeypatch.delenv(f"WINNUMBER_{name}", raising=False)


def load(tmp_path: Path, text: str = LEAST) -> Settings:
    path = tmp_path / "winnumber.toml"
    path.write_text(text)
    return config.load(tmp_path / "home", path)


def refused(tmp_path: Path, old: str, new: str) -> str:
    assert old in LEAST
    with pytest.raises(SettingsError) as error:
        load(tmp_path, LEAST.replace(old, new))
    assert "winnumber.toml" in str(error.value)
    return str(error.value)


def test_what_is_left_out_has_the_documented_value(tmp_path: Path) -> None:
    found = load(tmp_path)
    campaign = found.campaign
    assert (campaign.party_code, campaign.goal_rounding, campaign.time_zone) == ("R", "up", "America/New_York")
    assert campaign.target_share == Decimal("0.52")
    assert (found.operations.refresh_hour, found.operations.keep_releases, found.operations.webhook) == (5, 14, None)
    assert found.engine.memory_limit == "3GB"
    assert found.engine.threads >= 1


def test_one_entry_stands_for_a_contest_in_each_state(tmp_path: Path) -> None:
    rules = load(tmp_path).campaign.contests
    assert [(r.state, r.office_code, r.election_date, r.party_code) for r in rules] == [
        ("NC", "us_senate", date(2026, 11, 3), "R"), ("VA", "us_senate", date(2026, 11, 3), "R"),
    ]  # fmt: skip
    assert [c.election_date for c in load(tmp_path).campaign.comparables] == [date(2022, 11, 8), date(2018, 11, 6)]


@pytest.mark.parametrize("said", ['"07:30"', "07:30:00"])
def test_the_hour_of_the_release_is_a_time_of_the_clock(tmp_path: Path, said: str) -> None:
    assert load(tmp_path).operations.release_by is None
    found = load(tmp_path, LEAST.replace("[campaign]", f"[operations]\nrelease_by = {said}\n[campaign]"))
    assert found.operations.release_by == time(7, 30)


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.toml"
    path.write_text(LEAST)
    for name, value in (
        ("HOME", str(tmp_path / "elsewhere")), ("CONFIG", str(path)), ("THREADS", "3"), ("MEMORY", "1GB"),
        ("WEBHOOK", "http://127.0.0.1/hook"),
    ):  # fmt: skip
        monkeypatch.setenv(f"WINNUMBER_{name}", value)
    found = config.load()
    assert (found.paths.home, found.source) == (tmp_path / "elsewhere", path)
    assert (found.engine.threads, found.engine.memory_limit) == (3, "1GB")
    assert found.operations.webhook == "http://127.0.0.1/hook"


def test_everything_a_home_holds_is_below_it(tmp_path: Path) -> None:
    paths = load(tmp_path).paths
    names = ("landing", "archive", "build", "releases", "current", "models", "dagster", "lock", "truth")
    assert {getattr(paths, name).parent for name in names} == {tmp_path / "home"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('party = "R"', 'party = "Q"', "campaign.party is 'Q'; expected one of"),
        ('name = "Test"', "", "campaign.name is missing"),
        ("election_date = 2026-11-03", 'election_date = "soon"', "campaign.election_date is 'soon'; expected a date"),
        ('party = "R"', 'party = "R"\ntarget_share = "52"', "expected a share between 0 and 1"),
        ('party = "R"', 'party = "R"\ntime_zone = "Mars/Olympus"', "not a known time zone"),
        ('party = "R"', 'party = "R"\ngoal_rounding = "down"', "expected up or nearest"),
        ('party = "R"', 'party = "R"\nhours_per_shift = 13', "hours_per_shift is 13; expected 1 to 12"),
        ('office = "us_senate"', 'office = "us_senate"\ncandidates = 3', "must be given as plurality_share"),
        ('office = "us_senate"', 'office = "us_senate"\ndistrict_type = "ward"', "is not one of"),
        ('states = ["NC", "VA"]', "", "contests.states is missing"),
        ('purpose = "turnout"', 'purpose = "luck"', "comparables.purpose 'luck'"),
        ('value = "0.70"', 'value = "70"', "thresholds.reliable_turnout_min is 70"),
        ("[campaign]", "[campaign", "not valid TOML"),
        ("[campaign]", "[operations]\nrefresh_hour = 24\n[campaign]", "refresh_hour is 24; expected 0 to 23"),
        ("[campaign]", '[operations]\nrelease_by = "7 am"\n[campaign]', "release_by is '7 am'; expected a time of day"),
        ("[campaign]", '[operations]\nrelease_by = "07:00Z"\n[campaign]', "leave its own zone out"),
        ("[campaign]", "[operations]\nkeep_event_days = 0\n[campaign]", "keep_event_days is 0; expected 1 to 3650"),
        (
            "[campaign]",
            "[audiences]\ntexting = ''\n[campaign]",
            "audiences.texting is ''; expected the name",
        ),
        ("[campaign]", "[audiences]\ntexting = 1005\n[campaign]", "audiences.texting is 1005; expected the name"),
    ],
)
def test_a_senseless_setting_is_refused_by_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in refused(tmp_path, old, new)


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: no settings file; copy winnumber\.toml"):
        config.load(tmp_path, tmp_path / "nowhere.toml")


def test_the_projects_own_settings_are_sound() -> None:
    found = config.load(config=PROJECT_ROOT / "winnumber.toml").campaign
    assert {t.reason != "" for t in found.thresholds} == {True}
    assert {c.purpose for c in found.comparables} == set(config.PURPOSES)
    assert {r.district_type for r in found.contests} <= {None, *config.DISTRICT_TYPES}


def test_the_campaigns_choices_become_tables_of_exact_numbers(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        for _ in range(2):  # written anew, never doubled
            config.write_config(con, load(tmp_path), data_as_of=date(2026, 9, 1), release_id="20260901-x")
        campaign = con.execute("select party_code, data_as_of, release_id, target_share from config.campaign")
        assert campaign.fetchall() == [("R", date(2026, 9, 1), "20260901-x", Decimal("0.5200"))]
        assert con.execute("select count(*) from config.contest_rules").fetchone() == (2,)
        assert con.execute("select name, value from config.thresholds").fetchall() == [
            ("reliable_turnout_min", Decimal("0.7000"))
        ]
        assert con.execute("select count(*) from config.comparable_elections").fetchone() == (2,)
