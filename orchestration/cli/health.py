"""What `winnumber doctor` prints: each finding as soon as it is made."""

from __future__ import annotations

from collections.abc import Iterable

from orchestration.cli.show import say
from orchestration.health.findings import Finding, Level

_MARK = {Level.OK: "ok  ", Level.WARN: "warn", Level.FAIL: "FAIL"}


def show(findings: Iterable[Finding], quiet: bool) -> list[Finding]:
    """Print findings one by one (with ``quiet`` only those that ask for something); returns all of them."""
    seen = []
    for finding in findings:
        seen.append(finding)
        if quiet and finding.level is Level.OK:
            continue
        say(f"{_MARK[finding.level]}  {finding.what}: {finding.found}")
        if finding.level is not Level.OK and finding.do:
            say(f"      {finding.do}")
    return seen
