"""The synthetic deliveries of all five states go through the real contracts and gate; so do their corruptions."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from ingest_support import quick_gate, ticking

from orchestration.contracts.load import load_contracts
from orchestration.ingest.run import DeliveryOutcome, ingest_source, open_accepted
from orchestration.sample import SamplePlan, write_sample

CONTRACTS = {name: c for name, c in load_contracts().items() if c.domain != "published"}
PEOPLE = [c.id for c in CONTRACTS.values() if c.domain in ("voter_file", "geography")]
FIRST = "2026-09-01"


@dataclass(frozen=True)
class World:
    home: Path
    outcomes: dict[str, list[DeliveryOutcome]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("states")
    plan = SamplePlan(("NC", "OH", "FL", "VA", "PA"), voters=9000, days=2, seed=11)
    write_sample(plan, home / "landing", home / "truth")
    return World(home, {c.id: take(home, c.id) for c in CONTRACTS.values()})


def take(home: Path, source: str) -> list[DeliveryOutcome]:
    return ingest_source(home, CONTRACTS[source], gate=quick_gate, clock=ticking(), threads=2)


def test_every_delivery_of_the_sample_is_accepted_without_loss(world: World) -> None:
    for source, outcomes in world.outcomes.items():
        for outcome in outcomes:
            if outcome.status == "duplicate":
                # In so small a state nothing may happen to anyone's history from one day to the next.
                assert CONTRACTS[source].kind == "snapshot"
                continue
            assert outcome.status == "accepted", (source, outcome.cause)
            assert outcome.quarantined == 0
            assert outcome.lines == outcome.accepted > 0
    assert all(world.outcomes[source] for source in PEOPLE)


def test_identifiers_keep_their_leading_zeros_and_blanks_are_null(world: World) -> None:
    with duckdb.connect() as con:
        open_accepted(con, world.home, CONTRACTS)
        for query in (
            "select count(*) > 0 from accepted.oh_voters where county_number = '01'",
            "select count(*) = 0 from accepted.nc_voters where ncid like '% ' or middle_name = ''",
            "select count(*) > 0 from accepted.va_voters where locality_code = '001'",
            "select count(*) = 0 from accepted.va_voters where columns(*)::varchar = 'NULL'".replace(
                "columns(*)", "suffix"
            ),
        ):
            assert con.execute(query).fetchone() == (True,), query


def test_election_columns_become_rows_without_loss(world: World) -> None:
    ohio = world.outcomes["oh_voters"][0]
    wide = f"read_parquet('{ohio.tables['oh_voters']}')"
    with duckdb.connect() as con:
        described = [r[0] for r in con.execute(f"describe from {wide}").fetchall() if "/" in r[0]]
        counted = " + ".join(f'count("{c}")' for c in described)
        marks = con.execute(f"select {counted} from {wide}").fetchone()
        assert con.execute(f"select count(*) from read_parquet('{ohio.tables['oh_history']}')").fetchone() == marks
        slots = world.outcomes["pa_voters"][0].tables
        either = " + ".join(
            f"count(*) filter (where election_{i}_vote_method is not null or election_{i}_party is not null)"
            for i in range(1, 41)
        )
        written = con.execute(f"select {either} from read_parquet('{slots['pa_voters']}')").fetchone()
        assert con.execute(f"select count(*) from read_parquet('{slots['pa_vote_slots']}')").fetchone() == written


def test_every_row_names_the_file_and_line_it_came_from(world: World) -> None:
    archive = next((world.home / "landing" / "fl_voters" / FIRST).glob("*.zip"))
    path = world.outcomes["fl_voters"][0].tables["fl_voters"]
    with duckdb.connect() as con, zipfile.ZipFile(archive) as opened:
        open_accepted(con, world.home, CONTRACTS)
        rows = con.execute(
            "select source_file, line_number, voter_id from accepted.fl_voters where valid_from = ? using sample 50",
            [FIRST],
        ).fetchall()
        for file, number, voter in rows:
            line = opened.read(file).decode("latin-1").splitlines()[number - 1]
            assert line.split("\t")[1] == voter
    assert path.exists()


def corrupted(world: World, home: Path, source: str, change: Callable[[str, str], str | None]) -> DeliveryOutcome:
    """The first day's delivery of a source with each member changed (None drops it), taken in anew."""
    before = world.home / "landing" / source / FIRST
    after = home / "landing" / source / FIRST
    after.mkdir(parents=True)
    for path in sorted(before.iterdir()):
        if path.suffix != ".zip":
            content = change(path.name, path.read_bytes().decode("latin-1"))
            if content is not None:
                (after / path.name).write_bytes(content.encode("latin-1"))
            continue
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(after / path.name, "w") as new:
            for name in old.namelist():
                content = change(name, old.read(name).decode("latin-1"))
                if content is not None:
                    new.writestr(name, content.encode("latin-1"))
    (outcome,) = take(home, source)
    return outcome


