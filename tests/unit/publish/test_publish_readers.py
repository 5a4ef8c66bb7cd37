"""Readers in processes of their own, in a loop through twenty publishes and a rollback: whole releases, no error."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from publish_samples import demanded

from orchestration.publish.releases import publish_demanded, retain, rollback

Candidate = Callable[..., Path]
KINDS = ("warehouse", "people", "parquet")
PUBLISHES = 20

# Reads as an analyst does, with nothing of the project: the current release by its plain path, over and over. Every
# row of a release says its batch, and there are 20 + batch rows: a mixture of two would show in either.
READER = """
import json, sys, time
from pathlib import Path
import duckdb
home, kind = Path(sys.argv[1]), sys.argv[2]
timeline, stop = home / "timeline", home / "stop"
counts = {"reads": 0, "torn": 0, "stale": 0, "errors": 0, "releases": [], "said": []}
def events():
    return [line.split() for line in timeline.read_text().splitlines()]
def file(name, table):
    total = "max(votes)" if table == "goals" else "sum(person_id::int)"
    with duckdb.connect(str(home / "current" / name), read_only=True) as con:
        return con.execute(
            "select count(*), min(batch), max(batch), (select list(release_id) from release), "
            f"(select {total} from {table}) from {table}").fetchone()
def parquet():
    folder = (home / "current").resolve() / "parquet"
    with duckdb.connect() as con:
        return con.execute(
            f"select count(*), min(batch), max(batch), (select list(release_id) from '{folder}/release.parquet'), "
            f"max(votes) from '{folder}/goals.parquet'").fetchone()
while not stop.exists():
    try:
        before = events()
        row = parquet() if kind == "parquet" else file(kind + ".duckdb", {"warehouse": "goals"}.get(kind, kind))
        after = events()
        rows, low, high, releases, total = row
        counts["reads"] += 1
        sums_hold = low == high and rows == 20 + low and total == rows * (rows - 1) // 2
        whole = sums_hold and releases == [f"20260901-{low:08x}"]
        counts["torn"] += not whole
        done = [at for at, (what, _) in enumerate(before) if what == "done"]
        allowed = {before[done[-1]][1]} | {name for what, name in after[done[-1]:]}
        counts["stale"] += releases[0] not in allowed
        if releases[0] not in counts["releases"][-1:]:
            counts["releases"].append(releases[0])
    except Exception as error:
        counts["errors"] += 1
        counts["said"].append(f"{type(error).__name__}: {error}"[:300])
print(json.dumps(counts))
"""


def published(folder: Path, home: Path) -> None:
    publish_demanded(folder, folder / "gate.json", home, demanded)


@pytest.mark.faults
def test_readers_see_only_whole_releases_through_twenty_publishes_and_a_rollback(
    candidate: Candidate, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [candidate(batch, rows=20 + batch) for batch in range(1, PUBLISHES + 2)]
    names = [f"20260901-{batch:08x}" for batch in range(1, PUBLISHES + 2)]
    home.mkdir(exist_ok=True)
    timeline = home / "timeline"

    def note(what: str, name: str) -> None:
        with timeline.open("a") as out:
            out.write(f"{what} {name}\n")

    published(folders[0], home)
    note("done", names[0])
    readers = [
        subprocess.Popen([sys.executable, "-c", READER, str(home), kind], stdout=subprocess.PIPE, text=True)
        for kind in KINDS
    ]
    try:
        time.sleep(1)  # until they read
        for folder, name in zip(folders[1:], names[1:], strict=True):
            note("begun", name)
            published(folder, home)
            note("done", name)
            retain(home, keep=5)
            time.sleep(0.1)
        note("begun", names[-2])
        rollback(home, reason="a bad day", by="Ada")
        note("done", names[-2])
        time.sleep(0.5)
    finally:
        (home / "stop").touch()
        said = {kind: reader.communicate(timeout=60)[0] for kind, reader in zip(KINDS, readers, strict=True)}
    counts = {kind: json.loads(text) for kind, text in said.items()}
    with capsys.disabled():
        for kind, found in counts.items():
            print(f"\n{kind}: " + ", ".join(f"{found[c]} {c}" for c in ("reads", "torn", "stale", "errors")), end="")
    for kind, found in counts.items():
        assert (found["torn"], found["stale"], found["errors"]) == (0, 0, 0), (kind, found["said"][:3])
        assert found["reads"] > PUBLISHES
        assert len(found["releases"]) > PUBLISHES // 4, "the readers were not there while it was published"
        assert found["releases"][-1] == names[-2]
