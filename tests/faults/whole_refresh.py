"""Running the real `winnumber refresh` so that it can be killed, and looking at what it left behind."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from support.seeds import SEED

from orchestration.publish import history
from orchestration.publish.candidate import Sealed
from orchestration.publish.lock import current_holder
from orchestration.publish.releases import verify_release
from orchestration.settings import PROJECT_ROOT

COMMAND = str(Path(sys.executable).with_name("winnumber"))
LATER = "2026-09-02"
KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (minus the signal), what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Its standard output as one JSON document."""
        return json.loads(self.out)


def environment(home: Path, fault: str | None = None, trace: Path | None = None) -> dict[str, str]:
    """A user's environment; compiled modules are kept, or start-up doubles."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE" and not k.startswith("WINNUMBER_")}
    said = {"WINNUMBER_HOME": str(home), "DAGSTER_HOME": str(home / "dagster"), "DO_NOT_TRACK": "1"}
    if fault or trace:
        said["WINNUMBER_FAULTS_ALLOWED"] = "1"
    if fault:
        said["WINNUMBER_FAULT"] = fault
    if trace:
        said["WINNUMBER_FAULT_TRACE"] = str(trace)
    return kept | said


def start(
    home: Path, *words: str, fault: str | None = None, trace: Path | None = None, powerless: bool = False
) -> subprocess.Popen[str]:
    """Start a command in a process group of its own, so that dbt can be killed with it.

    ``powerless``: as root without root's power over permissions.
    """
    return subprocess.Popen(
        [COMMAND, *words], env=environment(home, fault, trace), cwd=PROJECT_ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=_give_up_power if powerless else None,
    )  # fmt: skip


def _give_up_power() -> None:
    """Drop what lets root pass over permissions: DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER."""
    for capability in (1, 2, 3):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP; counts from the exec that follows


def end(process: subprocess.Popen[str], timeout: float = 900) -> Ended:
    """Wait for a command; nothing of its group is left when this returns."""
    try:
        out, err = process.communicate(timeout=timeout)
    finally:
        kill_group(process)
    return Ended(process.returncode, out, err)


def run(home: Path, *words: str, fault: str | None = None, trace: Path | None = None, powerless: bool = False) -> Ended:
    """Run a command to its end, or to the fault."""
    return end(start(home, *words, fault=fault, trace=trace, powerless=powerless))


def kill_group(process: subprocess.Popen[str]) -> None:
    """SIGKILL to a command and all it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def lives_on(process: subprocess.Popen[str], patience: float = 20.0) -> bool:
    """Whether anything of a dead command's group is still there after ``patience`` seconds."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True


def wait_for(path: Path, process: subprocess.Popen[str], patience: float = 600) -> None:
    """Wait until a running command has made what ``path`` (a pattern below its parent) names."""
    until = time.monotonic() + patience
    while not list(path.parent.glob(path.name)):
        assert process.poll() is None, "it ended before it came so far"
        assert time.monotonic() < until
        time.sleep(0.05)


def deliver(sample: Path, home: Path, *, later: bool = False) -> None:
    """Copy what a sample delivers on the first day, or on the second, into a home."""
    for folder in sorted((sample / "landing").glob("*/*")):
        if (folder.name == LATER) is later:
            shutil.copytree(folder, home / "landing" / folder.parent.name / folder.name)
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(sample / "control_totals.csv", home / "control_totals.csv")


def with_second_day(world: Path, home: Path) -> Path:
    """A copy of the world's home with the second day in landing, nothing of it taken in."""
    left = shutil.ignore_patterns("dagster", "*.lock", "*-*-*-*-*")  # the last are folders of runs
    shutil.copytree(world / "home", home, symlinks=True, ignore=left)
    (home / "build" / "active").unlink(missing_ok=True)
    deliver(world / "sample", home, later=True)
    return home


def content(home: Path) -> dict[tuple[str, str], tuple[int, str, str]]:
    """(file, table) of the current release -> rows and hashes, after checking it against its own record."""
    sealed: Sealed = verify_release(home)
    return {
        (file.name, table.name): (table.rows, table.schema_hash, table.content_hash)
        for file in sealed.databases
        if file.content is not None
        for table in file.content.tables
    }


def nameless(home: Path) -> list[str]:
    """Whatever lies about under a hidden name where deliveries, models and releases are kept."""
    kept = ("archive", "models", "releases")
    found = [p for name in kept for p in (home / name).rglob(".*")]
    found += [*home.glob(".current*"), *(home / "build").glob(".*")]
    return sorted(str(p.relative_to(home)) for p in found)


@dataclass
class Reads:
    """What readers of a home saw. ``wrong``: torn or failed reads, in words."""

    releases: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@contextmanager
def reading(home: Path, pause: float = 0.3) -> Iterator[Reads]:
    """Open every file of the current release over and over, as a reader does, for the length of the block."""
    reads, stop = Reads(), threading.Event()

    def loop() -> None:
        while not stop.is_set():
            try:
                reads.releases.append(_read_once(home))
            except Exception as error:
                reads.wrong.append(f"{type(error).__name__}: {error}")
            stop.wait(pause)

    reader = threading.Thread(target=loop)
    reader.start()
    try:
        yield reads
    finally:
        stop.set()
        reader.join()


def _read_once(home: Path) -> str:
    folder = (home / "current").resolve()
    seen: set[str] = set()
    for path in sorted(folder.glob("*.duckdb")):
        with duckdb.connect(str(path), read_only=True) as con:
            seen |= {str(row[0]) for row in con.execute("select release_id from release").fetchall()}
    if seen != {folder.name}:
        raise AssertionError(f"the files of {folder.name} say {sorted(seen)}")
    return folder.name


def each_once(names: Sequence[str]) -> list[str]:
    """The names in the order they appeared, repetitions left out."""
    return list(dict.fromkeys(names))


def resumed(home: Path, run_id: str, first: str, last: str, point: str) -> int:
    """Do some steps of a run (see ``resume.py``) in a process that dies at ``point``; its exit code."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("resume.py")), run_id, first, last], cwd=PROJECT_ROOT,
        env=environment(home, killing(point)), check=False, capture_output=True, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert done.returncode in (0, KILLED), done.stderr
    return done.returncode


def killing(point: str) -> str:
    """``point``, or ``point:n``, as a fault that kills."""
    name, _, at = point.partition(":")
    return f"{name}:kill:{at or 1}"


def assert_untouched(home: Path, expected: dict[tuple[str, str], tuple[int, str, str]], where: str) -> None:
    """The current release is whole and says what it said; nobody is refreshing."""
    assert content(home) == expected, f"after {where} (seed {SEED})"
    assert current_holder(home / "refresh.lock") is None, f"after {where} (seed {SEED})"


def assert_converged(home: Path, undisturbed: Path, old: str, reads: Reads) -> None:
    """A home published what an undisturbed one did, nothing lies about, and its readers saw only whole releases."""
    new = (undisturbed / "current").readlink().name
    assert (home / "current").readlink().name == new, f"seed {SEED}"
    assert content(home) == content(undisturbed), f"seed {SEED}"
    assert [e.release_id for e in history.events(home)] == [old, new]
    assert history.tampered_lines(home) == ()
    assert nameless(home) == nameless(undisturbed) == []
    assert reads.wrong == []
    assert each_once(reads.releases) == [old, new]
    print(f"{len(reads.releases)} reads of every file, none torn, none failed (seed {SEED})")
