"""`universes.yaml` says what can be meant, or is refused with file, line and key; the models follow from it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import duckdb
import jinja2
import pytest

from orchestration.contracts.load import ROOT, load_contracts
from orchestration.outreach.compiled import members_sql, universe_models
from orchestration.outreach.universes import UniversesError, load_universes

CONDITIONS = """\
conditions:
  active: {means: active, column: voter_scores.is_active, is: "=", value: true}
  ours: {means: ours, column: voter_scores.p_support, is: ">=", threshold: gotv_support_min}
"""
UNIVERSE = """\
universes:
  - id: one
    name: One
    owner: field
    purpose: voter_contact
    yields: gotv
    channels: [walk, sms]
    contests: all
    why: because
    who: {all: [active, ours]}
"""


def read(folder: Path, text: str):
    path = folder / "universes.yaml"
    path.write_text(text, encoding="utf-8")
    return load_universes(path)


def test_the_projects_own_file_is_sound_and_its_models_are_checked_in() -> None:
    for relative, text in universe_models().items():
        assert (ROOT.parent / relative).read_text(encoding="utf-8") == text, "run `make derived`"


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("voter_scores.is_active", "voter_scores.is_ative", 2, "voter_scores has no column 'is_ative'"),
        ("voter_scores.is_active", "voter_score.is_active", 2, "no published table is called 'voter_score'"),
        ("voter_scores.is_active", "contests.state", 2, "its rows are about no person"),
        ("value: true", "value: 1", 2, "is_active is of type boolean"),
        ('is: "=", value: true', 'is: ">", value: true', 2, "compare it with = or <>"),
        ("gotv_support_min", "gotv_suport_min", 3, "no threshold 'gotv_suport_min'"),
        ("threshold: gotv_support_min", "value: high", 3, "p_support is of type number"),
        ("threshold: gotv_support_min", "value: 0.5, threshold: gotv_support_min", 3, "either a value or a threshold"),
        ('is: ">="', "is: about", 3, "'about' is not known"),
        ('is: ">="', "is: within days", 3, "a threshold is a number"),
        ('is: ">=", threshold: gotv_support_min', "is: within days, value: 30", 3, "needs a column of dates"),
        ('is: ">=", threshold: gotv_support_min', "is: is known, value: 3", 3, "takes neither"),
        ("means: ours, ", "", 3, "means is missing"),
        ("  ours:", "  state:", 3, "a column of every universe"),
        ("[active, ours]", "[active, our]", 13, "no condition is called 'our'"),
        ("{all: [active, ours]}", "{all: [active]}", 3, "no universe names this condition"),
        ("{all: [active, ours]}", "{all: [active, ours], any: [ours]}", 13, "expected the name of a condition"),
        ("{all: [active, ours]}", "{most: [active, ours]}", 13, "unknown key 'most'"),
        ("purpose: voter_contact", "purpose: fundraising", 8, "fundraising is not a use of voter_scores"),
        ("purpose: voter_contact", "purpose: fun", 8, "'fun' is not known"),
        ("[walk, sms]", "[walk, fax]", 10, "'fax' is not known"),
        ("contests: all", "contests: [mayor]", 11, "'mayor' is not known"),
        ("id: one", "id: One", 5, "is not a name"),
        ("yields: gotv", "yeilds: gotv", 9, "unknown key 'yeilds'"),
        ("    owner: field\n", "", 5, "owner is missing"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(
    tmp_path: Path, before: str, after: str, line: int, said: str
) -> None:
    text = CONDITIONS + UNIVERSE
    assert before in text
    with pytest.raises(UniversesError) as refused:
        read(tmp_path, text.replace(before, after, 1))
    assert str(refused.value).startswith(f"universes.yaml, line {line}, ")
    assert said in str(refused.value)


def test_an_id_or_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UniversesError, match="used twice"):
        read(tmp_path, CONDITIONS + UNIVERSE + UNIVERSE.removeprefix("universes:\n"))
    with pytest.raises(UniversesError, match="line 4, active: the key stands here twice"):
        read(tmp_path, CONDITIONS + "  active: {}\n" + UNIVERSE)


def test_a_missing_or_empty_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UniversesError, match="no such file"):
        load_universes(tmp_path / "universes.yaml")
    with pytest.raises(UniversesError, match="is empty"):
        read(tmp_path, "# nothing\n")
    with pytest.raises(UniversesError, match="not valid YAML"):
        read(tmp_path, "conditions: [\n")


RULES = """\
conditions:
  known: {means: sex known, column: voter_scores.sex, is: is known}
  woman: {means: woman, column: voter_scores.sex, is: in, value: [F]}
  other: {means: "it's the other side", column: voter_scores.is_other_party_behaviour, is: "<>", value: false}
  low: {means: low, column: voter_scores.p_turnout, is: "<", value: 0.5}
  texted: {means: has a number, column: contact_points.channel, is: "=", value: sms}
