from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration import settings as config
from orchestration.models.fit import fit_all
from orchestration.models.registry import TABLES, ModelVersion
from orchestration.models.turnout import FEATURES

VOTERS = 3000


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return config.load(home=tmp_path)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """A build database as the first dbt run leaves it: 3,000 voters in two counties of North Carolina."""
    with duckdb.connect() as connection:
        connection.execute("create schema intermediate; create schema config")
        connection.execute("create table config.campaign as select date '2026-09-01' as data_as_of")
        connection.execute(
            """create table intermediate.int_voters__features as
            select 'NC-' || i as voter_id, 'NC' as state, '3700' || (1 + i % 2 * 2) as county_fips,
                '3700' || (1 + i % 2 * 2) || '-0' || i % 5 as precinct_id,
                case i % 3 when 0 then 'D' when 1 then 'R' else 'N' end as support_group,
                case i % 4 when 0 then '1111' when 1 then '0000' else '1x0x' end as training_general_pattern,
                true as is_in_training, i % 4 = 0 or i % 8 = 2 as voted_in_training, i % 7 <> 0 as voted_in_support
            from range(?) as r(i)""",
            [VOTERS],
        )
        connection.execute(
            f"""create view intermediate.int_scores__turnout_training as
            select voter_id, state, training_general_pattern as general, voted_in_training as voted,
                {", ".join(f"'same' as {name}" for name in FEATURES if name != "general")}
            from intermediate.int_voters__features where is_in_training"""
        )
        connection.execute(
            """create view intermediate.int_scores__turnout_coming as
            select state, case when i % 50 = 0 then 'inactive' else 'active' end
                || case when i % 2 = 0 then ' since voting' else '' end as status
            from (
                select state, cast(regexp_extract(voter_id, '[0-9]+') as integer) as i
                from intermediate.int_voters__features
            ) as numbered"""
        )
        connection.execute(
            """create view intermediate.int_scores__support_features as
            select voter_id, state, county_fips, precinct_id, precinct_id as then_precinct_id, voted_in_support,
                case support_group when 'N' then null else support_group end as leaning, 'other' as race,
                support_group as "group", 'held alone' as household, 'held 40' as age, 'held F' as sex
            from intermediate.int_voters__features"""
        )
        connection.execute(
            """create table intermediate.int_results__certified as
            select 'NC' as state, date '2022-11-08' as election_date, 'us_senate' as office_code, 2000 as votes"""
        )
        connection.execute(
            """create table config.comparable_elections as select 'NC' as state, 'all' as office_code,
                date '2022-11-08' as election_date, 'turnout' as purpose"""
        )
        connection.execute(
            """create table intermediate.int_results__precinct_shares as
            select distinct state, county_fips, precinct_id, 60 as votes_for, 40 as votes_against
            from intermediate.int_voters__features"""
        )
        connection.execute(
            """create table intermediate.int_votes__pattern_elections as
            select 'NC' as state, 'coming' as role, 'general' as kind, p as position, true as is_known
            from range(1, 5) as r(p)
            union all select 'NC', 'coming', 'primary', p, true from range(1, 3) as r(p)"""
        )
        yield connection


def versions(
    con: duckdb.DuckDBPyConnection, settings: config.Settings, links: Path | None = None
) -> tuple[ModelVersion, ModelVersion]:
    turnout, support = fit_all(con, settings.paths.home, settings, links)
    return turnout, support


def asked(con: duckdb.DuckDBPyConnection, folder: Path, people: int) -> Path:
    """Answers of the first people, every tenth of them linked to nobody; returns the file of links."""
    con.execute(
        """create or replace table intermediate.int_contact__support_answers as
        select 'van:' || i as answer_id, 'van:NC-vf-' || i as record_id, case i % 5 when 0 then 'text' else 'door' end
            as channel, 1 + i % 5 as support_answer, timestamp '2026-08-01' + interval (i) minute as asked_at
        from range(?) as r(i)""",
        [people],
    )
    con.execute(
        f"""copy (select 'van:NC-vf-' || i as record_id, case when i % 10 > 0 then 'NC-' || i end as voter_id
        from range({people}) as r(i)) to '{folder}/links.parquet' (format parquet)"""
    )
    return folder / "links.parquet"


def test_an_unchanged_day_fits_nothing(con: duckdb.DuckDBPyConnection, settings: config.Settings) -> None:
    first, again = versions(con, settings), versions(con, settings)
    assert [v.is_new for v in first] == [True, True]
    assert [v.is_new for v in again] == [False, False]
    assert [v.version for v in first] == [v.version for v in again]


