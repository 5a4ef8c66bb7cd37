"""Named points at which a refresh can be made to fail, so that tests can show what a failure there leaves behind.

Belongs here: the register of the points, and what happens at one that is armed. Does not belong here: recovery (each
step makes itself whole when it is run again), or anything that is done outside tests.

A point is armed by the environment: ``WINNUMBER_FAULT=<point>:<action>[:<n>]`` strikes the n-th time (the first, when
left out) that the point is passed. Actions: ``kill`` (SIGKILL to this process), ``raise``, ``enospc`` (the disk is
full), ``eacces`` (permission denied). It counts only beside ``WINNUMBER_FAULTS_ALLOWED=1``, so that nobody arms it by
accident. ``WINNUMBER_FAULT_TRACE=<file>`` notes every point passed, under the same condition.
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FAULT, ALLOWED, TRACE = "WINNUMBER_FAULT", "WINNUMBER_FAULTS_ALLOWED", "WINNUMBER_FAULT_TRACE"
ACTIONS = ("kill", "raise", "enospc", "eacces")


class FaultRaised(RuntimeError):
    """An armed fault point with the action ``raise`` was passed."""


class FaultMisnamed(ValueError):
    """``WINNUMBER_FAULT`` names no declared point or no action; the message lists them."""


@dataclass(frozen=True)
class Point:
    """One place in the code: what has happened when it is passed, and what has not. ``during``: which command."""

    name: str
    done: str
    not_yet: str
    during: str = "refresh"


POINTS: dict[str, Point] = {
    point.name: point
    for point in (
        # taking a delivery in
        Point("archive.open", "the delivery lies in landing", "no byte of it is in the archive"),
        Point("archive.copied", "its bytes are in the archive and flushed", "they have no name there"),
        Point("archive.stored", "its bytes are in the archive under their hash", "the ledger knows nothing of them"),
        Point("ledger.commit", "a change of the ledger is written", "it is not committed"),
        Point("ledger.committed", "a change of the ledger is committed", "what follows from it"),
        Point("parse.started", "an unnamed folder for the rows is made", "no row is in it"),
        Point("parse.written", "accepted rows are in the unnamed folder", "the quarantine and the ledger know nothing"),
        Point("manifest.written", "rows and manifest are whole and flushed", "their folder has no name"),
        Point("accept.named", "the folder of accepted rows has its name", "the gate has not seen them"),
        Point("accept.decide", "the gate has passed the rows", "the ledger does not say that they are in use"),
        Point("history.written", "a day's voter history is whole and flushed", "its folder has no name"),
        Point("history.named", "a day's voter history has its name", "history of replaced days is not removed"),
        # building
        Point("run.linked", "the run has its folder and build/active points to it", "it has no report"),
        Point("report.write", "a step is done", "the run's report does not say so"),
        Point("opt_outs.read", "every accepted table is open for the build", "the opt-outs are not"),
        Point("build.opened", "the warehouse under construction holds its inputs", "the report does not name them"),
        Point("dbt.features.before", "the inputs are in", "no model is built"),
        Point("dbt.features.after", "the features are built", "what dbt said of its tests is not kept"),
        Point("fit.written", "a model version is written and flushed", "its folder has no name"),
        Point("fit.stored", "a model version has its name in the store", "the build does not use it"),
        Point("fit.named", "the build uses the model versions", "the release has no name"),
        Point("dbt.goals.before", "the release has its name", "no score and no goal is built"),
        Point("dbt.goals.after", "goals and marts are built", "what dbt said of its tests is not kept"),
        Point("seal.file", "one file of the candidate is written", "the rest of the candidate is not"),
        Point("seal.described", "every file of the candidate is written", "none is flushed or measured"),
        Point("gate.examined", "every check has run", "there is no gate record"),
        Point("gate.recorded", "the gate record lies beside the candidate", "nobody has published it"),
        # publishing
        Point("publish.sweep", "the record is green", "leftovers of earlier publishes are still there"),
        Point("publish.copy", "leftovers are gone", "nothing is copied"),
        Point("publish.verify", "the copy is written and flushed", "it is not held against the record"),
        Point("publish.record", "the copy is what was audited", "it has no gate record"),
        Point("publish.rename", "the copy is whole and flushed", "it has no name"),
        Point("publish.switch", "the release has its name", "readers follow the one before"),
        Point("publish.link", "the new link lies beside the current one", "readers follow the one before"),
        Point("publish.log", "readers follow the new release", "the log of releases does not say so"),
        Point("publish.retain", "the release is current and logged", "old releases are not removed"),
        # other commands
        Point("retain.hidden", "an old release is out of sight", "it is not removed", "retention"),
        Point("retain.log", "an old release is removed", "the log of releases does not say so", "retention"),
        Point("rollback.switch", "the release asked for is intact", "readers follow the later one", "rollback"),
        Point("rollback.log", "readers follow the release asked for", "the log does not say so", "rollback"),
        Point("export.noted", "the export's intention is noted", "its file is not written", "export"),
        Point("export.file", "its file is written under a hidden name", "its members are not", "export"),
        Point("export.members", "file and members are written and flushed", "it is not on the record", "export"),
        Point("export.recorded", "it is on the record", "its file has no name", "export"),
        Point("export.named", "its file has its name", "its folder of members has none", "export"),
        Point("share.kept", "what is shown and withheld is kept", "it is not on the record", "share"),
        Point("share.recorded", "it is on the record", "its file has no name", "share"),
    )
}


class _Fault:
    """One armed point: acts the ``at``-th time it is passed."""

    def __init__(self, name: str, action: str, at: int) -> None:
        self.name, self.action, self.left = name, action, at

    def strike(self) -> None:
        self.left -= 1
        if self.left:
            return
        if self.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.action == "enospc":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), f"fault point {self.name}")
        if self.action == "eacces":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), f"fault point {self.name}")
        raise FaultRaised(self.name)


class _Trace:
    """Notes that a point was passed, one line each, in the file the environment names."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path

    def strike(self) -> None:
        with self.path.open("a", encoding="utf-8") as out:
            out.write(self.name + "\n")


