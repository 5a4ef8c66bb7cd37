"""Each data test on the links passes on a sound warehouse and refuses a broken one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import jinja2
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "dbt_project" / "tests"
SOUND = """
create table int_voters__current as select * from (values ('NC-1', false), ('NC-2', true)) t(voter_id, is_protected);
create table int_identity__records as select unnest(['a:1', 'a:2', 'b:1', 'b:2']) as record_id;
create table identity_links as select unnest(['a:1', 'a:2', 'b:1', 'b:2']) as record_id;
create table int_identity__links as select * from (values
    ('a:1', 'P-1', 'NC-1', 'email'), ('b:1', 'P-1', 'NC-1', 'probabilistic'), ('a:2', 'P-2', 'NC-2', 'own_id'),
    ('b:2', 'P-3', null, 'none')
) t(record_id, person_id, voter_id, match_kind);
create table int_identity__voters as select voter_id, is_protected, case when not is_protected then '12' end as
    house_number, null::varchar as street, null::varchar as unit, null::varchar as city, null::varchar as zip5,
    null::varchar as email, null::varchar as phone from int_voters__current;
create table int_identity__voter_ids as select voter_id, replace(voter_id, 'NC', 'P') as person_id
    from int_voters__current;
create table int_identity__households as select voter_id, 1 as household_size from int_voters__current;
"""
CORRUPTIONS = {
    "assert_identity_every_record_is_linked_once": (
        "insert into identity_links values ('a:1')",
        "delete from identity_links where record_id = 'b:2'",
        "insert into identity_links values ('c:1')",
    ),
    "assert_identity_no_person_has_two_voters": (
        "update int_identity__links set voter_id = 'NC-2' where record_id = 'b:1'",
        "update int_identity__links set voter_id = null where record_id = 'b:1'",
        "update int_identity__links set voter_id = 'NC-1' where record_id = 'b:2'",
        "update int_identity__links set person_id = 'P-9' where voter_id = 'NC-1'",
        "delete from int_identity__voter_ids where voter_id = 'NC-2'",
    ),
    "assert_identity_protected_voters_are_found_by_own_id_only": (
        "update int_identity__links set match_kind = 'phone' where voter_id = 'NC-2'",
        "update int_identity__voters set email = 'jane@example.org' where is_protected",
        "update int_identity__households set household_size = 2",
    ),
}


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(SOUND)
        yield con


def compiled(name: str) -> str:
    template = jinja2.Environment().from_string((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))  # noqa: S701
    return template.render(ref=lambda table: table, source=lambda _, table: table)


@pytest.mark.parametrize("name", sorted(CORRUPTIONS))
def test_a_sound_warehouse_passes(name: str, warehouse: duckdb.DuckDBPyConnection) -> None:
    assert warehouse.execute(compiled(name)).fetchall() == []


@pytest.mark.parametrize(("name", "corruption"), [(n, c) for n, some in CORRUPTIONS.items() for c in some])
def test_a_corruption_is_refused(name: str, corruption: str, warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(corruption)
    assert warehouse.execute(compiled(name)).fetchall() != []
