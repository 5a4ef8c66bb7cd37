"""A refresh of the sample links the people of every feed as well as is promised, against the sample's truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.sample import feeds

PRECISION, RECALL = 0.995, 0.90


@pytest.fixture(scope="module")
def built(refreshed_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(refreshed_home / "build" / "active" / "warehouse.duckdb"), read_only=True) as con:
        yield con


def test_the_links_of_all_feeds_keep_the_promise(refreshed_home: Path) -> None:
    (card,) = (json.loads(path.read_text()) for path in (refreshed_home / "models" / "identity").glob("*/card.json"))
    measured = card["measured"]
    assert measured["precision"] >= PRECISION
    assert measured["recall"] >= RECALL
    assert measured["without_own_id"]["precision"] >= PRECISION
    # Every feed that the truth speaks of has been linked; FEC's individuals are nobody's to link.
    assert set(measured["by_source"]) <= {*feeds.FEEDS}
    assert len(measured["by_source"]) >= 9


def test_the_links_and_their_card_are_part_of_the_release(built: duckdb.DuckDBPyConnection) -> None:
    rows = built.execute(
        "select model_name, model_version from models.model_cards where model_name like 'identity%' order by all"
    ).fetchall()
    assert [name for name, _ in rows] == ["identity", "identity_weights"]
    used = built.execute("select distinct model_version from intermediate.int_identity__links").fetchall()
    assert used == [rows[0][1:]]


def test_fec_individuals_are_in_no_record(built: duckdb.DuckDBPyConnection) -> None:
    sources = built.execute("select distinct source from intermediate.int_identity__records").fetchall()
    assert not [source for (source,) in sources if source.startswith("fec")]


def test_people_without_a_voter_keep_out_of_the_voter_file(built: duckdb.DuckDBPyConnection) -> None:
    people, strangers = built.execute(
        """select count(*), count(*) filter (where voter_id is null and person_id like 'P-%')
        from intermediate.int_identity__people"""
    ).fetchall()[0]
    assert 0 < strangers < people / 4