def fault_point(name: str) -> None:
    """Do nothing, unless this point is armed. Costs one look into a dict that is empty outside tests."""
    armed = _armed.get(name)
    if armed is not None:
        armed.strike()


def asked_for(environment: Mapping[str, str] = os.environ) -> str | None:
    """What the environment asks for, armed or not; None in every home that is in use."""
    return environment.get(FAULT) or environment.get(TRACE) or None


@contextmanager
def armed(spec: str) -> Iterator[None]:
    """Arm one point in this process for the length of the block; for tests. Raises ``FaultMisnamed``."""
    before = dict(_armed)
    _armed.clear()
    _armed.update(_parsed(spec))
    try:
        yield
    finally:
        _armed.clear()
        _armed.update(before)


def _parsed(spec: str) -> dict[str, _Fault]:
    name, _, rest = spec.partition(":")
    action, _, at = rest.partition(":")
    if name not in POINTS:
        raise FaultMisnamed(f"{FAULT}={spec}: {name!r} is no fault point; there are: {', '.join(POINTS)}")
    if action not in ACTIONS or not (at or "1").isdigit() or int(at or 1) < 1:
        raise FaultMisnamed(f"{FAULT}={spec}: expected <point>:<{'|'.join(ACTIONS)}>[:<n, from 1>]")
    return {name: _Fault(name, action, int(at or 1))}


def _from_environment(environment: Mapping[str, str]) -> dict[str, _Fault | _Trace]:
    if environment.get(ALLOWED) != "1":
        return {}
    trace = environment.get(TRACE)
    found: dict[str, _Fault | _Trace] = {n: _Trace(n, Path(trace)) for n in POINTS} if trace else {}
    return {**found, **_parsed(environment[FAULT])} if environment.get(FAULT) else found


_armed = _from_environment(os.environ)
