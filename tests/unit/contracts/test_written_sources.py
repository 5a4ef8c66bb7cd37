"""What the refresh writes for dbt says what it was made from: lineage goes through it, or stops at it with an error."""

from __future__ import annotations

from pathlib import Path

import yaml

MODELS = Path(__file__).parents[3] / "dbt_project" / "models"


def test_every_written_table_says_what_it_is_made_from() -> None:
    silent = []
    for path in MODELS.rglob("*.yml"):
        for source in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("sources") or ():
            shared = (source.get("config") or {}).get("meta") or {}
            for table in source["tables"]:
                said = {**shared, **((table.get("config") or {}).get("meta") or {})}
                # A delivered table carries its contract's permitted use instead.
                if "made_from" not in said and "permitted_use" not in said:
                    silent.append(f"{path.name}: {source['name']}.{table['name']}")
    assert silent == [], "add `config: {meta: {made_from: [models it is computed from]}}`"
