"""What the data test on calibrated support lets pass, and what it does not; that it bites is shown on a refresh."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import jinja2
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "dbt_project" / "tests"
SOUND = """
create table int_voters__features as select 'NC-' || i as voter_id, 'NC' as state, '37001' as county_fips,
    '37001-01' as precinct_id, true as voted_in_support, i % 2 = 0 as voted_in_training from range(400) r(i);
create table int_scores__voters as select voter_id, state, 0.6::decimal(9, 6) as p_support,
    0.5::decimal(9, 6) as p_turnout from int_voters__features;
create table int_results__precinct_shares as select 'NC' as state, '37001' as county_fips, '37001-01' as precinct_id,
    600 as votes_for, 400 as votes_against;
create table support_areas as select 'precinct' as area_level, '37001-01' as area_id, 1000 as certified_votes;
"""


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(SOUND)
        yield con


def compiled(name: str) -> str:
    template = jinja2.Environment().from_string((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))  # noqa: S701
    return template.render(ref=lambda table: table, source=lambda _, table: table, config=lambda **_: "")


SUPPORT = "assert_support_reproduces_certified_county_shares"


def test_a_county_that_lost_the_voters_of_one_precinct_is_not_refused(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        """insert into int_results__precinct_shares values ('NC', '37001', '37001-02', 100, 900);
        insert into support_areas values ('precinct', '37001-02', 1000);
        insert into int_voters__features select 'NC-lone', state, county_fips, '37001-02', true, true
            from int_voters__features where voter_id = 'NC-2';
        insert into int_scores__voters values ('NC-lone', 'NC', 0.1, 0.5)"""
    )
    assert warehouse.execute(compiled(SUPPORT)).fetchall() == []


def test_a_county_whose_votes_are_known_only_as_a_whole_is_held_to_them_too(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("update support_areas set certified_votes = 0")
    assert warehouse.execute(compiled(SUPPORT)).fetchall() == []
    warehouse.execute("update int_scores__voters set p_support = 0.63")
    assert warehouse.execute(compiled(SUPPORT)).fetchall() != []
