"""One typed object for everything that is set: paths, engine, campaign.

Read from ``winnumber.toml`` and the environment; nothing else in the project reads either, but for the encryption key,
which is no part of any object (``publish.encryption``).
Belongs here: reading and checking settings, and writing the campaign's choices into the
``config`` schema that the dbt models read. Does not belong here: defaults hidden in code that a
campaign would want to see (they stand in ``winnumber.toml``).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from orchestration.committees import Committee, committees_from, write_committees

if TYPE_CHECKING:
    import duckdb

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A setting is missing or makes no sense; the message names file, key and what to do."""


@dataclass(frozen=True)
class Paths:
    """Where state lives: all of it under one folder, ``home``."""

    home: Path

    @property
    def landing(self) -> Path:
        """Where people, SFTP and ``fetch`` drop files: ``landing/<source>/<date>/``."""
        return self.home / "landing"

    @property
    def archive(self) -> Path:
        """Received bytes by content hash, accepted rows, quarantine, voter history."""
        return self.home / "archive"

    @property
    def build(self) -> Path:
        """Candidate warehouses, one folder per run; never read by anybody else."""
        return self.home / "build"

    @property
    def releases(self) -> Path:
        """Immutable published folders."""
        return self.home / "releases"

    @property
    def current(self) -> Path:
        """The symlink that every reader follows."""
        return self.home / "current"

    @property
    def models(self) -> Path:
        """Fitted model versions: lookup tables and cards."""
        return self.home / "models"

    @property
    def dagster(self) -> Path:
        """The orchestrator's own storage (runs, events)."""
        return self.home / "dagster"

    @property
    def lock(self) -> Path:
        """The single-writer lock."""
        return self.home / "refresh.lock"

    @property
    def truth(self) -> Path:
        """What the sample generator knows about its people; only tests may read it."""
        return self.home / "truth"


@dataclass(frozen=True)
class Engine:
    """DuckDB's limits: ``threads`` and ``memory_limit`` (DuckDB notation, such as ``3GB``)."""

    threads: int
    memory_limit: str


@dataclass(frozen=True)
class ContestRule:
    """Which contests are fought: one rule stands for one seat or for every district of a kind."""

    state: str
    office_code: str
    district_type: str | None
    district_id: str | None
    election_date: date
    party_code: str
    seats: int
    candidates: int
    plurality_share: Decimal | None
    target_share: Decimal


@dataclass(frozen=True)
class Comparable:
    """A past election whose result informs one purpose: turnout, support or roll_off."""

    state: str
    office_code: str
    election_date: date
    purpose: str


@dataclass(frozen=True)
class Threshold:
    """A named number that decides who is in which pool, with the reason for its value."""

    name: str
    value: Decimal
    reason: str


@dataclass(frozen=True)
class FieldRule:
    """A named number of the field programme (hours, people, dollars), with the reason for its value."""

    name: str
    value: Decimal
    reason: str


@dataclass(frozen=True)
class Campaign:
    """Whose campaign this is and what it fights for."""

    name: str
    party_code: str
    election_date: date
    time_zone: str
    target_share: Decimal
    goal_rounding: str
    hours_per_shift: int
    hours_per_staff_week: int
    field_weeks: int
    contests: tuple[ContestRule, ...]
    comparables: tuple[Comparable, ...]
    thresholds: tuple[Threshold, ...]
    committees: tuple[Committee, ...]
    field_rules: tuple[FieldRule, ...] = ()
    support_questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operations:
    """How the refresh is run and who is told: local hour, webhook, how much is kept.

    ``release_by``: the local time by which a release must be there, or None when nobody waits for one.
    ``keep_event_days``: days the orchestrator's runs and events and dbt's logs are kept.
    ``smallest_count``: the smallest count of people, zero apart, in what `winnumber share` writes.
    """

    refresh_hour: int
    webhook: str | None
    keep_releases: int
    keep_builds: int
    release_by: time | None = None
    keep_event_days: int = 90
    encryption: str = "none"  # of the files of a release that hold people's records: none or duckdb
    smallest_count: int = 11


