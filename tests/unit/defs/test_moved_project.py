"""A home that one checkout has used goes on under another: nothing is looked for where the project was before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from orchestration import settings as config
from orchestration import transform


def test_a_project_that_moved_is_parsed_where_it_is_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNUMBER_HOME", str(tmp_path / "home"))
    places = [tmp_path / "before" / "dbt_project", tmp_path / "now" / "dbt_project"]
    shutil.copytree(transform.PROJECT_DIR, places[0], ignore=shutil.ignore_patterns("target", "logs"))
    found = []
    for place in places:
        if not place.exists():
            place.parent.mkdir()
            places[0].rename(place)
        monkeypatch.setattr(transform, "PROJECT_DIR", place)
        nodes = json.loads(transform.manifest(config.load()).read_text(encoding="utf-8"))["nodes"].values()
        found.append({node["root_path"] for node in nodes if node["resource_type"] == "seed"})
    assert found == [{str(place)} for place in places]
