"""What must hold of every bad delivery, whatever its kind.

The right verdict and reason; a message that a person can act on and that holds nothing of a record; every line and
every file accounted for; what readers hold untouched; and the same answer when asked again.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pytest
from bad_kinds import Kind
from bad_world import CANARY, CONTRACTS, SECOND, Scene, World

from orchestration.ingest.ledger import Ledger
from orchestration.ingest.legible import legible
from orchestration.ingest.run import DeliveryOutcome, deliveries_in_use, open_accepted
from orchestration.ingest.store import DamagedArchive, folder_of, read_stored

# What tells a reader what to do next: the first word of an advice.
_ADVICE = re.compile(
    r"\. (Add|Ask|Check|Compare|Correct|Declare|Fetch|Find|Give|It looks like|It will|Its folder|Lines are|Move|Name"
    r"|Put|Remove|Rename|Restore|See|The sender|This is|Values may|A sender)\b"
)
_LONGEST_MESSAGE = 4_000


def check(kind: Kind, world: World, tmp_path: Path, patch: pytest.MonkeyPatch, capfd: Any) -> None:
    """Deliver one bad delivery and assert all that must follow."""
    home = world.home(kind.source, tmp_path / "home", kind.first)
    scene = Scene(world, home, kind.source, patch)
    if kind.gate == "gx":
        from orchestration.ingest.gating import default_gate

        scene.options["gate"] = default_gate
    release = standing_release(home)
    kind.make(scene)
    before = in_use(scene) if kind.in_use else []
    if kind.verdict == "damaged":
        with pytest.raises(DamagedArchive, match=kind.said[0]):
            in_use(scene, read=True)
        return
    outcomes = scene.take()
    found = outcome_of(kind, outcomes)
    assert found.status == kind.verdict, f"{found.status}: {found.cause}"
    assert_message(kind, found)
    assert {c.check_id for c in found.checks if c.status == "warn"} >= set(kind.warned)
    assert_counts(kind, found, scene)
    assert_quarantine(kind, found, home)
    assert_every_file_is_named(scene, outcomes)
    assert standing_release(home) == release, "a published release was touched"
    if kind.verdict != "accepted" and kind.in_use:
        assert in_use(scene) == before, "what was in use is no longer in use"
    said = capfd.readouterr()
    assert_no_canary(home, outcomes, said.out + said.err)
    told = [(o.delivery_id, o.status, o.cause, o.lines, o.quarantined) for o in outcomes]
    steps = ledger_size(home)
    again = scene.take()
    assert [(o.delivery_id, o.status, o.cause, o.lines, o.quarantined) for o in again] == told, "another answer"
    assert ledger_size(home) == steps, "the ledger grew although nothing happened"
    if in_use(scene):
        in_use(scene, read=True)


def outcome_of(kind: Kind, outcomes: list[DeliveryOutcome]) -> DeliveryOutcome:
    """The outcome that the kind asks about."""
    found = [o for o in outcomes if (o.snapshot_date and o.snapshot_date.isoformat()) == kind.day]
    asked = [o for o in found if o.status == kind.verdict] or found
    assert asked, f"nothing is said about {kind.day}: {outcomes}"
    return asked[0]


def assert_message(kind: Kind, found: DeliveryOutcome) -> None:
    cause = str(found.cause or "")
    if kind.code is not None:
        assert f"[{kind.code}]" in cause, cause
    for word in kind.said:
        assert word in cause, f"{word!r} is not in: {cause}"
    assert len(cause) <= _LONGEST_MESSAGE, f"{len(cause)} characters"
    assert cause == legible(cause), "characters that cannot be seen"
    if kind.verdict in ("refused", "waiting", "passed_over"):
        assert kind.source in cause
    if kind.verdict == "refused":
        assert _ADVICE.search(cause) or "move it there" in cause, f"nothing says what to do next: {cause}"


def assert_counts(kind: Kind, found: DeliveryOutcome, scene: Scene) -> None:
    """Lines received = accepted + quarantined, in the outcome, the ledger and on disk."""
    assert found.lines == found.accepted + found.quarantined
    if kind.verdict == "accepted":
        expected = kind.lines if kind.lines is not None else good_lines(scene, kind.day) + kind.more
        assert (found.lines, found.quarantined) == (expected, kind.quarantined)
    with Ledger(scene.home / "ledger.sqlite") as ledger:
        row = ledger.delivery(found.delivery_id)
    if row is None:
        assert found.status in ("refused", "waiting", "passed_over")
        assert found.lines == 0
        return
    assert (row.lines_received or 0, row.rows_accepted or 0, row.rows_quarantined or 0) == (
        found.lines, found.accepted, found.quarantined,
    )  # fmt: skip
    stored = read_stored(scene.home, found.delivery_id)
    if stored is None:
        return
    tables = [t for t in stored.manifest["tables"].values() if not t.get("derived")]
    assert sum(t["accepted_lines"] for t in tables) == found.accepted
    for table in stored.manifest["tables"]:
        count = duckdb.sql(f"select count(*) from read_parquet('{stored.path(table)}')").fetchone()
        assert count == (stored.rows(table),)


def good_lines(scene: Scene, day: str | None) -> int:
    """Rows of the good delivery of a day (of the second one where the sample has none), counted by another parser."""
    import csv
    import io

    contract = CONTRACTS[scene.source]
    total = 0
    known = day is not None and (scene.world.sample / "landing" / scene.source / day).is_dir()
    for name, content in scene.files(day if known and day else SECOND).items():
        for table in contract.tables:
            reader = table.reader
            if reader is None or not re.search(reader.members, name):
                continue
            if reader.multiline:
                parsed = csv.reader(
                    io.StringIO(content.decode(reader.encoding), newline=""), delimiter=reader.delimiter
                )
                total += sum(1 for row in parsed if row) - reader.header
            else:
                total += content.count(b"\n") - reader.header
            break
    return total


def assert_quarantine(kind: Kind, found: DeliveryOutcome, home: Path) -> None:
    """As many lines on disk as were counted, each with its number and reason, readable by the owner alone."""
    if found.delivery_id.count("/") != 2:
        return
    folder = folder_of(home, "quarantine", found.delivery_id)
    files = sorted(folder.glob("*.parquet")) if folder.is_dir() else []
    rows = [
        row
        for path in files
        for row in duckdb.sql(f"select source_file, line_number, reason from read_parquet('{path}')").fetchall()
    ]
    assert len(rows) == found.quarantined
    assert all(name and number >= 1 and reason for name, number, reason in rows)
    for path in files:
        assert path.stat().st_mode & 0o077 == 0
    if kind.reasons:
        assert sorted({reason for *_, reason in rows}) == sorted(kind.reasons)


def assert_every_file_is_named(scene: Scene, outcomes: list[DeliveryOutcome]) -> None:
    """Every file that lies in landing stands in the ledger, or something is said about it or its folder."""
    root = scene.home / "landing" / scene.source
    said = "\n".join(str(o.cause) for o in outcomes)
    with Ledger(scene.home / "ledger.sqlite") as ledger:
        known = {
            (str(row.snapshot_date), str(file["received_name"]))
            for row in ledger.deliveries(scene.source)
            for file in ledger.files(row.id)
        }
    for folder, folders, files in os.walk(root):
        for name in [*files, *(f for f in folders if (Path(folder) / f).is_symlink())]:
            path = Path(folder) / name
            day, _, rest = path.relative_to(root).as_posix().partition("/")
            if name == ".DS_Store" or (day, legible(rest)) in known or legible(name) in said:
                continue
            above = [legible(str(p)) for p in path.relative_to(root).parents if str(p) != "."]
            assert any(f"{scene.source}/{part}" in said for part in above), f"nothing is said about {path}"


def assert_no_canary(home: Path, outcomes: list[DeliveryOutcome], printed: str) -> None:
    """No value of a record in a message, a check, the ledger, a log or a file beside the vaults."""
    assert CANARY not in repr(outcomes)
    assert CANARY not in printed
    con = sqlite3.connect(home / "ledger.sqlite")
    try:
        for (table,) in con.execute("select name from sqlite_master where type = 'table'").fetchall():
            assert CANARY not in repr(con.execute(f"select * from {table}").fetchall()), f"ledger, table {table}"
    finally:
        con.close()
    vaults = {"landing", "objects", "quarantine", "accepted", "history"}
    for path in home.rglob("*"):
        if path.is_file() and not path.is_symlink() and not vaults & set(path.relative_to(home).parts):
            assert CANARY.encode() not in path.read_bytes(), path


def standing_release(home: Path) -> list[tuple[str, str, int]]:
    """What is published, byte for byte, and what the pointer points at."""
    files = sorted(p for p in (home / "releases").rglob("*") if p.is_file())
    return [
        ("current", str((home / "current").readlink()), 0),
        *((p.name, hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns) for p in files),
    ]


def in_use(scene: Scene, read: bool = False) -> list[dict[str, Any]]:
    """The deliveries that the source's tables are made of; ``read``: and the tables themselves, to the last row."""
    contracts = {scene.source: scene.contract}
    if read:
        with duckdb.connect() as con:
            open_accepted(con, scene.home, contracts)
            for table in scene.contract.tables:
                con.execute(f"select count(columns(*)) from accepted.{table.name}").fetchall()
    if not (scene.home / "ledger.sqlite").exists():
        return []
    return deliveries_in_use(scene.home, contracts)


def ledger_size(home: Path) -> int:
    """Steps on record."""
    con = sqlite3.connect(home / "ledger.sqlite")
    try:
        return int(con.execute("select count(*) from steps").fetchone()[0])
    finally:
        con.close()