def test_a_day_in_which_one_in_a_hundred_changed_fits_nothing(
    con: duckdb.DuckDBPyConnection, settings: config.Settings
) -> None:
    versions(con, settings)
    con.execute("delete from intermediate.int_voters__features where hash(voter_id) % 100 = 0")
    assert [v.is_new for v in versions(con, settings)] == [False, False]


def test_a_corrected_certified_result_refits_support_only(
    con: duckdb.DuckDBPyConnection, settings: config.Settings
) -> None:
    versions(con, settings)
    con.execute("update intermediate.int_results__precinct_shares set votes_for = 61 where precinct_id like '%-03'")
    assert [v.is_new for v in versions(con, settings)] == [False, True]


def test_an_electorate_that_grew_by_a_tenth_refits_both(
    con: duckdb.DuckDBPyConnection, settings: config.Settings
) -> None:
    versions(con, settings)
    con.execute(
        """insert into intermediate.int_voters__features
        select * replace (voter_id || '-new' as voter_id) from intermediate.int_voters__features
        where cast(substr(voter_id, 4) as integer) % 10 = 0"""
    )
    assert [v.is_new for v in versions(con, settings)] == [True, True]


def test_renamed_precincts_refit_support(con: duckdb.DuckDBPyConnection, settings: config.Settings) -> None:
    versions(con, settings)
    con.execute("""update intermediate.int_voters__features set precinct_id = replace(precinct_id, '-03', '-93')""")
    assert [v.is_new for v in versions(con, settings)] == [False, True]


def test_a_new_answer_refits_support_and_only_support(
    con: duckdb.DuckDBPyConnection, settings: config.Settings, tmp_path: Path
) -> None:
    links = asked(con, tmp_path, 900)
    first, again = versions(con, settings, links), versions(con, settings, links)
    assert [v.version for v in first] == [v.version for v in again]
    assert first[1].card["labels"]["answers"] == 810
    con.execute("update intermediate.int_contact__support_answers set support_answer = 1 where answer_id = 'van:7'")
    assert [v.is_new for v in versions(con, settings, links)] == [False, True]


def test_of_two_answers_of_a_voter_the_newest_is_learned_from(
    con: duckdb.DuckDBPyConnection, settings: config.Settings, tmp_path: Path
) -> None:
    links = asked(con, tmp_path, 900)
    con.execute(
        """insert into intermediate.int_contact__support_answers
        select 'van:again', record_id, 'text', 5, asked_at + interval 1 day
        from intermediate.int_contact__support_answers where answer_id = 'van:5'"""
    )
    _, support = versions(con, settings, links)
    assert support.card["labels"]["answers"] == 810
    assert support.card["labels"]["by_answer"]["5"] == 181


def test_a_primary_that_became_known_refits_turnout(con: duckdb.DuckDBPyConnection, settings: config.Settings) -> None:
    con.execute("update intermediate.int_votes__pattern_elections set is_known = false where kind = 'primary'")
    before, _ = versions(con, settings)
    con.execute("update intermediate.int_votes__pattern_elections set is_known = true")
    after, _ = versions(con, settings)
    assert after.version != before.version


def test_a_card_says_what_when_from_what_how_well_and_where_it_ends(
    con: duckdb.DuckDBPyConnection, settings: config.Settings
) -> None:
    for version in versions(con, settings):
        assert {"model", "version", "purpose", "target", "data_as_of", "features", "by_state", "limits"} <= set(
            version.card
        )
        assert version.card["purpose"] == "count"
        assert {"metrics", "calibration", "do_not_use_for"} <= set(version.card)
        assert all((version.folder / f"{table}.parquet").exists() for table in TABLES[version.name])
    turnout, _ = versions(con, settings)
    assert any("Survivorship" in limit for limit in turnout.card["limits"])
    # One in 25 of the view's recent voters is inactive.
    assert turnout.card["share_of_recent_voters_inactive"] == {"NC": 0.04}


def test_the_same_inputs_give_the_same_version_in_another_home(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    here, there = (versions(con, config.load(home=tmp_path / name)) for name in ("here", "there"))
    assert [v.version for v in here] == [v.version for v in there]
    for one, other in zip(here, there, strict=True):
        for table in TABLES[one.name]:
            assert (one.folder / f"{table}.parquet").read_bytes() == (other.folder / f"{table}.parquet").read_bytes()
