"""Rows about people: who is protected has no contact anywhere, and what a statute withholds is never read."""

from __future__ import annotations

import csv
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.compliance.people_rows import PROTECTED, contact_columns, row_checks
from orchestration.compliance.platforms import refusal
from orchestration.contracts.load import load_contracts
from orchestration.gates.checks import Status
from orchestration.ingest.run import ingest_source, open_accepted
from orchestration.sample import SamplePlan, write_sample
from orchestration.settings import PROJECT_ROOT, load

CONTRACTS = load_contracts()
GUARDED = {c.check_id.removeprefix(f"compliance.{PROTECTED}."): c for c in row_checks(CONTRACTS, ())}


def test_every_published_table_with_people_and_contacts_is_looked_at() -> None:
    expected = {
        c.id
        for c in CONTRACTS.values()
        if c.domain == "published"
        and contact_columns(c.tables[0])
        and {"voter_id", "person_id"} & {column.name for column in c.tables[0].columns}
    }
    assert set(GUARDED) == expected
    assert "voters_people" in expected
    with_contacts = {c.id for c in CONTRACTS.values() if c.domain == "published" and contact_columns(c.tables[0])}
    with_contacts.discard("opt_outs")  # whom to leave alone: it is there to take people out
    assert with_contacts == expected, "a table with contacts must say whose they are: voter_id or person_id"


@pytest.mark.parametrize("table", GUARDED)
def test_a_confidential_voter_with_a_back_filled_address_is_stopped(table: str, tmp_path: Path) -> None:
    from orchestration.gates.gx import run_checks

    columns = CONTRACTS[table].tables[0].columns
    key = next(k for k in ("voter_id", "person_id") if any(c.name == k for c in columns))
    known = {"voter_id": "NC-1", "person_id": "P-1"}[key]
    contact = contact_columns(CONTRACTS[table].tables[0])[-1]
    names = [c.name for c in columns if c.name not in (key, "person_id", "is_protected")]
    person = "'P-1' as person_id" if any(c.name == "person_id" for c in columns) and key != "person_id" else "1 as n"
    empty = ", ".join(f"cast(null as varchar) as {name}" for name in names)
    general = tmp_path / "warehouse.duckdb"
    files = {database: tmp_path / f"{database}.duckdb" for database in ("people", CONTRACTS[table].database)}
    with duckdb.connect(str(general)) as con:
        con.execute("create table release as select 1 as x")
    if table != "voters_people":
        with duckdb.connect(str(files["people"])) as con:
            con.execute(
                "create table voters_people as select 'NC-1' as voter_id, 'P-1' as person_id, true as is_protected"
            )
    with duckdb.connect(str(files[CONTRACTS[table].database])) as con:
        con.execute(f"create table {table} as select '{known}' as {key}, {person}, true as is_protected, {empty}")
    (sound,) = run_checks(general, [GUARDED[table]], files)
    assert (sound.status, sound.unexpected) == (Status.PASS, 0)
    with duckdb.connect(str(files[CONTRACTS[table].database])) as con:
        con.execute(f"update {table} set {contact} = '1 MAIN ST'")
    (broken,) = run_checks(general, [GUARDED[table]], files)
    assert (broken.status, broken.unexpected) == (Status.FAIL, 1)
    assert f"{PROTECTED}: voters whom the law guards" in GUARDED[table].reason


def test_a_date_of_birth_from_north_carolina_stops_the_delivery(tmp_path: Path) -> None:
    write_sample(SamplePlan(("NC",), voters=1_000, days=1, seed=3), tmp_path / "made", tmp_path / "truth")
    (delivered,) = (tmp_path / "made" / "nc_voters").rglob("*.zip")
    with zipfile.ZipFile(delivered) as whole:
        (name,) = whole.namelist()
        header, *lines = whole.read(name).decode("latin-1").splitlines()
    folder = tmp_path / "landing" / delivered.relative_to(tmp_path / "made").parent
    folder.mkdir(parents=True)
    for column in ("birth_date", "date_of_birth"):
        spoilt = [f'{header}\t"{column}"', *(f'{line}\t"1980-05-17"' for line in lines)]
        with zipfile.ZipFile(folder / delivered.name, "w") as whole:
            whole.writestr(name, "\r\n".join([*spoilt, ""]).encode("latin-1"))
        outcome = ingest_source(tmp_path, CONTRACTS["nc_voters"])[-1]
        assert outcome.status == "refused"
        assert "[undeclared_column]" in str(outcome.cause)
        assert column in str(outcome.cause)
        assert "1980" not in str(outcome.cause)


def test_who_unsubscribed_from_one_list_is_out_of_every_e_mail(tmp_path: Path) -> None:
    write_sample(SamplePlan(("NC",), voters=2_000, days=1, seed=3), tmp_path / "landing", tmp_path / "truth")
    outcome = ingest_source(tmp_path, CONTRACTS["mailchimp"])[-1]
    assert outcome.status == "accepted", outcome.cause
    with duckdb.connect() as con:
        open_accepted(con, tmp_path, {"mailchimp": CONTRACTS["mailchimp"]})
        (left,) = con.execute(
            "select count(distinct lower(email_address)) from accepted.mailchimp_members where status = 'unsubscribed'"
        ).fetchone()
        (out,) = con.execute(
            "select count(distinct contact) from accepted.opt_outs where channel = 'email' and source is not null"
        ).fetchone()
    assert left > 0
    assert out == left


@pytest.mark.parametrize("platform", ["google", "youtube", "dv360", "a_new_one"])
def test_a_google_customer_list_is_stopped(platform: str) -> None:
    said = refusal(platform)
    assert said is not None
    assert said.startswith(f"rule platforms.customer_lists ({platform}): ")
    assert refusal("meta") is None


@pytest.mark.parametrize("seed", ["contribution_limits", "itemisation_thresholds"])
def test_a_limit_and_a_threshold_are_in_force_on_election_day(seed: str) -> None:
    rows = list(csv.DictReader((PROJECT_ROOT / "dbt_project" / "seeds" / f"{seed}.csv").open(encoding="utf-8")))
    day = load().campaign.election_date
    for kind in ("candidate", "pac", "state_party", "national_party"):
        mine = [row for row in rows if row["recipient_kind"] == kind]
        mine = [row for row in mine if row.get("contributor_kind", "individual") == "individual"]
        in_force = [r for r in mine if date.fromisoformat(r["valid_from"]) <= day <= date.fromisoformat(r["valid_to"])]
        assert len(in_force) == 1, f"{seed}.csv: {kind}"
        assert in_force[0]["source"]
