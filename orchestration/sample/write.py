"""Writes a whole sample: state by state, a few counties at a time, all days and sources."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl

from . import (
    boundary,
    certified,
    contacts,
    counties,
    crowd,
    days,
    feeds,
    geography,
    people,
    reference,
    results_medsl,
    results_nc,
    results_oh,
    results_va,
    targets,
    truth,
    voting,
)
from .fields import Chunk
from .fl import Florida
from .nc import NorthCarolina
from .oh import Ohio
from .pa import Pennsylvania
from .plan import STATE_SIZE, SamplePlan, SampleReport
from .tally import Tally
from .va import Virginia

Progress = Callable[[str, int], None]
# People held at once per state (a larger county is held whole).
CHUNK = 250_000
# Two states at a time: the work is mostly outside the interpreter's lock.
AT_ONCE = 2
WRITERS: dict[str, Callable[[SamplePlan, geography.Geography, Path], Writer]] = {
    "NC": NorthCarolina,
    "OH": Ohio,
    "FL": Florida,
    "VA": Virginia,
    "PA": Pennsylvania,
}
RESULTS = {"NC": results_nc, "OH": results_oh, "FL": results_medsl, "VA": results_va, "PA": results_medsl}


class Writer(Protocol):
    """What a state's module offers."""

    def write(self, number: int, chunk: Chunk, votes: voting.Votes, snapshot: days.Snapshot) -> None:
        """Appends a chunk to the files of a day."""

    def close(self) -> None:
        """Finishes the files."""


@dataclass(frozen=True)
class _Written:
    tally: Tally
    precincts: int
    contacts: list[pl.DataFrame]


def write_sample(plan: SamplePlan, landing: Path, truth_folder: Path, progress: Progress | None = None) -> SampleReport:
    """Writes the deliveries under `landing/<source>/<date>/` and the truth under `truth_folder`.

    Beside `landing`, `control_totals.csv` holds what this world certified, `control_totals.files.json` for which files.

    The same plan gives byte-identical files. `progress` is called with a state and the number of voters just
    written. Raises ValueError for a plan that cannot be met and FileExistsError when `landing` holds files.
    """
    began = time.perf_counter()
    if landing.exists() and any(landing.iterdir()):
        raise FileExistsError(f"{landing} is not empty; give a new folder or empty it first")
    table = None if plan.results is None else targets.read(plan.results)
    shares = plan.split()
    # Sizes and leans first: a plan that cannot be met fails before anything is written.
    built = {state: counties.build(state, shares[state], plan.seed, table) for state in plan.states}
    truth_folder.mkdir(parents=True, exist_ok=True)
    largest_first = sorted(plan.states, key=lambda state: -STATE_SIZE[state])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = {
            state: pool.submit(_state, plan, built[state], landing, truth_folder, progress) for state in largest_first
        }
        written = {state: jobs[state].result() for state in plan.states}
    reference.write([written[state].tally for state in plan.states], landing, plan.seed, plan.first_day.year)
    certified.write([written[state].tally for state in plan.states], landing.parent / "control_totals.csv")
    boundary.write(landing, landing.parent / "control_totals.files.json")
    parts = [part for state in plan.states for part in written[state].contacts]
    everybody = crowd.assemble(parts, plan.voters, plan.seed)
    truth.write_links(
        (feeds.feed(name).write(everybody, plan, landing) for name in feeds.FEEDS), everybody, truth_folder
    )
    texting = ("hustle", "spoke", "thrutext")
    truth.write_responses((feeds.responses(name, everybody, plan) for name in texting), truth_folder)
    feeds.lifts(plan).write_parquet(truth_folder / "ad_lifts.parquet", statistics=False)
    files = [path for path in sorted(landing.rglob("*")) if path.is_file()]
    return SampleReport(
        voters=shares,
        precincts={state: written[state].precincts for state in plan.states},
        ballots_2024={state: _ballots_2024(written[state].tally) for state in plan.states},
        files=len(files),
        bytes=sum(path.stat().st_size for path in files),
        seconds=time.perf_counter() - began,
    )


def _state(
    plan: SamplePlan, built: counties.Counties, landing: Path, truth_folder: Path, progress: Progress | None
) -> _Written:
    """All files of one state."""
    geo = geography.build(built, plan.seed)
    newcomers = days.newcomers(plan, geo)
    starts = people.serial_starts(geo, newcomers.sum(axis=0))
    tally = Tally(plan, geo)
    writer: Writer = WRITERS[geo.state](plan, geo, landing)
    parts: list[pl.DataFrame] = []
    contact_parts: list[pl.DataFrame] = []
    try:
        for number, group in enumerate(groups(built.voters)):
            inhabitants = people.build(plan, geo, number, group, newcomers)
            days.register_today(plan, geo, inhabitants)
            chunk = Chunk(inhabitants, starts)
            votes = voting.build(plan, geo, inhabitants)
            tally.add(inhabitants, votes)
            changes = days.draw_changes(plan, geo, inhabitants, votes)
            for day in range(1, plan.days + 1):
                snapshot = days.view(plan, geo, inhabitants, changes, day)
                writer.write(day, chunk, votes, snapshot)
                if day == 1:
                    parts.append(truth.people_truth(chunk, geo, votes, snapshot))
                    contact_parts.append(contacts.draw(plan, geo, chunk, votes, snapshot))
            if progress is not None:
                progress(geo.state, int(built.voters[group.start : group.stop].sum()))
    finally:
        writer.close()
    tally.finish()
    RESULTS[geo.state].write(tally, landing)
    truth.write(parts, tally, truth_folder)
    return _Written(tally, len(geo.precinct_code), contact_parts)


def groups(voters: np.ndarray) -> list[range]:
    """Consecutive counties with at most CHUNK voters together."""
    groups: list[range] = []
    start, held = 0, 0
    for county, count in enumerate(voters.tolist()):
        if held and held + count > CHUNK:
            groups.append(range(start, county))
            start, held = county, 0
        held += count
    groups.append(range(start, len(voters)))
    return groups


def _ballots_2024(tally: Tally) -> int:
    election = next(item for item in tally.elections() if item.day.year == 2024)
    return int(tally.ballots[election.number].sum())
