"""What a candidate is held against: profiles of earlier releases, earlier deliveries, the senders' own counts.

Belongs here: which releases count as history, keeping and loading profiles, and the other two series. Does not belong
here: judging (``judge``), warnings and acknowledgements (``standing``).

A release is history once readers were pointed at it, and no longer once they were taken off it by a rollback: what
turned out wrong is no yardstick.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.contracts.model import Contract, Kind
from orchestration.drift.judge import DELIVERIES, JUDGED, RELEASES, STATED, insert, prepare
from orchestration.drift.profile import COLUMNS, PROFILE, write
from orchestration.ingest.ledger import Ledger
from orchestration.publish.files import put_folder
from orchestration.publish.history import events

if TYPE_CHECKING:
    import duckdb

FOLDER = "profiles"  # in the home: one folder per release
PROFILE_FILE, JUDGED_FILE = "profile.parquet", "drift.parquet"
STATED_FILE = "stated_counts.csv"
# Two months of daily releases. A profile of five states is 30 to 300 kB, and bands are medians: more would not move
# them, while the oldest one is what a slow leak is held against.
KEPT = 60


class DriftUnknown(RuntimeError):
    """History or the senders' own counts cannot be read; the message names the file and what to do."""


def standing_releases(home: Path) -> tuple[str, ...]:
    """The releases that count as history, in the order in which readers last came to them."""
    order: list[str] = []
    for event in events(home):
        if event.action == "rollback" and event.release_id in order:
            del order[order.index(event.release_id) + 1 :]
        elif event.action in ("publish", "repoint", "rollback"):
            order = [*(known for known in order if known != event.release_id), event.release_id]
    return tuple(order)


def keep(home: Path, run_folder: Path, release_id: str) -> None:
    """Put a run's profile and judgement beside those of the releases, and drop what is too old.

    Called before readers are pointed at the release: until they are, it does not count. What is there already for a
    release that counts is left as it is. A run that was not counted has nothing to keep; its gate record says so.
    """
    target = home / FOLDER / release_id
    known = standing_releases(home)
    if not (run_folder / JUDGED_FILE).exists():
        return
    if not (release_id in known and (target / PROFILE_FILE).exists()):
        (home / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = target.with_name(f".{release_id}.part")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        for name in (PROFILE_FILE, JUDGED_FILE):
            shutil.copy2(run_folder / name, partial / name)
        put_folder(partial, target)
    for folder in (home / FOLDER).iterdir():
        if folder.name not in (*known[-KEPT:], release_id):
            shutil.rmtree(folder, ignore_errors=True)


def load_releases(con: duckdb.DuckDBPyConnection, home: Path) -> tuple[str, ...]:
    """Load the kept profiles into ``drift_past`` and what was acknowledged with them into ``drift_rebased``.

    Returns the releases in order; the ordinal of the first is 1. Raises ``DriftUnknown``.
    """
    import duckdb as engine

    prepare(con)
    kept = [r for r in standing_releases(home)[-KEPT:] if (home / FOLDER / r / PROFILE_FILE).exists()]
    for number, release in enumerate(kept, start=1):
        folder = home / FOLDER / release
        try:
            con.execute(
                f"insert into drift_past select {', '.join(COLUMNS)}, '{RELEASES}', {number} from read_parquet(?)"
                " where measure not in ('delivered_rows', 'voters_against_stated')",
                [str(folder / PROFILE_FILE)],
            )
            con.execute(
                f"insert into drift_rebased select distinct measure, slice_kind, slice_value, {number}"
                " from read_parquet(?) where level = 'acknowledged'",
                [str(folder / JUDGED_FILE)],
            )
        except engine.Error as error:
            raise DriftUnknown(
                f"{folder}: the profile of release {release} cannot be read ({type(error).__name__}); restore it from "
                "a backup, or remove the folder: the release then no longer counts as history"
            ) from None
    return tuple(kept)


def load_deliveries(con: duckdb.DuckDBPyConnection, home: Path, contracts: Mapping[str, Contract]) -> None:
    """Add the rows of each whole snapshot in use to the profile, and those accepted before it to ``drift_past``."""
    past: list[Sequence[object]] = []
    today: list[Sequence[object]] = []
    path = home / "ledger.sqlite"
    if not path.exists():
        return
    with Ledger(path) as ledger:
        for contract in contracts.values():
            if contract.kind is Kind.ACCUMULATE:
                continue
            rows = [d for d in ledger.accepted(contract.id) if d.rows_accepted is not None][-KEPT - 1 :]
            kind = "roll" if contract.domain == "voter_file" else "feed"
            entries = [
                ("delivered_rows", kind, d.source, contract.state, d.source, d.snapshot_date, d.id, d.rows_accepted,
                 None, False)
                for d in rows
            ]  # fmt: skip
            today += entries[-1:]
            # Counted back from the newest, so that the last delivery of every source has the same ordinal.
            past += [(*e, DELIVERIES, KEPT - back) for back, e in enumerate(reversed(entries[:-1]))]
    insert(con, PROFILE, today)
    prepare(con, drift_past=past)


def load_stated(con: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Hold the profile against the counts that senders publish of their own files, where there are any.

    ``stated_counts.csv`` in the home: state, as_of, slice_kind, slice_value, voters, origin. A line counts for the
    voter file of exactly its day. Raises ``DriftUnknown`` when the file is not of that form.
    """
    import duckdb as engine

    path = home / STATED_FILE
    if not path.exists():
        return
    try:
        rows = con.execute(
            "select profile.state, profile.source, profile.source_date, profile.delivery_id,"
            " said.slice_value || ':' || said.slice_kind, coalesce(counted, 0), said.voters"
            " from read_csv(?, header = true, auto_detect = false, delim = ',', quote = '\"', columns = {"
            " 'state': 'varchar', 'as_of': 'date', 'slice_kind': 'varchar', 'slice_value': 'varchar',"
            " 'voters': 'bigint', 'origin': 'varchar'}) as said"
            f" inner join (select distinct state, source, source_date, delivery_id from {PROFILE}"
            " where measure = 'fingerprint') as profile on profile.state = said.state"
            " and profile.source_date = said.as_of"
            f" left join (from {PROFILE} where measure = 'voters') as counts"
            " on counts.slice_kind = said.slice_kind and counts.slice_value = said.slice_value",
            [str(path)],
        ).fetchall()
    except engine.Error as error:
        raise DriftUnknown(
            f"{path}: expected the columns state, as_of (YYYY-MM-DD), slice_kind, slice_value, voters and origin "
            f"({type(error).__name__}); correct the file or remove it"
        ) from None

    def entry(row: Sequence[object], count: object) -> Sequence[object]:
        state, source, day, delivery, value = row[:5]
        return "voters_against_stated", "slice", value, state, source, day, delivery, count, None, False

    insert(con, PROFILE, [entry(row, row[5]) for row in rows])
    prepare(con, drift_past=[(*entry(row, row[6]), STATED, 1) for row in rows])


def write_results(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the profile and its judgement into a run's folder, for its owner alone."""
    write(con, PROFILE, folder / PROFILE_FILE)
    write(con, JUDGED, folder / JUDGED_FILE)
