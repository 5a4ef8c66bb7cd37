"""Each data test between the accepted rows and the scores passes on a sound warehouse and refuses a broken one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import jinja2
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "dbt_project" / "tests"
TESTS = Path(__file__).resolve().parents[2]
SOUND = """
create table int_voters__current as select 'NC-' || i as voter_id, 'NC' as state, 's1' as split_id from range(400) r(i);
create table int_geography__splits as select 's1' as split_id, 'NC-04' as congressional_district_id,
    'NC-025' as state_senate_district_id, 'NC-withheld' as state_house_district_id;
create table district_types as select * from (values
    ('congressional_district', 2), ('state_senate_district', 3), ('state_house_district', 3)
) t(district_type, id_width);
create table int_results__certified as select * from (values
    ('NC', date '2024-11-05', 'us_president', 'D', 600, 'nc_results'),
    ('NC', date '2024-11-05', 'us_president', 'R', 400, 'nc_results')
) t(state, election_date, office_code, party_code, votes, source);
create table stg_results__county_president as select 'NC' as state, date '2024-11-05' as election_date,
    unnest(['D', 'R']) as party_code, unnest([605, 401]) as votes;
create table int_voters__people as select 'NC-1' as voter_id, true as is_protected, null::varchar as residence_address,
    null::varchar as residence_zip, null::varchar as mailing_address, null::varchar as mailing_zip,
    null::varchar as phone, null::varchar as email;
create table comparable_elections as select 'NC' as state, date '2022-11-08' as election_date, 'turnout' as purpose;
create table int_votes__elections_held as select 'NC' as state, date '2022-11-08' as election_date,
    'general' as election_type, true as is_known;
create table int_voters__features as select voter_id, state, '37001' as county_fips, '37001-01' as precinct_id,
    true as voted_in_support, substr(voter_id, 4)::integer % 2 = 0 as voted_in_training from int_voters__current;
create table int_scores__voters as select voter_id, state, 0.6::decimal(9, 6) as p_support,
    0.5::decimal(9, 6) as p_turnout from int_voters__current;
create table int_results__precinct_shares as select 'NC' as state, '37001' as county_fips, '37001-01' as precinct_id,
    600 as votes_for, 400 as votes_against;
create table support_areas as select 'precinct' as area_level, '37001-01' as area_id, 1000 as certified_votes;
"""
CORRUPTIONS = {
    "assert_every_voter_is_in_exactly_one_split":
        "insert into int_geography__splits select * from int_geography__splits",
    "assert_district_ids_have_the_width_of_their_type":
        "update int_geography__splits set congressional_district_id = 'NC-4'",
    "assert_certified_totals_are_not_doubled":
        "insert into int_results__certified select * replace ('medsl_precinct' as source) from int_results__certified",
    "assert_no_protected_voter_has_contact_data": "update int_voters__people set phone = '9195550100'",
    "assert_every_state_knows_its_training_election": "update int_votes__elections_held set election_type = 'other'",
    "assert_support_reproduces_certified_county_shares": "update int_scores__voters set p_support = 0.55",
    "assert_expected_turnout_is_near_a_comparable_election": "update int_scores__voters set p_turnout = 0.05",
    "assert_most_voters_live_in_a_precinct_with_certified_results":
        "update int_voters__features set precinct_id = '37001-1' where voter_id <> 'NC-1'",
}  # fmt: skip


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(SOUND)
        yield con


def compiled(name: str) -> str:
    template = jinja2.Environment().from_string((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))  # noqa: S701
    return template.render(ref=lambda table: table, source=lambda _, table: table, config=lambda **_: "")


def test_every_data_test_has_its_corruption_somewhere() -> None:
    """Here, beside the ledger's, or among the teams' (proved on a built warehouse in tests/pipeline)."""
    proofs = [p for p in TESTS.rglob("*.py") if p.parent.name == "corruptions" or p.name.endswith("assertions_bite.py")]
    known = set(re.findall(r"\"(assert_\w+)\"", "".join(p.read_text(encoding="utf-8") for p in proofs)))
    assert {path.stem for path in FOLDER.glob("assert_*.sql")} == known


@pytest.mark.parametrize("name", sorted(CORRUPTIONS))
def test_a_sound_warehouse_passes_and_a_corruption_is_refused(name: str, warehouse: duckdb.DuckDBPyConnection) -> None:
    assert warehouse.execute(compiled(name)).fetchall() == []
    warehouse.execute(CORRUPTIONS[name])
    assert warehouse.execute(compiled(name)).fetchall() != []


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