@dataclass(frozen=True)
class Settings:
    """Everything that is set."""

    paths: Paths
    engine: Engine
    campaign: Campaign
    operations: Operations
    source: Path
    audiences: Mapping[str, str] = field(default_factory=dict)  # restricted database -> group that may read its file


DISTRICT_TYPES = ("congressional_district", "state_senate_district", "state_house_district")
PURPOSES = ("turnout", "support", "roll_off")


def home_from_environment() -> Path:
    """``$WINNUMBER_HOME``, or ``./var`` beside the project."""
    return Path(os.environ.get("WINNUMBER_HOME") or PROJECT_ROOT / "var").resolve()


def load(home: Path | None = None, config: Path | None = None) -> Settings:
    """Read the settings; raises ``SettingsError`` naming the file and key at fault."""
    source = config or Path(os.environ.get("WINNUMBER_CONFIG") or PROJECT_ROOT / "winnumber.toml")
    try:
        raw = tomllib.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{source}: no settings file; copy winnumber.toml or set WINNUMBER_CONFIG") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source}: not valid TOML: {error}") from None
    engine = raw.get("engine", {})
    operations = raw.get("operations", {})
    return Settings(
        paths=Paths((home or home_from_environment()).resolve()),
        engine=Engine(
            threads=int(os.environ.get("WINNUMBER_THREADS") or engine.get("threads") or os.cpu_count() or 2),
            memory_limit=str(os.environ.get("WINNUMBER_MEMORY") or engine.get("memory_limit", "3GB")),
        ),
        campaign=_campaign(raw, source),
        operations=Operations(
            refresh_hour=_in_range(operations, "refresh_hour", 5, 0, 23, source),
            webhook=os.environ.get("WINNUMBER_WEBHOOK") or operations.get("webhook") or None,
            keep_releases=_in_range(operations, "keep_releases", 14, 2, 1000, source),
            keep_builds=_in_range(operations, "keep_builds", 2, 0, 100, source),
            release_by=_clock(operations.get("release_by"), "operations.release_by", source),
            keep_event_days=_in_range(operations, "keep_event_days", 90, 1, 3650, source),
            encryption=_encryption(operations, source),
            smallest_count=_in_range(operations, "smallest_count", 11, 2, 1000, source),
        ),
        source=source,
        audiences=_audiences(raw.get("audiences", {}), source),
    )


def _encryption(operations: dict[str, Any], source: Path) -> str:
    mode = operations.get("encryption", "none")
    if mode not in ("none", "duckdb"):
        raise SettingsError(
            f"{source}: operations.encryption is {mode!r}; expected none or duckdb (AES-256-GCM with the extension "
            "httpfs; a weaker one does not exist here)"
        )
    return str(mode)


def _audiences(table: dict[str, Any], source: Path) -> dict[str, str]:
    for database, group in table.items():
        if not isinstance(group, str) or not group.strip():
            raise SettingsError(f"{source}: audiences.{database} is {group!r}; expected the name of a group")
    return dict(table)


