"""How a step says how far it is; whoever runs the refresh decides where that is shown.

Belongs here: the one hook (``report``) that steps call and the handler behind it. The command
line draws it, the orchestrator logs it. Never a value from a person's record, only names and counts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Step:
    """A finished piece of work: what it was, how many rows it touched (None: not counted), how long."""

    name: str
    rows: int | None
    seconds: float
    note: str = ""

    @property
    def rows_per_second(self) -> float | None:
        """Rows per second, where rows were counted and time passed."""
        return None if not self.rows or self.seconds <= 0 else self.rows / self.seconds

    def __str__(self) -> str:
        rate = self.rows_per_second
        counted = "" if self.rows is None else f", {self.rows:,} rows"
        speed = f", {rate:,.0f} rows/s" if rate and self.seconds >= 2 else ""
        note = f" ({self.note})" if self.note else ""
        return f"{self.name}: {self.seconds:.1f} s{counted}{speed}{note}"


Handler = Callable[[Step], None]
_log = logging.getLogger("winnumber")
_handler: ContextVar[Handler | None] = ContextVar("winnumber_progress", default=None)


def report(step: Step) -> None:
    """Tell whoever listens that ``step`` is done; logged when nobody does."""
    handler = _handler.get()
    if handler is None:
        _log.info("%s", step)
    else:
        handler(step)


@contextmanager
def listening(handler: Handler) -> Iterator[None]:
    """Send every report made inside the block to ``handler``."""
    token = _handler.set(handler)
    try:
        yield
    finally:
        _handler.reset(token)


class Timed:
    """A running step; set ``rows`` and ``note`` before the block ends."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: int | None = None
        self.note = ""


@contextmanager
def timed(name: str) -> Iterator[Timed]:
    """Time a block and report it when it ends, also when it ends by an error."""
    step, started = Timed(name), perf_counter()
    try:
        yield step
    finally:
        report(Step(step.name, step.rows, perf_counter() - started, step.note))
