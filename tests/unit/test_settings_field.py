"""What is set for the field programme reaches the warehouse with its reason, and nonsense is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration import settings as config

OWN = (config.PROJECT_ROOT / "winnumber.toml").read_text(encoding="utf-8")


def load(folder: Path, text: str) -> config.Settings:
    path = folder / "winnumber.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(folder, path)


def test_rules_and_questions_become_tables(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        config.write_config(con, load(tmp_path, OWN), data_as_of=date(2026, 9, 1), release_id="20260901-x")
        rules = con.execute("select name, value, length(reason) > 20 from config.field_rules").fetchall()
        assert ("max_cost_per_net_vote_usd", Decimal("150.0000"), True) in rules
        assert all(explained for _, _, explained in rules)
        assert con.execute("select question from config.support_questions").fetchall() == [("Support 2026",)]


def test_a_rule_below_zero_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(config.SettingsError, match=r"field\.rules\.capacity_weeks is -4; expected 0 or more"):
        load(tmp_path, OWN.replace("= { value = 4,", "= { value = -4,"))


def test_a_rule_without_a_reason_is_refused(tmp_path: Path) -> None:
    with pytest.raises(config.SettingsError, match=r"field\.rules\.capacity_weeks\.reason is missing"):
        load(tmp_path, OWN.replace('value = 4, reason = "volunteers of', 'value = 4, why = "volunteers of'))