def _campaign(raw: dict[str, Any], source: Path) -> Campaign:
    table = _need(raw, "campaign", source)
    party = str(_need(table, "party", source, "campaign."))
    if party not in ("D", "R", "L", "G", "O"):
        raise SettingsError(f"{source}: campaign.party is {party!r}; expected one of D, R, L, G, O")
    rounding = str(table.get("goal_rounding", "up"))
    if rounding not in ("up", "nearest"):
        raise SettingsError(f"{source}: campaign.goal_rounding is {rounding!r}; expected up or nearest")
    zone = str(table.get("time_zone", "America/New_York"))
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError):
        raise SettingsError(f"{source}: campaign.time_zone {zone!r} is not a known time zone") from None
    day = _day(_need(table, "election_date", source, "campaign."), "campaign.election_date", source)
    share = _share(table.get("target_share", "0.52"), "campaign.target_share", source)
    contests = tuple(
        rule for entry in _need(raw, "contests", source) for rule in _contest_rules(entry, party, day, share, source)
    )
    return Campaign(
        name=str(_need(table, "name", source, "campaign.")),
        party_code=party,
        election_date=day,
        time_zone=zone,
        target_share=share,
        goal_rounding=rounding,
        hours_per_shift=_in_range(table, "hours_per_shift", 3, 1, 12, source),
        hours_per_staff_week=_in_range(table, "hours_per_staff_week", 50, 1, 100, source),
        field_weeks=_in_range(table, "field_weeks", 8, 1, 104, source),
        contests=contests,
        comparables=tuple(c for e in _need(raw, "comparables", source) for c in _comparables(e, source)),
        thresholds=tuple(
            Threshold(name, _share(entry["value"], f"thresholds.{name}", source), str(entry["reason"]))
            for name, entry in _need(raw, "thresholds", source).items()
        ),
        committees=_committees(raw, source),
        field_rules=_field_rules(raw.get("field", {}).get("rules", {}), source),
        support_questions=tuple(str(name) for name in raw.get("field", {}).get("support_questions", [])),
    )


def _committees(raw: dict[str, Any], source: Path) -> tuple[Committee, ...]:
    try:
        return committees_from(raw.get("committees", []))
    except ValueError as error:
        raise SettingsError(f"{source}: {error}") from None


def _field_rules(table: dict[str, Any], source: Path) -> tuple[FieldRule, ...]:
    rules = []
    for name, entry in table.items():
        value = Decimal(str(_need(entry, "value", source, f"field.rules.{name}.")))
        if value < 0:
            raise SettingsError(f"{source}: field.rules.{name} is {value}; expected 0 or more")
        rules.append(FieldRule(name, value, str(_need(entry, "reason", source, f"field.rules.{name}."))))
    return tuple(rules)


def _contest_rules(entry: dict[str, Any], party: str, day: date, share: Decimal, source: Path) -> list[ContestRule]:
    office = str(_need(entry, "office", source, "contests."))
    kind = entry.get("district_type")
    if kind is not None and kind not in DISTRICT_TYPES:
        raise SettingsError(f"{source}: contest {office}: district_type {kind!r} is not one of {DISTRICT_TYPES}")
    candidates, seats = int(entry.get("candidates", 2)), int(entry.get("seats", 1))
    plurality = entry.get("plurality_share")
    if (candidates > 2 or seats > 1) and plurality is None:
        raise SettingsError(
            f"{source}: contest {office}: with {candidates} candidates for {seats} seat(s) the share that wins "
            "must be given as plurality_share"
        )
    return [
        ContestRule(
            state=str(state),
            office_code=office,
            district_type=kind,
            district_id=entry.get("district_id"),
            election_date=_day(entry.get("election_date", day), f"contests.{office}.election_date", source),
            party_code=str(entry.get("party", party)),
            seats=seats,
            candidates=candidates,
            plurality_share=(
                None if plurality is None else _share(plurality, f"contests.{office}.plurality_share", source)
            ),
            target_share=_share(entry.get("target_share", share), f"contests.{office}.target_share", source),
        )
        for state in _need(entry, "states", source, "contests.")
    ]


def _comparables(entry: dict[str, Any], source: Path) -> list[Comparable]:
    purpose = str(_need(entry, "purpose", source, "comparables."))
    if purpose not in PURPOSES:
        raise SettingsError(f"{source}: comparables.purpose {purpose!r} is not one of {PURPOSES}")
    return [
        Comparable(str(state), str(office), _day(day, "comparables.election_dates", source), purpose)
        for state in _need(entry, "states", source, "comparables.")
        for office in _need(entry, "offices", source, "comparables.")
        for day in _need(entry, "election_dates", source, "comparables.")
    ]


