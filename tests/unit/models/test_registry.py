from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest
from support.durability import watching

from orchestration.faults import FaultRaised, armed
from orchestration.models.registry import ModelVersion, open_models, store, stored

CELLS = {
    "turnout_points": pl.DataFrame(
        {"state": ["NC"], "feature": ["age"], "bin": ["50"], "points": [0.123457], "training_voters": [7]}
    )
}


def test_a_version_is_named_after_what_it_depends_on(tmp_path: Path) -> None:
    first = store(tmp_path, "turnout", ["data", 1], CELLS, {})
    again = store(tmp_path, "turnout", ["data", 1], CELLS, {})
    other = store(tmp_path, "turnout", ["data", 2], CELLS, {})
    assert first.version.startswith("turnout-")
    assert (first.is_new, again.is_new, other.is_new) == (True, False, True)
    assert first.version == again.version != other.version
    assert [v.version for v in stored(tmp_path, "turnout")] == sorted([first.version, other.version])


def test_a_stored_version_is_never_changed(tmp_path: Path) -> None:
    first = store(tmp_path, "turnout", "data", CELLS, {"target": "first"})
    again = store(tmp_path, "turnout", "data", CELLS, {"target": "second"})
    assert again.card["target"] == first.card["target"] == "first"


def test_a_half_written_version_is_not_found(tmp_path: Path) -> None:
    version = store(tmp_path, "turnout", "data", CELLS, {})
    (version.folder / "card.json").unlink()
    assert stored(tmp_path, "turnout") == []
    assert store(tmp_path, "turnout", "data", CELLS, {}).is_new


def test_the_tables_are_opened_with_exact_decimals_and_their_version(tmp_path: Path) -> None:
    version = store(tmp_path, "turnout", "data", CELLS, {"target": "voted"})
    with duckdb.connect() as con:
        open_models(con, tmp_path, [version])
        row = con.execute("select typeof(points), points::varchar, model_version from models.turnout_points")
        assert row.fetchall() == [("DECIMAL(12,6)", "0.123457", version.version)]
        cards = con.execute("select model_name, model_version, card from models.model_cards").fetchall()
    assert cards[0][:2] == ("turnout", version.version)
    assert '"target": "voted"' in cards[0][2]


def test_a_version_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = ModelVersion("turnout", "turnout-00000000", tmp_path, {}, is_new=False)
    with duckdb.connect() as con, pytest.raises(FileNotFoundError, match="turnout-00000000"):
        open_models(con, tmp_path, [gone])


def test_a_version_is_flushed_before_it_has_its_name_and_one_that_was_interrupted_leaves_nothing(
    tmp_path: Path,
) -> None:
    with pytest.raises(FaultRaised), armed("fit.written:raise"):
        store(tmp_path, "turnout", 1, CELLS, {})
    assert stored(tmp_path, "turnout") == []
    with watching(tmp_path, "fit.stored") as watch:
        made = store(tmp_path, "turnout", 1, CELLS, {})
    assert watch.faults == []
    assert [p.name for p in watch.named] == [made.version]
    assert [p.name for p in (tmp_path / "models" / "turnout").iterdir()] == [made.version]
