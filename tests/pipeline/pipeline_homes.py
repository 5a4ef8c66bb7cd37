"""Running `winnumber` as its users do, and building an expensive home once for all test processes."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.settings import PROJECT_ROOT

SHARED_DATA = Path(os.environ.get("WINNUMBER_SHARED_DATA") or PROJECT_ROOT.parent / "shared" / "data")
DATABASES = ("warehouse", "people", "texting", "fundraising", "organizing")  # files of a release
DAYS = ("2026-09-01", "2026-09-02", "2026-09-03")
COMMAND = str(Path(sys.executable).with_name("winnumber"))


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Its standard output as one JSON document."""
        return json.loads(self.out)


def environment(home: Path) -> dict[str, str]:
    """The environment of a user whose home is ``home``; compiled modules are kept, or start-up doubles."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE" and not k.startswith("WINNUMBER_")}
    return kept | {"WINNUMBER_HOME": str(home), "DAGSTER_HOME": str(home / "dagster"), "DO_NOT_TRACK": "1"}


def winnumber(home: Path, *words: str, expect: int | None = 0) -> Ran:
    """Run the command line; fails with everything it said unless it exits with ``expect``."""
    done = subprocess.run(
        [COMMAND, *words], env=environment(home), cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
        timeout=900,
    )  # fmt: skip
    log = home / "build" / "refresh.log"
    if expect is not None and done.returncode != expect:
        tail = log.read_text()[-4000:] if "refresh" in words and log.exists() else ""
        raise AssertionError(
            f"winnumber {' '.join(words)} exited with {done.returncode}\n{done.stdout}\n{done.stderr}{tail}"
        )
    return Ran(done.returncode, done.stdout, done.stderr)


def once(folder: Path, build: Callable[[Path], None]) -> Path:
    """Build ``folder`` in the first test process that asks; the others wait for it.

    A build that failed is not tried again by the next process: it fails there with the same words.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    done, failed = folder.with_name(f"{folder.name}.done"), folder.with_name(f"{folder.name}.failed")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if failed.exists():
            raise AssertionError(failed.read_text())
        if not done.exists():
            try:
                build(folder)
            except BaseException as error:
                failed.write_text(f"{folder.name} could not be built: {error}")
                raise
            done.touch()
    return folder


def deliver(sample: Path, home: Path, day: str | None = None, source: str | None = None) -> None:
    """Copy what a sample delivers into a home's landing folder.

    ``day``: only this day's snapshots of people and their history; without it everything that is not a later day's.
    """
    for folder in sorted((sample / "landing").glob("*/*")):
        wanted = folder.name == day if day else folder.name not in DAYS[1:]
        if wanted and source in (None, folder.parent.name):
            shutil.copytree(folder, home / "landing" / folder.parent.name / folder.name)
    home.mkdir(parents=True, exist_ok=True)
    for name in ("control_totals.csv", "control_totals.files.json"):
        shutil.copy(sample / name, home / name)


def copy_home(home: Path, target: Path) -> Path:
    """A home of its own with the same archive, ledger, models and releases; builds and events stay behind."""
    left = shutil.ignore_patterns("build", "dagster", "*.lock")
    return Path(shutil.copytree(home, target, symlinks=True, ignore=left))


def standing(home: Path) -> dict[str, Any]:
    """What is published: the current release, all releases, their bytes and the log of publishing."""
    return {
        "current": (home / "current").readlink().name,
        "gate": json.loads((home / "current" / "gate.json").read_text())["files"],
        "files": {
            str(p.relative_to(home)): [p.stat().st_size, p.stat().st_mtime_ns, p.stat().st_ino]
            for p in sorted((home / "releases").rglob("*"))
            if p.is_file()
        },
        "log": (home / "releases.jsonl").read_text(),
    }
