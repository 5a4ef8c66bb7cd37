"""Small pictures as SVG text: a bar per run, and a line per check.

Belongs here: drawing numbers. Does not belong here: what they mean. Colours are the page's own, by class.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from zoneinfo import ZoneInfo

from orchestration.pages.summary import Summary

_WIDTH, _HEIGHT, _GAP = 52, 96, 8


def trend(runs: Sequence[Summary], zone: ZoneInfo) -> str:
    """A column per run: what failed, what was waived and what only warned, on one scale; below it what became of it."""
    # Starting times are told in the zone, as everywhere on the page.
    most = max((_failed(r) + r.waived + r.warned for r in runs), default=0)
    wide, tall = len(runs) * (_WIDTH + _GAP), _HEIGHT + 44
    parts = [f'<line class="axis" x1="0" x2="{wide}" y1="{_HEIGHT + 14}" y2="{_HEIGHT + 14}"/>']
    for number, run in enumerate(runs):
        left, top = number * (_WIDTH + _GAP), float(_HEIGHT + 14)
        said = f"{run.page}: {_failed(run)} failed, {run.waived} waived, {run.warned} warned of {run.checks} checks"
        parts.append(f"<g><title>{escape(said)}</title>")
        for kind, count in (("warned", run.warned), ("waived", run.waived), ("failed", _failed(run))):
            if count:
                # A single one must be seen beside hundreds.
                height = max(4.0, _HEIGHT * count / most)
                top -= height
                parts.append(
                    f'<rect class="{kind}" x="{left}" y="{top:.1f}" width="{_WIDTH}" height="{height:.1f}" rx="2"/>'
                )
        total = _failed(run) + run.waived + run.warned
        parts.append(_text(left + _WIDTH / 2, top - 4, str(total), "count"))
        mark, kind = ("✓", "good") if run.is_green or run.outcome == "green" else ("✗", "bad")
        parts.append(_text(left + _WIDTH / 2, _HEIGHT + 28, f"{mark} {run.started(zone):%m-%d}", kind))
        parts.append(_text(left + _WIDTH / 2, _HEIGHT + 41, f"{run.started(zone):%H:%M}", "hour"))
        parts.append("</g>")
    return (
        f'<svg class="trend" viewBox="0 0 {wide} {tall}" width="{wide}" height="{tall}" role="img" '
        f'aria-label="Checks that did not pass, last {len(runs)} runs">{"".join(parts)}</svg>'
    )


def sparkline(counts: Sequence[int]) -> str:
    """One line over the runs, oldest first, from nothing up to its largest; the last one as a dot."""
    most = max([*counts, 1])
    step = 132 / max(len(counts) - 1, 1)
    points = [(4 + n * step, 26 - 22 * c / most) for n, c in enumerate(counts)]
    if len(points) == 1:
        points = [(4.0, points[0][1]), (136.0, points[0][1])]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    said = f"rows that broke it, run by run: {', '.join(f'{c:,}' for c in counts)}"
    return (
        f'<svg class="spark" viewBox="0 0 142 30" width="142" height="30" role="img" aria-label="{escape(said)}">'
        f"<title>{escape(said)}</title>"
        f'<polyline points="{path}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/></svg>'
    )


def _failed(run: Summary) -> int:
    return run.failed + run.tests_failed


def _text(x: float, y: float, said: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(said)}</text>'
