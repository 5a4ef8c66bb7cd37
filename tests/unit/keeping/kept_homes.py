"""A small but real home: two voter snapshots with history, a quarantined line, a published release, runs on record."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

from orchestration import settings as config
from orchestration.gates import record as gate
from orchestration.gates import record_file
from orchestration.publish.releases import publish_demanded
from orchestration.publish.seal import seal
from orchestration.settings import PROJECT_ROOT, Settings

sys.path.insert(0, str(Path(__file__).parents[1] / "ingest"))
sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))
from ingest_support import DAY1, DAY2, drop, people, take, text
from publish_samples import (
    CHECKS,
    FILES,
    GATE_KEY,
    build_database,
    demanded,
    information,
    make_home,
    outcomes,
    record_words,
)

RELEASE = "20260902-0000abcd"
RUN = "0f0f0f0f-run"


def build_home(home: Path) -> Path:
    """The home, with everything in it that a backup must know how to treat."""
    make_home(home)  # with the key of its gate
    drop(home, DAY1, text(people(30)))
    drop(home, DAY2, text([*people(31, newest=DAY2), ["x", "Odd", "Line", "01", "10000", "2020-01-01", "XX"]]))
    outcomes = take(home, _lenient())
    assert [o.status for o in outcomes] == ["accepted", "accepted"], [o.cause for o in outcomes]
    run = home / "build" / RUN
    candidate = _candidate(run)
    publish_demanded(candidate, candidate / "gate.json", home, demanded, by="tests")
    (run / "report.json").write_text(json.dumps({"run_id": RUN, "who": "cli", "started_at": "2026-09-02T05:00:00"}))
    (home / "build" / "active").symlink_to(RUN)
    (home / "control_totals.csv").write_text("state\n")
    (home / "models" / "turnout" / "turnout-1").mkdir(parents=True)
    (home / "models" / "turnout" / "turnout-1" / "card.json").write_text("{}")
    _database(home / "dagster" / "history" / "runs.db")
    (home / "dagster" / "storage").mkdir()
    (home / "dagster" / "storage" / "log.out").write_text("made anew")
    (home / "releases" / ".incoming-x").mkdir()
    (home / "releases" / ".incoming-x" / "half.duckdb").write_text("half")
    return home


def settings_of(home: Path) -> Settings:
    """The project's own settings for a home."""
    return config.load(home, PROJECT_ROOT / "winnumber.toml")


def files_of(home: Path) -> dict[str, bytes]:
    """Every file and link below a home; databases by their content, which a copy may lay out otherwise."""
    found: dict[str, bytes] = {}
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        if path.is_symlink():
            found[name] = str(path.readlink()).encode()
        elif path.is_file() and not name.endswith(("-wal", "-shm")):
            found[name] = _dump(path) if name.endswith((".sqlite", ".db")) else path.read_bytes()
    return found


def _dump(path: Path) -> bytes:
    con = sqlite3.connect(path)
    try:
        return "\n".join(con.iterdump()).encode()
    finally:
        con.close()


def _lenient():  # type: ignore[no-untyped-def]
    from ingest_support import contract

    return contract(maxQuarantinedShare=0.5, maxColumnChangeShare=1.0)


def _database(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as con:
        con.execute("pragma journal_mode = wal")
        con.execute("create table runs (run_id text)")
        con.execute("insert into runs values ('a')")
    con.close()


def _candidate(run: Path) -> Path:
    build = build_database(run / "warehouse.duckdb", 1)
    sealed = seal(build, FILES, run / "candidate", information(RELEASE))
    record = gate.build(sealed, CHECKS, outcomes(), **record_words())  # type: ignore[arg-type]
    record_file.write(record, run / "candidate" / "gate.json", GATE_KEY)
    return run / "candidate"
