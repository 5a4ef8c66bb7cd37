"""What the reading commands gather from the home folder, as plain rows; nothing is changed here."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from orchestration import demands
from orchestration.refresh import Report
from orchestration.settings import Paths, Settings


def overview(settings: Settings) -> dict[str, Any]:
    """What readers see, how fresh it is, what the last refresh came to, who is refreshing."""
    from orchestration.health.synthetic import synthetic_world
    from orchestration.publish.lock import current_holder
    from orchestration.publish.releases import current_release

    live = current_release(settings.paths.home)
    holder = current_holder(settings.paths.lock)
    world = synthetic_world(settings.paths.home, demands.delivered())
    return {
        "serving": (
            {"release_id": live.release_id, "data_as_of": live.data_as_of, "built_at": live.built_at,
             "path": str(live.path)} if live else None
        ),
        "running": asdict(holder) if holder else None,
        "last_refresh": _last_refresh(settings, running=holder is not None),
        "synthetic_world": asdict(world) | {"sentence": world.sentence} if world else None,
        "sources": _sources(settings),
    }  # fmt: skip


def _last_refresh(settings: Settings, running: bool) -> dict[str, Any] | None:
    reports = [Report.read(p.parent) for p in settings.paths.build.glob("*/report.json") if not p.parent.is_symlink()]
    found = sorted((r for r in reports if r is not None), key=lambda r: r.started_at)
    if not found:
        return None
    last = found[-1]
    causes = [f"{r['source']}: {r['cause']}" for r in last.refused] + last.gate_causes
    if last.published:
        outcome = f"published {last.release_id}" if last.published == "published" else f"{last.release_id} unchanged"
    elif last.refused:
        outcome = "a delivery was refused"
    elif last.gate_causes:
        outcome = "the gate refused"
    else:
        outcome = "still running" if running else "did not finish"
    return {
        "run_id": last.run_id, "who": last.who, "started_at": last.started_at, "outcome": outcome, "causes": causes,
    }  # fmt: skip


def newest_run(settings: Settings, start: str | None = None) -> str | None:
    """The id of the newest run whose build is kept, or of the one whose id starts so; None when there is none."""
    from orchestration.deadline import reports

    found = [r.run_id for r in reports(settings) if start is None or r.run_id.startswith(start)]
    return found[-1] if found else None


def _sources(settings: Settings) -> list[dict[str, Any]]:
    from orchestration.ingest.ledger import Ledger, Status

    path = settings.paths.home / "ledger.sqlite"
    if not path.exists():
        return []
    rows = []
    with Ledger(path) as ledger:
        for source in demands.delivered():
            known = ledger.deliveries(source)
            if not known:
                continue
            good = [d for d in known if d.status == Status.ACCEPTED]
            bad = [d for d in known if d.status == Status.REFUSED]
            newest = max(good, key=lambda d: d.snapshot_date, default=None)
            later = [d for d in bad if newest is None or d.snapshot_date >= newest.snapshot_date]
            rows.append(
                {
                    "source": source,
                    "in use": newest.snapshot_date.isoformat() if newest else "none",
                    "deliveries": len(good),
                    "rows accepted": newest.rows_accepted if newest else 0,
                    "quarantined": newest.rows_quarantined if newest else 0,
                    "refused since": f"{later[0].snapshot_date}: {later[0].cause}" if later else "",
                }
            )
    return rows


def delivery_rows(settings: Settings, source: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest deliveries, one row each."""
    from orchestration.ingest.ledger import Ledger

    path = settings.paths.home / "ledger.sqlite"
    if not path.exists():
        return []
    with Ledger(path) as ledger:
        return [
            {
                "delivery": d.id,
                "status": str(d.status),
                "lines": d.lines_received,
                "accepted": d.rows_accepted,
                "quarantined": d.rows_quarantined,
                "received_at": d.received_at,
                "cause": d.cause or "",
            }
            for d in ledger.deliveries(source, limit=limit)
        ]


def quarantine_rows(settings: Settings, delivery: str) -> list[dict[str, Any]]:
    """Why lines of ``delivery`` were quarantined, by file and reason; LookupError when it is not known."""
    import duckdb

    from orchestration.ingest.ledger import Ledger

    home = settings.paths.home
    with Ledger(home / "ledger.sqlite") as ledger:
        if ledger.delivery(delivery) is None:
            raise LookupError(f"no delivery is called {delivery!r}; `winnumber deliveries` lists them")
    source, day, digest = delivery.split("/")
    files = sorted((settings.paths.archive / "quarantine" / source).glob(f"{day}*{digest}*/*.parquet"))
    if not files:
        return []
    with duckdb.connect() as con:
        cursor = con.execute(
            "select source_file, reason, count(*) as lines, min(line_number) as first_line, "
            "max(line_number) as last_line from read_parquet(?, union_by_name = true) "
            "group by all order by lines desc, source_file, reason",
            [[str(f) for f in files]],
        )
        names = [d[0] for d in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def gate_record(paths: Paths, release: str | None) -> dict[str, Any] | None:
    """The gate record of a release, of the current one, or of a refused run by its id."""
    places = (
        [paths.current / "gate.json"]
        if release is None
        else [paths.releases / release / "gate.json", *paths.build.glob(f"{release}*/candidate/gate.json")]
    )
    for place in places:
        if place.exists():
            record: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
            return record
    return None
