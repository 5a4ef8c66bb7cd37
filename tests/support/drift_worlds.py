"""Synthetic electorates that live on from day to day, counted as a candidate is: for the tests of drift.

Nobody is modelled, only counts: cells of county, party and status, with what a quiet day does to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb
import numpy as np

from orchestration.drift import judge
from orchestration.drift.profile import COLUMNS, PROFILE, electorate

FIRST_DAY = date(2026, 8, 1)
PARTIES, STATUSES = ("D", "N", "R"), ("active", "inactive")
# Shares of a cell per day: leave the roll, come to it, and change cell within the state.
LEAVE, COME, CHANGE = 0.0003, 0.0003, 0.0004
COVERED = {"score": 0.99, "vote_history": 0.8, "vote_at_the_last_comparable": 0.6, "household": 1.0}
FEEDS = (
    ("contact_points", "origin", "sms:van", "van", 6_000),
    ("contact_points", "origin", "mail:voter_file", None, 90_000),
    ("gifts", "source", "actblue", "actblue", 4_000), ("donors", "source", "actblue", "actblue", 1_500),
    ("texted", "vendor", "spoke", "spoke", 2_000), ("ad_rows", "platform", "meta:dma", "meta_insights", 3_000),
    ("opt_outs", "channel", "sms", None, 400), ("opt_out_contacts", "source", "spoke:sms", "spoke", 420),
    ("delivered_rows", "feed", "van", "van", 20_000),
)  # fmt: skip
ELECTIONS = ("2022-11-08:general", "2024-11-05:general")


@dataclass
class World:
    """A state of ``counties`` counties; ``size`` voters in the median one. ``live`` moves it on by days."""

    counties: int = 100
    size: int = 8_000
    seed: int = 1
    state: str = "NC"
    day: date = FIRST_DAY
    growth: float = 0.0
    cells: np.ndarray = field(init=False)
    feeds: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        voters = self.size * np.exp(self.rng.normal(0, 1, self.counties))
        lean = self.rng.dirichlet((4, 3, 5), self.counties)
        status = np.array([0.9, 0.1])
        self.cells = np.rint(voters[:, None, None] * lean[:, :, None] * status).astype(np.int64)
        self.feeds = np.array([size for *_, size in FEEDS], dtype=np.int64)

    @property
    def source(self) -> str:
        """The voter file's name."""
        return f"{self.state.lower()}_voters"

    def live(self, days: int = 1) -> World:
        """Move on by days: people leave, come and change their cell; feeds grow by half a percent a day."""
        for _ in range(days):
            flat = self.cells.reshape(-1)
            moving = self.rng.binomial(flat, CHANGE)
            into = self.rng.multinomial(int(moving.sum()), flat / flat.sum())
            come = self.rng.poisson(flat * (COME + self.growth))
            flat = np.maximum(flat - moving - self.rng.binomial(flat, LEAVE) + come, 0) + into
            self.cells = flat.reshape(self.cells.shape)
            self.feeds = self.feeds + self.rng.poisson(self.feeds * 0.005)
        self.day += timedelta(days=days)
        return self

    def profile(self, con: duckdb.DuckDBPyConnection) -> None:
        """Count today into the table that a candidate's counts stand in."""
        county, party, status = np.meshgrid(*(range(n) for n in self.cells.shape), indexing="ij")
        cells = {
            "c": county.ravel(), "p": party.ravel(), "s": status.ravel(), "voters": self.cells.ravel(),
            "fingerprint": self.rng.integers(1, 2**40, self.cells.size),
        }  # fmt: skip
        con.register("drift_world", cells)
        parties, statuses = (f"{list(names)}" for names in (PARTIES, STATUSES))
        con.execute(
            f"create or replace temp table drift_cells as select '{self.state}' as state,"
            f" '37' || lpad((2 * c + 1)::varchar, 3, '0') as county_fips, {parties}[p + 1] as party_code,"
            f" {statuses}[s + 1] as status, county_fips || '-' || (c + p) % 9 as precinct_id,"
            f" '{self.state}-' || lpad((c % 14)::varchar, 2, '0') as congressional_district_id,"
            f" '{self.state}-' || lpad((c % 50)::varchar, 3, '0') as state_senate_district_id,"
            f" '{self.state}-' || lpad(c::varchar, 3, '0') as state_house_district_id,"
            " voters, voters as with_municipality, voters - voters // 200 as with_birth_year,"
            " voters as with_registration_date, fingerprint from drift_world where voters > 0"
        )
        con.unregister("drift_world")
        voters = int(self.cells.sum())
        delivery = f"{self.source}/{self.day}"
        con.execute(
            f"create or replace temp table {PROFILE} as"
            f" select {', '.join(f'{c}::{k} as {c}' for c, k in COLUMNS.items())} from ("
            f" select *, '{self.source}' as source, date '{self.day}' as source_date, '{delivery}' as delivery_id"
            f" from ({electorate()}))"
        )
        rows: list[tuple[object, ...]] = []

        def add(measure: str, kind: str, value: str, source: str | None, count: int, base: int | None = None) -> None:
            of_state = self.state if value.startswith(self.state) else None
            rows.append((measure, kind, value, of_state, source, self.day, f"{source}/{self.day}", count, base, False))

        for number, size in enumerate(self.cells.sum(axis=(1, 2))):
            for what, share in COVERED.items():
                place = f"{self.state}:37{2 * number + 1:03}"
                add(f"with_{what}", "county", place, self.source, round(share * size), int(size))
        for back, election in enumerate(reversed(ELECTIONS)):
            add("votes", "election", f"{self.state}:{election}", self.source, round((0.6 - 0.1 * back) * voters))
            add("certified_rows", "election", f"{self.state}:{election[:10]}:nc_results", "nc_results", 5_000)
            add("certified_votes", "election", f"{self.state}:{election[:10]}:nc_results", "nc_results", 90_000)
        for (measure, kind, value, source, _), count in zip(FEEDS, self.feeds, strict=True):
            add(measure, kind, value, source, int(count))
        add("delivered_rows", "roll", self.source, self.source, voters)
        add("voters_against_stated", "slice", f"{self.state}:state", self.source, voters)
        for source in (self.source, "nc_results", "van", "actblue", "spoke", "meta_insights"):
            add("age", "source", source, source, 0, 3)
        judge.insert(con, PROFILE, rows)
        # The sender's own count is of the same day.
        con.execute("delete from drift_past where series = ?", [judge.STATED])
        con.execute(
            f"insert into drift_past select *, ?, 1 from {PROFILE} where measure like '%_stated'", [judge.STATED]
        )


