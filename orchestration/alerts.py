"""What is said when a refresh did not publish, and where it is sent.

The message holds what a person needs at five in the morning: what stopped it, where, and what
readers still see. Never a value from a person's record.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from orchestration.refresh import Report
from orchestration.settings import Settings

_log = logging.getLogger("winnumber")


@dataclass(frozen=True)
class Message:
    """A failed refresh in words: ``text`` for people, the rest for machines."""

    text: str
    run_id: str
    causes: tuple[str, ...]
    serving: str | None


def failure_message(settings: Settings, *, run_id: str, steps: Sequence[str]) -> Message:
    """Say why run ``run_id`` failed and which release stays live."""
    from orchestration.publish.releases import current_release

    report = Report.read(settings.paths.build / run_id)
    causes: list[str] = []
    if report is not None:
        causes += [f"{r['source']}: {r['cause']}" for r in report.refused]
        causes += report.gate_causes
    if not causes:
        causes = [f"step {step} failed" for step in steps] or ["the run failed before its first step"]
    live = current_release(settings.paths.home)
    serving = live.release_id if live else None
    stays = f"release {serving} stays live" if serving else "nothing was ever published"
    return Message(
        f"winnumber refresh {run_id[:8]} did not publish; {stays}. " + " | ".join(causes),
        run_id,
        tuple(causes),
        serving,
    )


def send(webhook: str | None, message: Message) -> bool:
    """Post the message as JSON to ``webhook``; a failure to send is logged, never raised."""
    if not webhook:
        return False
    import httpx

    try:
        httpx.post(webhook, json=asdict(message), timeout=10).raise_for_status()
    except httpx.HTTPError as error:
        _log.error("could not tell the webhook: %s", type(error).__name__)
        return False
    return True
