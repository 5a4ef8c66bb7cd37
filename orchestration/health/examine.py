"""Every look, quick ones first: the first answer comes at once, the one that reads the whole release comes last.

Belongs here: the order, and that a look which breaks is a finding too. Does not belong here: any look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from orchestration.health import home, install, permissions, standing
from orchestration.health.findings import Finding, Level
from orchestration.settings import Settings

Look = Callable[[], Finding | Iterable[Finding]]


def examine(settings: Settings, now: datetime | None = None) -> Iterator[Finding]:
    """Every finding, good and bad, as it is made."""
    moment = now or datetime.now(UTC)
    looks: tuple[tuple[str, Look], ...] = (
        ("Python", install.python),
        ("fault points", install.fault_points),
        ("folders", lambda: permissions.writable(settings)),
        ("permissions", lambda: permissions.private(settings)),
        ("free disk", lambda: home.disk(settings)),
        ("refresh lock", lambda: home.lock(settings)),
        ("leftovers", lambda: home.leftovers(settings)),
        ("control totals", lambda: home.synthetic(settings)),
        ("storage version", lambda: home.storage_version(settings)),
        ("clock", lambda: standing.clock(settings, moment)),
        ("release by", lambda: standing.on_time(settings, moment)),
        ("what runs out", lambda: standing.expiring(settings, moment)),
        ("schedule", lambda: standing.schedule(settings, moment)),
        ("listening ports", install.ports),
        ("versions", install.locked),
        ("telemetry", lambda: install.telemetry(settings)),
        ("current release", lambda: standing.release(settings)),
    )
    for what, look in looks:
        yield from _looked(what, look)


def _looked(what: str, look: Look) -> Iterator[Finding]:
    try:
        found = look()
        yield from [found] if isinstance(found, Finding) else found
    except Exception as error:
        # Whoever asks needs the other answers most when one of them cannot be had.
        yield Finding(
            what, Level.FAIL, f"could not be looked at: {type(error).__name__}: {error}",
            "mend what it names, or report it: a look must not break",
        )  # fmt: skip
