"""dbt sets every setting of the profile anew for each model; what DuckDB takes only once must not be among them."""

from __future__ import annotations

import yaml

from orchestration.settings import PROJECT_ROOT


def test_the_folder_for_what_spills_is_given_when_the_file_is_opened() -> None:
    # As a setting it stops the model after the first one that spilled to disk: "Cannot switch temporary directory".
    text = (PROJECT_ROOT / "dbt_project" / "profiles.yml").read_text(encoding="utf-8")
    output = yaml.safe_load(text)["winnumber"]["outputs"]["duckdb"]
    assert "temp_directory" in output["config_options"]
    assert "temp_directory" not in output["settings"]