def write_config(con: duckdb.DuckDBPyConnection, settings: Settings, *, data_as_of: date, release_id: str) -> None:
    """Write the campaign's choices as the tables of schema ``config`` in the build database."""
    campaign = settings.campaign
    con.execute("create schema if not exists config")
    con.execute(
        """create or replace table config.campaign (
            campaign_name varchar, party_code varchar, election_date date, data_as_of date, release_id varchar,
            target_share decimal(6,4), goal_rounding varchar, hours_per_shift integer,
            hours_per_staff_week integer, field_weeks integer)"""
    )
    con.execute(
        "insert into config.campaign values (?,?,?,?,?,?,?,?,?,?)",
        [
            campaign.name, campaign.party_code, campaign.election_date, data_as_of, release_id,
            campaign.target_share, campaign.goal_rounding, campaign.hours_per_shift,
            campaign.hours_per_staff_week, campaign.field_weeks,
        ],
    )  # fmt: skip
    con.execute(
        """create or replace table config.contest_rules (
            state varchar, office_code varchar, district_type varchar, district_id varchar, election_date date,
            party_code varchar, seats integer, candidates integer, plurality_share decimal(6,4),
            target_share decimal(6,4))"""
    )
    con.executemany(
        "insert into config.contest_rules values (?,?,?,?,?,?,?,?,?,?)",
        [
            (r.state, r.office_code, r.district_type, r.district_id, r.election_date, r.party_code, r.seats,
             r.candidates, r.plurality_share, r.target_share)
            for r in campaign.contests
        ],
    )  # fmt: skip
    con.execute("create or replace table config.thresholds (name varchar, value decimal(9,4), reason varchar)")
    con.executemany(
        "insert into config.thresholds values (?,?,?)",
        [(t.name, t.value, t.reason) for t in campaign.thresholds],
    )
    con.execute("create or replace table config.field_rules (name varchar, value decimal(18,4), reason varchar)")
    if campaign.field_rules:
        con.executemany(
            "insert into config.field_rules values (?,?,?)", [(r.name, r.value, r.reason) for r in campaign.field_rules]
        )
    con.execute("create or replace table config.support_questions (question varchar)")
    if campaign.support_questions:
        con.executemany("insert into config.support_questions values (?)", [(q,) for q in campaign.support_questions])
    con.execute(
        """create or replace table config.comparable_elections (
            state varchar, office_code varchar, election_date date, purpose varchar)"""
    )
    con.executemany(
        "insert into config.comparable_elections values (?,?,?,?)",
        [(c.state, c.office_code, c.election_date, c.purpose) for c in campaign.comparables],
    )
    write_committees(con, campaign.committees)


def _need(table: dict[str, Any], key: str, source: Path, prefix: str = "") -> Any:
    if key not in table:
        raise SettingsError(f"{source}: {prefix}{key} is missing")
    return table[key]


def _day(value: object, key: str, source: Path) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise SettingsError(f"{source}: {key} is {value!r}; expected a date such as 2026-11-03") from None


def _clock(value: object, key: str, source: Path) -> time | None:
    if value is None:
        return None
    if isinstance(value, time):
        return value.replace(tzinfo=None)
    try:
        found = time.fromisoformat(str(value))
    except ValueError:
        raise SettingsError(f"{source}: {key} is {value!r}; expected a time of day such as 07:00") from None
    if found.tzinfo is not None:
        raise SettingsError(f"{source}: {key} is {value!r}; it is in campaign.time_zone, leave its own zone out")
    return found


def _share(value: object, key: str, source: Path) -> Decimal:
    share = Decimal(str(value))
    if not 0 <= share <= 1:
        raise SettingsError(f"{source}: {key} is {value}; expected a share between 0 and 1")
    return share


def _in_range(table: dict[str, Any], key: str, default: int, low: int, high: int, source: Path) -> int:
    value = int(table.get(key, default))
    if not low <= value <= high:
        raise SettingsError(f"{source}: {key} is {value}; expected {low} to {high}")
    return value
