"""Asking dbt for its version would ask the package index; ours is read from what is installed."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
from dagster_dbt.core import resource as dagster_dbt_resource
from support.refused_runs import settings_of

from orchestration.defs.resources import dbt_resource


def test_the_version_of_dbt_is_known_without_running_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(command: list[str], *_: object, **__: object) -> bytes:
        raise AssertionError(f"ran {command}")

    monkeypatch.setattr(dagster_dbt_resource, "check_output", refuse)
    assert str(dbt_resource(settings_of(tmp_path))._cli_version) == version("dbt-core")