def test_a_missing_county_is_refused_by_name(world: World, tmp_path: Path) -> None:
    outcome = corrupted(world, tmp_path, "fl_voters", lambda name, text: None if name.startswith("BRO") else text)
    assert "[missing_part]" in str(outcome.cause)
    assert "BRO" in str(outcome.cause)


@pytest.mark.parametrize("companion", ["Zone Types", "Zone Codes", "Election Map"])
def test_a_missing_companion_file_is_refused_by_name(world: World, tmp_path: Path, companion: str) -> None:
    def drop_one(name: str, text: str) -> str | None:
        return None if name.startswith(f"McKEAN {companion}") else text

    outcome = corrupted(world, tmp_path, "pa_voters", drop_one)
    assert "[missing_part]" in str(outcome.cause)
    assert companion.split()[0] in str(outcome.cause)


def test_a_missing_ohio_part_is_refused(world: World, tmp_path: Path) -> None:
    outcome = corrupted(world, tmp_path, "oh_voters", lambda name, text: None if "23_44" in name else text)
    assert "[missing_part]" in str(outcome.cause)
    assert "SWVF_23_44" in str(outcome.cause)


def test_ohio_parts_with_different_election_columns_are_united_by_name(world: World, tmp_path: Path) -> None:
    def forget(name: str, text: str) -> str:
        if "1_22" not in name:
            return text
        lines = text.splitlines()
        return "".join(line.rsplit(",", 1)[0] + "\n" for line in lines)

    outcome = corrupted(world, tmp_path, "oh_voters", forget)
    assert outcome.status == "accepted", outcome.cause
    last = duckdb.sql(
        f"select count(*) filter (where source_file like 'SWVF_1_22%'), count(*) "
        f"from read_parquet('{outcome.tables['oh_history']}') where election_label = 'PRIMARY-05/05/2026'"
    ).fetchone()
    assert last is not None
    assert last[0] == 0
    assert last[1] > 0


def test_pennsylvania_files_of_153_and_154_fields_are_both_taken_and_short_rows_quarantined(
    world: World, tmp_path: Path
) -> None:
    def shorten(name: str, text: str) -> str:
        if name.startswith("ADAMS FVE"):
            return "".join(line.rsplit("\t", 1)[0] + "\n" for line in text.splitlines())
        if name.startswith("ALLEGHENY FVE"):
            lines = text.splitlines()
            lines[3] = "\t".join(lines[3].split("\t")[:60])
            lines[5] = lines[5].rsplit("\t", 1)[0]
            return "".join(line + "\n" for line in lines)
        return text

    outcome = corrupted(world, tmp_path, "pa_voters", shorten)
    assert outcome.status == "accepted", outcome.cause
    assert outcome.quarantined == 1
    (path,) = (tmp_path / "archive" / "quarantine").rglob("pa_voters.parquet")
    found = duckdb.sql(f"select source_file, line_number, reason from read_parquet('{path}')").fetchall()
    assert found[0][0].startswith("ALLEGHENY FVE")
    assert found[0][1:] == (4, "expected 153 to 154 fields, found 60")


def test_virginia_history_by_election_is_known_by_its_header(world: World, tmp_path: Path) -> None:
    source = world.home / "landing" / "va_history" / FIRST / "Voter_History_List.csv"
    lines = source.read_text().splitlines()
    folder = tmp_path / "landing" / "va_history" / FIRST
    folder.mkdir(parents=True)
    days = {line.split(",")[1] for line in lines[1:]}
    for i, day in enumerate(sorted(days)):
        chosen = [line for line in lines[1:] if line.split(",")[1] == day]
        short = [",".join(line.split(",")[:6]) for line in [lines[0], *chosen]]
        (folder / f"2023 November {i}.csv").write_text("\n".join(short) + "\n")
    (outcome,) = take(tmp_path, "va_history")
    assert outcome.status == "accepted", outcome.cause
    assert outcome.accepted == len(lines) - 1


def test_the_new_north_carolina_columns_are_refused_before_their_day_and_demanded_after(
    world: World, tmp_path: Path
) -> None:
    before = tmp_path / "landing" / "nc_voters" / "2026-01-24"
    before.mkdir(parents=True)
    shutil.copy(next((world.home / "landing" / "nc_voters" / FIRST).iterdir()), before / "nc.zip")
    (outcome,) = take(tmp_path, "nc_voters")
    assert "[undeclared_column]" in str(outcome.cause)
    assert "ssn, no_dl_ssn_chkbx, hava_id_req" in str(outcome.cause)