_SERIES = f"case measure when 'delivered_rows' then '{judge.DELIVERIES}' else '{judge.RELEASES}' end"


def open_world() -> duckdb.DuckDBPyConnection:
    """An empty bench: the inputs of a judgement, without history."""
    con = duckdb.connect()
    con.execute("set threads = 1")
    judge.prepare(con)
    return con


def publish(con: duckdb.DuckDBPyConnection, ordinal: int) -> None:
    """Make the profile in ``con`` history: the release (and delivery) of this number."""
    con.execute(
        f"insert into drift_past select *, {_SERIES}, {ordinal} from {PROFILE} where measure not like '%_stated'"
    )


def fired(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Judge, and name the checks that do not pass, as the gate record names them."""
    from orchestration.drift.checks import check_id

    judge.judge(con)
    rows = con.execute(
        f"select distinct measure || '_by_' || slice_kind, level from {judge.JUDGED} where level in ('warn', 'error')"
    ).fetchall()
    return {check_id(name, level) for name, level in rows}


def lived(days: int, *, step: int = 1, **world: object) -> tuple[World, duckdb.DuckDBPyConnection]:
    """A world with ``days`` published releases behind it, and today's profile counted one step later."""
    con, made = open_world(), World(**world)  # type: ignore[arg-type]
    for ordinal in range(1, days + 1):
        made.profile(con)
        publish(con, ordinal)
        made.live(step)
    made.profile(con)
    return made, con
