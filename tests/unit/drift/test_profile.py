"""A profile counts what is there, slice by slice, once per table, and leaves nothing of a person."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from support.drift_builds import SOURCES, VOTERS, build

from orchestration.drift import profile
from orchestration.drift.measures import COVERED, DISTRICTS, WATCHED
from orchestration.drift.profile import COLUMNS, PROFILE


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = build(tmp_path_factory.mktemp("build") / "warehouse.duckdb")
    with duckdb.connect(str(path), read_only=True) as con:
        profile.take(con)
        yield con


def counts(con: duckdb.DuckDBPyConnection, measure: str, kind: str) -> dict[str, int]:
    return dict(
        con.execute(
            f"select slice_value, counted from {PROFILE} where measure = ? and slice_kind = ?", [measure, kind]
        ).fetchall()
    )


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("state", "state"), ("county", "state, county_fips"), ("party", "state, party_code"),
        ("status", "state, status"), ("county_party", "state, county_fips, party_code"),
        ("county_status", "state, county_fips, status"),
        *((d, f"state, coalesce({d}_id, 'none')") for d in DISTRICTS),
    ],
)  # fmt: skip
def test_voters_are_counted_by_every_kind_of_slice(counted: duckdb.DuckDBPyConnection, kind: str, columns: str) -> None:
    expected = dict(
        counted.execute(
            f"select concat_ws(':', {columns}), count(*) from intermediate.int_voters__current group by 1"
        ).fetchall()
    )
    assert counts(counted, "voters", kind) == expected
    assert sum(expected.values()) == VOTERS


@pytest.mark.parametrize(
    ("what", "condition"),
    [
        ("municipality", "municipality_id is not null"),
        ("state_house_district", "state_house_district_id is not null"),
        ("party", "party_code <> 'N'"), ("precinct", "precinct_id is not null"), ("birth_year", "birth_year > 0"),
    ],
)  # fmt: skip
def test_coverage_is_counted_county_by_county(counted: duckdb.DuckDBPyConnection, what: str, condition: str) -> None:
    expected = counted.execute(
        f"select state || ':' || county_fips, count(*) filter (where {condition}), count(*)"
        " from intermediate.int_voters__current group by 1 order by 1"
    ).fetchall()
    found = counted.execute(
        f"select slice_value, counted, base from {PROFILE} where measure = ? order by 1", [f"with_{what}"]
    ).fetchall()
    assert found == expected
    assert len(found) == 3


def test_scores_history_and_households_are_counted_county_by_county(counted: duckdb.DuckDBPyConnection) -> None:
    for what, share in (("score", 1.0), ("vote_history", 0.75), ("household", 1.0)):
        found = counted.execute(
            f"select sum(counted), sum(base), count(*) from {PROFILE} where measure = ?", [f"with_{what}"]
        ).fetchone()
        assert found is not None
        assert found[1:] == (VOTERS, 3)
        assert found[0] == pytest.approx(share * VOTERS, abs=30)


def test_feeds_results_and_opt_outs_are_counted(counted: duckdb.DuckDBPyConnection) -> None:
    assert counts(counted, "gifts", "source") == {"actblue": 900}
    assert counts(counted, "donors", "source") == {"actblue": 200}
    assert counts(counted, "contact_points", "origin") == {"mail:voter_file": 3000, "sms:van": 800}
    assert counts(counted, "texted", "vendor") == {"spoke": 700}
    assert counts(counted, "ad_rows", "platform") == {"meta:dma": 500, "google:named_state": 400}
    assert counts(counted, "opt_outs", "channel") == {"sms": 60}
    assert counts(counted, "opt_out_contacts", "source") == {"spoke:sms": 70}
    assert counts(counted, "certified_votes", "election") == {"NC:2024-11-05:nc_results": 15_000}
    assert counts(counted, "certified_rows", "election") == {"NC:2024-11-05:nc_results": 300}
    assert set(counts(counted, "votes", "election")) == {
        f"{state}:{day}:general" for state in ("NC", "VA") for day in ("2022-11-08", "2024-11-05")
    }
    assert counts(counted, "age", "source") == dict.fromkeys(SOURCES, 0)


def test_every_count_names_the_delivery_it_rests_on(counted: duckdb.DuckDBPyConnection) -> None:
    named = dict(
        counted.execute(
            f"select measure || ':' || coalesce(state, ''), any_value(source) from {PROFILE} group by 1"
        ).fetchall()
    )
    assert (named["voters:NC"], named["voters:VA"]) == ("nc_voters", "va_voters")
    # Virginia's history stands in its voter file here: no file of its own was delivered.
    assert (named["votes:NC"], named["votes:VA"]) == ("nc_history", "va_voters")
    assert (named["gifts:"], named["texted:"], named["opt_outs:"]) == ("actblue", "spoke", None)
    assert counted.execute(f"select count(*) from {PROFILE} where source_date is null").fetchall() == [(0,)]


def test_every_watched_measure_is_counted(counted: duckdb.DuckDBPyConnection) -> None:
    made = set(counted.execute(f"select distinct measure, slice_kind from {PROFILE}").fetchall())
    # Those come from the ledger, from a file of stated counts, and from comparing two profiles.
    elsewhere = {(w.measure, w.slice_kind) for w in WATCHED
                 if w.measure.startswith(("delivered_", "moved_", "voters_against"))}  # fmt: skip
    assert {(w.measure, w.slice_kind) for w in WATCHED} - elsewhere <= made
    assert {m for m, _ in made if m.startswith("with_")} == {f"with_{what}" for what in COVERED}


def test_a_fingerprint_is_of_the_rows_and_not_of_their_order(tmp_path: Path) -> None:
    def taken(*changes: str) -> dict[str, int]:
        with duckdb.connect(str(build(tmp_path / "warehouse.duckdb", 0, *changes)), read_only=True) as con:
            profile.take(con)
            return counts(con, "fingerprint", "state")

    table = "intermediate.int_voters__current"
    plain = taken()
    assert plain == taken(f"create or replace table {table} as from {table} order by hash(voter_id)")
    moved = taken(f"update {table} set precinct_id = '37001-9' where voter_id = 'NC-P2'")
    assert (moved["NC"] != plain["NC"], moved["VA"] == plain["VA"]) == (True, True)


def test_a_profile_is_for_its_owner_alone_and_holds_no_person(
    counted: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "run" / "profile.parquet"
    profile.write(counted, PROFILE, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    columns = [row[0] for row in counted.execute(f"describe select * from read_parquet('{path}')").fetchall()]
    assert columns == list(COLUMNS)
    people = counted.execute(
        f"select count(*) from {PROFILE}, intermediate.int_voters__current where contains(slice_value, voter_id)"
        " and measure = 'voters'"
    ).fetchall()
    assert people == [(0,)]
