"""A fingerprint follows the content and nothing but the content."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.publish.fingerprint import TableFingerprint, fingerprint_table, hashable

ROWS = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(-9, 9)), st.one_of(st.none(), st.sampled_from(["", "a", "é", "ab"]))),
    max_size=12,
)


def of(rows: Sequence[tuple[object, ...]], columns: str = "a integer, b varchar") -> TableFingerprint:
    with duckdb.connect() as connection:
        connection.execute(f"create table t ({columns})")
        marks = ", ".join("?" for _ in columns.split(","))
        for row in rows:
            connection.execute(f"insert into t values ({marks})", list(row))
        return fingerprint_table(connection, "t", "t")


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, data=st.data())
def test_the_order_of_rows_does_not_matter(rows: list[tuple[object, ...]], data: st.DataObject) -> None:
    assert of(rows) == of(data.draw(st.permutations(rows)))


@settings(max_examples=60, deadline=None)
@given(left=ROWS, right=ROWS)
def test_different_rows_give_different_fingerprints(
    left: list[tuple[object, ...]], right: list[tuple[object, ...]]
) -> None:
    same = sorted(map(repr, left)) == sorted(map(repr, right))
    assert (of(left) == of(right)) is same


def test_a_doubled_pair_of_rows_shows() -> None:
    assert of([(1, "a")]) != of([(1, "a"), (1, "a"), (1, "a")])


def test_columns_count_by_name_type_and_place() -> None:
    rows = [("1", "2")]
    base = of(rows, "a varchar, b varchar")
    assert base != of(rows, "a varchar, c varchar")
    assert base != of([(1, "2")], "a integer, b varchar")
    assert base != of([("2", "1")], "a varchar, b varchar")


def test_null_is_not_an_empty_text() -> None:
    assert of([(1, None)]) != of([(1, "")])


def test_the_last_digits_of_doubles_do_not_count() -> None:
    kind = "a double"
    assert of([(0.1 + 0.2,)], kind) == of([(0.3,)], kind)
    assert of([(-0.0,)], kind) == of([(0.0,)], kind)
    assert of([(0.3,)], kind) != of([(0.3000001,)], kind)
    assert of([(float("nan"),)], kind) != of([(None,)], kind)


def test_doubles_inside_nested_values_are_refused() -> None:
    with pytest.raises(ValueError, match="column scores"):
        hashable("scores", "STRUCT(a DOUBLE)")


@pytest.mark.parametrize("kind", ["VARCHAR[]", "STRUCT(a INTEGER)", "ENUM('x', 'y')", "INTERVAL"])
def test_other_types_take_part_as_text(kind: str) -> None:
    assert hashable("a", kind) == '"a"::varchar'


def test_ignored_columns_do_not_count() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t as select 1 as a, 2 as clock; create table u as select 1 as a, 3 as clock")
        assert fingerprint_table(connection, "t", "t", {"clock"}) == fingerprint_table(connection, "u", "t", {"clock"})
        assert fingerprint_table(connection, "t", "t") != fingerprint_table(connection, "u", "t")