OLD_NC = [
    "county_id",
    "county_desc",
    "voter_reg_num",
    "status_cd",
    "voter_status_desc",
    "reason_cd",
    "voter_status_reason_desc",
    "absent_ind",
    "name_prefx_cd",
    "last_name",
    "first_name",
    "middle_name",
    "name_suffix_lbl",
    "res_street_address",
    "res_city_desc",
    "state_cd",
    "zip_code",
    "mail_addr1",
    "mail_addr2",
    "mail_addr3",
    "mail_addr4",
    "mail_city",
    "mail_state",
    "mail_zipcode",
    "full_phone_number",
    "race_code",
    "ethnic_code",
    "party_cd",
    "gender_code",
    "birth_age",
    "birth_state",
    "drivers_lic",
    "registr_dt",
    "precinct_abbrv",
    "precinct_desc",
    "municipality_abbrv",
    "municipality_desc",
    "ward_abbrv",
    "ward_desc",
    "cong_dist_abbrv",
    "super_court_abbrv",
    "judic_dist_abbrv",
    "nc_senate_abbrv",
    "nc_house_abbrv",
    "county_commiss_abbrv",
    "county_commiss_desc",
    "township_abbrv",
    "township_desc",
    "school_dist_abbrv",
    "school_dist_desc",
    "fire_dist_abbrv",
    "fire_dist_desc",
    "water_dist_abbrv",
    "water_dist_desc",
    "sewer_dist_abbrv",
    "sewer_dist_desc",
    "sanit_dist_abbrv",
    "sanit_dist_desc",
    "rescue_dist_abbrv",
    "rescue_dist_desc",
    "munic_dist_abbrv",
    "munic_dist_desc",
    "dist_1_abbrv",
    "dist_1_desc",
    "dist_2_abbrv",
    "dist_2_desc",
    "confidential_ind",
    "birth_year",
    "ncid",
    "vtd_abbrv",
    "vtd_desc",
]


def test_the_old_north_carolina_layout_of_71_columns_is_read_by_name(world: World, tmp_path: Path) -> None:
    archive = next((world.home / "landing" / "nc_voters" / FIRST).iterdir())
    with zipfile.ZipFile(archive) as opened:
        lines = opened.read(opened.namelist()[0]).decode("latin-1").splitlines()
    names = [c.strip('"') for c in lines[0].split("\t")]
    assert len(OLD_NC) == 71
    out = ["\t".join(f'"{n}"' for n in OLD_NC)]
    for line in lines[1:]:
        values = dict(zip(names, line.split("\t"), strict=True))
        values["birth_age"] = values["age_at_year_end"]
        values["registr_dt"] = '"01/15/2022"'
        out.append("\t".join(values.get(n, '""') for n in OLD_NC))
    folder = tmp_path / "landing" / "nc_voters" / "2022-02-05"
    folder.mkdir(parents=True)
    (folder / "ncvoter_Statewide.txt").write_bytes(("\n".join(out) + "\n").encode("latin-1"))
    (outcome,) = take(tmp_path, "nc_voters")
    assert outcome.status == "accepted", outcome.cause
    new, old = world.outcomes["nc_voters"][0].tables["nc_voters"], outcome.tables["nc_voters"]
    same = "select ncid, last_name, birth_year, age_at_year_end, nc_house_abbrv, vtd_desc from read_parquet('{}')"
    assert duckdb.sql(f"{same.format(new)} except {same.format(old)}").fetchall() == []
    assert duckdb.sql(f"select count(ssn) from read_parquet('{old}')").fetchone() == (0,)


@pytest.mark.slow
def test_the_real_gate_agrees_on_all_five_states(world: World, tmp_path: Path) -> None:
    shutil.copytree(world.home / "landing", tmp_path / "landing")
    shutil.copy(world.home / "control_totals.csv", tmp_path / "control_totals.csv")
    for source in PEOPLE:
        for outcome in ingest_source(tmp_path, CONTRACTS[source], clock=ticking()):
            assert outcome.status == "accepted", (source, outcome.cause)
            assert outcome.checks


def test_the_real_gate_accepts_a_good_delivery_and_refuses_a_swapped_one(world: World, tmp_path: Path) -> None:
    from orchestration.ingest.gating import default_gate

    folder = tmp_path / "landing" / "va_voters"
    shutil.copytree(world.home / "landing" / "va_voters" / FIRST, folder / FIRST)
    (good,) = ingest_source(tmp_path, CONTRACTS["va_voters"], gate=default_gate, clock=ticking())
    assert good.status == "accepted", good.cause
    assert {c.check_id for c in good.checks} >= {"va_voters.identification_number_is_unique"}

    def swap(name: str, text: str) -> str:
        lines = [line.split(",") for line in text.splitlines()]
        senate, house = lines[0].index("STSENATE_CODE_VALUE"), lines[0].index("STHOUSE_CODE_VALUE")
        for cells in lines[1:]:
            cells[senate], cells[house] = cells[house], cells[senate]
        return "\n".join(",".join(cells) for cells in lines) + "\n"

    outcome = corrupted(world, tmp_path / "swapped", "va_voters", swap)
    assert "stsenate_code_value_is_a_seat" in str(outcome.cause)
