"""The page of one run, written: `reports/run-<first digits>.html`, and under its release's name too when it published.

Belongs here: reading what a page needs, rendering it, writing it where readers may open it. Does not belong here: what
the page says (`gate_view`) and how it looks (`gate.html.j2`).

Pages lie beside the releases and not in them: a release's files are bound by its record and never change, while the
page of a run is written before it is published, and again when it is known what became of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from orchestration import demands, transform
from orchestration.gates.checks import Check
from orchestration.gates.record import GateRecord
from orchestration.gates.record_file import trusted
from orchestration.pages import summary
from orchestration.pages.affected import descent
from orchestration.pages.gate_view import Gathered, template_folder, view
from orchestration.publish.candidate import GATE_JSON, RELEASE_JSON
from orchestration.publish.files import write_atomically
from orchestration.refresh import Report
from orchestration.settings import Settings
from orchestration.trouble import troubles


def page_path(home: Path, name: str) -> Path:
    """Where the page of a release or run lies."""
    return home / summary.FOLDER / f"{name}.html"


def write_page(settings: Settings, run_id: str) -> Path:
    """Write the page of run ``run_id`` as things stand now, of its release, and the index; returns where it lies.

    Raises LookupError when nothing is known of the run.
    """
    home = settings.paths.home
    given = gather(settings, run_id)
    made = summary.summarise(given.report, given.record)
    summary.keep(home, made)
    content = _render("gate.html.j2", page=view(given))
    for name in [made.page, *([made.release_id] if made.is_green else [])]:
        write_atomically(page_path(home, name), content)
    write_atomically(page_path(home, "index"), _render("index.html.j2", runs=summary.kept(home)[::-1], zone=given.zone))
    return page_path(home, made.page)


def find_page(settings: Settings, name: str | None) -> Path | None:
    """The page of a release or of a run (its id or the first digits); of the newest run when no name is given."""
    home = settings.paths.home
    runs = [s for s in summary.kept(home) if name is None or name == s.page or s.run_id.startswith(name)]
    paths = [page_path(home, s.page) for s in runs]
    if name is not None and any(name == s.release_id and s.is_green for s in summary.kept(home)):
        paths.append(page_path(home, name))
    return next((p for p in reversed(paths) if p.exists()), None)


def gather(settings: Settings, run_id: str) -> Gathered:
    """Read what the page of a run is made from; raises LookupError when nothing is known of it."""
    home, folder = settings.paths.home, settings.paths.build / run_id
    report = Report.read(folder)
    if report is None:
        raise LookupError(f"{folder} holds no report: no such run is kept; `winnumber status` names the last one")
    candidate = folder / "candidate"
    record = trusted(candidate / GATE_JSON, settings.paths.home)
    serving, since, before = _readers(settings, report)
    checks: Mapping[str, Check] = {c.check_id: c for c in demands.candidate_checks()}
    sources = _sources(candidate / RELEASE_JSON)
    return Gathered(
        report, record, before, troubles(settings, run_id) if record is None else [], checks, demands.delivered(),
        descent(transform.parsed(settings) / "manifest.json", demands.published()),
        summary.last(home, summary.summarise(report, record)), sources, _deliveries(home, sources),
        settings.campaign.name, ZoneInfo(settings.campaign.time_zone), serving, since,
    )  # fmt: skip


def _readers(settings: Settings, report: Report) -> tuple[str | None, str | None, GateRecord | None]:
    """What readers see, since when it was built, and the record of the release before this run's."""
    from orchestration.publish.errors import DamagedRelease
    from orchestration.publish.releases import current_release, list_releases

    try:
        live = current_release(settings.paths.home)
    except DamagedRelease:
        live = None
    others = [r for r in list_releases(settings.paths.home) if r.release_id != report.release_id]
    # Of a run that is published already the one before it; of any other what readers see, which is the newest or
    # what they were sent back to.
    before = live if live is not None and live.release_id != report.release_id else (others[-1] if others else None)
    record = trusted(before.path / GATE_JSON, settings.paths.home) if before else None
    return (live.release_id, live.built_at, record) if live else (None, None, record)


def _sources(path: Path) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["sources"]
    except (OSError, ValueError, KeyError):
        return []
    return found


def _deliveries(home: Path, sources: list[dict[str, Any]]) -> dict[str, Any]:
    from orchestration.ingest.ledger import Ledger

    if not (home / "ledger.sqlite").exists():
        return {}
    with Ledger(home / "ledger.sqlite") as ledger:
        return {name: ledger.delivery(name) for name in (str(s["delivery_id"]) for s in sources)}


def _render(template: str, **values: object) -> bytes:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template(template).render(**values).encode()
