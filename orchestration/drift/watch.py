"""The watch over one candidate: count, load history, judge, and hand on what was found.

Belongs here: the order of these steps, and where their results stand. Does not belong here: any of the steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.contracts.model import Contract
from orchestration.drift import checks, history, judge, profile
from orchestration.drift.standing import Acknowledgement, Slice, Standing

if TYPE_CHECKING:
    import duckdb

    from orchestration.gates.checks import CheckResult


@dataclass(frozen=True)
class Watch:
    """One candidate under watch: its home, its build database and folder, its name, and the moment of the run."""

    home: Path
    database: Path
    folder: Path
    release_id: str
    now: datetime

    @property
    def at(self) -> str:
        """The moment as the ledger writes it."""
        return self.now.isoformat(timespec="seconds")

    @property
    def ledger(self) -> Path:
        """Where warnings and acknowledgements are kept."""
        return self.home / "ledger.sqlite"


def look(watch: Watch, contracts: Mapping[str, Contract]) -> list[str]:
    """Profile and judge the build, write both into the run's folder; returns the notes for the release.

    A release that readers were already pointed at keeps the judgement of then: the same inputs say the same.
    Raises ``DriftUnknown`` when history cannot be read.
    """
    import duckdb

    kept = watch.home / history.FOLDER / watch.release_id
    with duckdb.connect(str(watch.database), read_only=True) as con:
        profile.take(con)
        con.execute(
            "create or replace temp table drift_places as select state || ':' || county_fips as code,"
            " county_name as name from seeds.counties"
        )
        if watch.release_id in history.standing_releases(watch.home) and (kept / history.JUDGED_FILE).exists():
            con.execute(
                f"create or replace temp table {judge.JUDGED} as select * from read_parquet(?)",
                [str(kept / history.JUDGED_FILE)],
            )
        else:
            releases = history.load_releases(con, watch.home)
            history.load_deliveries(con, watch.home, contracts)
            history.load_stated(con, watch.home)
            with Standing(watch.ledger) as standing:
                _load_standing(con, standing, releases, watch.at)
            judge.judge(con)
        history.write_results(con, watch.folder)
        rows = checks.outside(con)
    with Standing(watch.ledger) as standing:
        return notes(rows, standing.acknowledgements())


def results(watch: Watch) -> dict[str, CheckResult]:
    """The results of the drift checks, from what ``look`` wrote; opens, keeps and closes warnings in the ledger.

    None when nothing was counted: the checks then could not be evaluated, and the gate says so.
    """
    if not (watch.folder / history.JUDGED_FILE).exists():
        return {}
    with opened(watch.folder) as con:
        rows = checks.outside(con)
        with Standing(watch.ledger) as standing:
            said = {key for a in standing.acknowledgements() if a.release_id == watch.release_id
                    for key, _ in a.observed}  # fmt: skip
            warned = {key_of(r) for r in rows if r["level"] == "warn"} - said
            releases = history.standing_releases(watch.home)
            before = next((r for r in reversed(releases) if r != watch.release_id), None)
            standing.see(warned, watch.release_id, before, watch.at)
            return checks.answers(con, standing.open_warnings(), watch.now)


def markdown(folder: Path, shown: int = 20) -> str:
    """What is out of its band, the worst first, as a Markdown table for those who look at the gate."""
    if not (folder / history.JUDGED_FILE).exists():
        return "not counted"
    with opened(folder) as con:
        rows = checks.outside(con)
    if not rows:
        return "every count is in its band"
    lines = ["| level | slice | against | observed | expected | allowed | owner |", "|---|---|---|---:|---:|---|---|"]
    for row in rows[:shown]:
        level = "error" if row["level"] == "error" else "warn"
        name = f"{row['measure']}_by_{row['slice_kind']}: {row['shown']}"
        lines.append(
            f"| {row['level']} | {name} | {row['against']} | {row['observed']} | {row['expected']}"
            f" | {checks.allowed(row, level)} | {row['owner']} |"
        )
    return "\n".join([*lines, *([f"\nand {len(rows) - shown} more"] if len(rows) > shown else [])])


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the profile and the judgement of a run's or a release's folder.

    Raises FileNotFoundError when there is none.
    """
    import duckdb

    con = duckdb.connect()
    for table, name in ((profile.PROFILE, history.PROFILE_FILE), (judge.JUDGED, history.JUDGED_FILE)):
        if not (folder / name).exists():
            raise FileNotFoundError(f"{folder / name}: the candidate was not counted; run the refresh again")
        con.execute(f"create temp table {table} as select * from read_parquet(?)", [str(folder / name)])
    return con


def key_of(row: Mapping[str, Any]) -> Slice:
    """The slice a judged row is about."""
    return row["measure"], row["slice_kind"], row["slice_value"]


def covers(target: str, row: Mapping[str, Any]) -> bool:
    """Whether what a person acknowledges names a judged row.

    ``target``: a check (`drift.voters_by_county`, with or without its level), slices of it
    (`voters_by_county:NC` for the state, `voters_by_county:NC:37001` for one), `source:nc_voters` or `state:NC`.
    Opt-outs are only named slice by slice.
    """
    name = f"{row['measure']}_by_{row['slice_kind']}"
    slice_name = f"{name}:{row['slice_value']}"
    wanted = target.removeprefix("drift.")
    if row["measure"].startswith("opt_out"):
        return wanted == slice_name
    for column in ("source", "state"):
        if wanted.startswith(f"{column}:"):
            return bool(row[column] == wanted.removeprefix(f"{column}:"))
    wanted = wanted.removesuffix(".error").removesuffix(".warn")
    return wanted == name or slice_name == wanted or slice_name.startswith(f"{wanted}:")


def notes(rows: Sequence[Mapping[str, Any]], said: Sequence[Acknowledgement]) -> list[str]:
    """What the release says of changes that a person acknowledged: who, why and how many slices."""
    acknowledged = {key_of(r) for r in rows if r["level"] == "acknowledged"}
    found = []
    for word in reversed(said):
        covered = {key for key, _ in word.observed} & acknowledged
        if covered:
            found.append(f"acknowledged: {word.target} ({len(covered)} slices) by {word.by_whom}: {word.reason}")
            acknowledged -= covered
    return found


def _load_standing(con: duckdb.DuckDBPyConnection, standing: Standing, releases: Sequence[str], at: str) -> None:
    ordinals = {release: number for number, release in enumerate(releases, start=1)}
    pinned = [(*w.key, ordinals[w.release_before]) for w in standing.open_warnings()
              if w.release_before in ordinals]  # fmt: skip
    # What was acknowledged in a release that readers were pointed at counts from there on, whatever was said of its
    # end; in a candidate that was refused, it counts while it is in force.
    rebased = [(*key, ordinals[a.release_id]) for a in standing.acknowledgements() if a.release_id in ordinals
               for key, _ in a.observed]  # fmt: skip
    in_force = [(*key, observed) for a in standing.acknowledgements(at) for key, observed in a.observed]
    judge.prepare(con, drift_pinned=pinned, drift_rebased=rebased, drift_acknowledged=in_force)