universes:
  - {id: either, name: E, owner: o, purpose: voter_contact, yields: none, channels: [mail], contests: all, why: w,
     who: {any: [woman, {all: [other, {not: low}]}]}}
  - {id: unsure, name: U, owner: o, purpose: voter_contact, yields: none, channels: [mail], contests: all, why: w,
     who: {not: known}}
  - {id: reachable, name: R, owner: o, purpose: voter_contact, yields: none, channels: [sms], contests: all, why: w,
     who: texted}
"""
PEOPLE = """
create table voter_scores as select * from (values
    ('A', 'F', false, 0.9), ('B', 'M', true, 0.9), ('C', 'M', true, 0.1), ('D', null, null, null)
) t (voter_id, sex, is_other_party_behaviour, p_turnout);
create table contact_points as select * from (values
    ('A', 'sms'), ('A', 'sms'), ('A', 'mail'), ('B', 'mail'), ('P-1', 'sms')) t (person_id, channel);
create table int_universes__people as select id as person_id, case when id <> 'P-1' then id end as voter_id,
    id as household_id, 'NC' as state, '37001' as county_fips, 's' as split_id
from (values ('A'), ('B'), ('C'), ('D'), ('P-1')) t (id);
create table thresholds as select 'x' as name, 1 as value;
"""


def test_conditions_combine_by_all_any_and_not_and_an_unknown_value_meets_none(tmp_path: Path) -> None:
    sql = members_sql(read(tmp_path, RULES))
    rendered = jinja2.Environment().from_string(sql).render(ref=lambda t: t, source=lambda _, t: t)  # noqa: S701
    with duckdb.connect() as con:
        con.execute(PEOPLE)
        found = con.execute(f"select universe_id, person_id, conditions_met from ({rendered}) order by all").fetchall()
    assert found == [
        ("either", "A", "woman"),
        ("either", "B", "it's the other side"),
        # Whoever is on no voter file has no known sex either.
        ("reachable", "A", "has a number"),
        ("reachable", "P-1", "has a number"),
        ("unsure", "D", ""),
        ("unsure", "P-1", ""),
    ]


def test_a_days_condition_looks_back_from_the_day_of_the_data(tmp_path: Path) -> None:
    from dataclasses import replace

    contracts = dict(load_contracts())
    (table,) = contracts["voters_people"].tables
    people = replace(contracts["voters_people"], tables=(table,))
    path = tmp_path / "universes.yaml"
    path.write_text(
        "conditions:\n  new: {means: new, column: voters_people.registration_date, is: within days, value: 60}\n"
        + UNIVERSE.replace("[active, ours]", "[new]")
    )
    sql = members_sql(load_universes(path, MappingProxyType({**contracts, "voters_people": people})))
    assert "{{ days_between('facts.registration_date', 'campaign.data_as_of') }} <= 60" in sql


def test_words_of_the_file_never_become_sql_or_templates(tmp_path: Path) -> None:
    text = (CONDITIONS + UNIVERSE).replace("means: ours", 'means: "o\'neil {{ boom() }} ; drop table x --"')
    sql = members_sql(read(tmp_path, text))
    assert "o''neil (( boom() )) ; drop table x --" in sql
    assert "boom() }}" not in sql
