"""The project as it stands keeps the rules, on every table, exception and fitted model."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import duckdb
import pytest

from orchestration.compliance.checks import law_checks
from orchestration.compliance.exceptions import FILE, ExceptionError, load_exceptions
from orchestration.compliance.judge import Judgement, judge, permitted_uses
from orchestration.compliance.lineage import Lineage, lineage_of
from orchestration.compliance.project import Made, read_project
from orchestration.compliance.uses import PURPOSES
from orchestration.contracts.load import load_contracts
from orchestration.settings import PROJECT_ROOT, load
from orchestration.transform import PROJECT_DIR, dbt_executable, environment

CONTRACTS = load_contracts()
TODAY = load().campaign.election_date


@pytest.fixture(scope="module")
def lineage(tmp_path_factory: pytest.TempPathFactory) -> Lineage:
    """The lineage of the whole project, compiled without data."""
    folder = tmp_path_factory.mktemp("compiled")
    done = subprocess.run(
        [dbt_executable(), "--quiet", "compile", "--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR),
         "--target-path", str(folder / "target"), "--log-path", str(folder / "logs")],
        env={**os.environ, **environment(load()), "WINNUMBER_BUILD_DB": str(folder / "warehouse.duckdb")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return lineage_of(read_project(folder / "target" / "manifest.json", [folder / "target"]))


@pytest.fixture(scope="module")
def judgement(lineage: Lineage) -> Judgement:
    return judge(lineage, CONTRACTS, load_exceptions(), TODAY)


def test_no_published_table_breaks_a_rule(judgement: Judgement) -> None:
    assert [f"{f.rule}: {f.message}" for f in judgement.findings] == []
    assert min(judgement.looked_at.values()) > 0


def test_every_published_table_is_judged(lineage: Lineage) -> None:
    assert {f"marts.{c.id}" for c in CONTRACTS.values() if c.domain == "published"} <= set(lineage.relations)


def test_every_exception_is_needed(lineage: Lineage) -> None:
    for excuse in load_exceptions():
        others = [e for e in load_exceptions() if e.id != excuse.id]
        assert judge(lineage, CONTRACTS, others, TODAY).findings, f"{FILE}: {excuse.id} excuses nothing any more"


def test_nobody_is_in_a_universe_for_fundraising_by_a_score_or_by_van_alone() -> None:
    (excuse,) = [e for e in load_exceptions() if "van" in e.sources]
    (check,) = [c for c in law_checks(CONTRACTS, [excuse]) if c.kind != "lineage" and "permitted_use" in c.check_id]
    sql = check.text("sql").replace("people.main.", "")
    with duckdb.connect() as con:
        con.execute("create table contact_points as select 'P1' as person_id, 'fundraising' as permitted_purposes")
        con.execute("create table universe_members (purpose varchar, person_id varchar, conditions_met varchar)")
        con.execute(
            """insert into universe_members values ('fundraising', 'P1', 'signed up for an event; on our e-mail list'),
            ('voter_contact', 'P2', 'likely supporter')"""
        )
        assert con.execute(sql).fetchall() == []
        con.execute("insert into universe_members values ('fundraising', 'P1', 'gave to us; likely supporter')")
        con.execute("insert into universe_members values ('fundraising', 'P2', 'gave to us')")
        assert len(con.execute(sql).fetchall()) == 2


def test_scores_of_voters_keep_the_uses_of_all_their_states(lineage: Lineage) -> None:
    found = permitted_uses(lineage, "marts.voter_scores")
    assert found["voter_id"] == {"analysis", "voter_contact", "aggregate_publication"}
    assert found["release_id"] == set(PURPOSES)


def test_fitted_models_say_everything_they_are_fitted_on(lineage: Lineage) -> None:
    code = [p.read_text() for f in ("models", "identity") for p in (PROJECT_ROOT / "orchestration" / f).glob("*.py")]
    found = re.findall(r"\b(accepted|intermediate|staging|marts)\.(\w+)", "\n".join(code))
    read = {f"{schema}.{table}" if schema == "accepted" else table for schema, table in found}
    said = {label for r in lineage.relations.values() if r.made is Made.WRITTEN for label in r.made_from or ()}
    assert read, "the fits read nothing: the pattern no longer fits the code"
    assert read <= said


@pytest.mark.parametrize(
    ("change", "complaint"),
    [({"rule": "fec.no_solicitation"}, "takes no exceptions"), ({"reason": ""}, "reason is missing"),
     ({"expires": "soon"}, "expected a day"), ({"expires": None}, "expires is missing"),
     ({"sources": ["nc_voters"]}, "sources is unknown")],
)  # fmt: skip
def test_an_exception_without_reason_or_end_is_refused(
    change: dict[str, object], complaint: str, tmp_path: Path
) -> None:
    import yaml

    entry = yaml.safe_load(FILE.read_text())["exceptions"][0]
    path = tmp_path / "exceptions.yaml"
    path.write_text(yaml.safe_dump({"exceptions": [{**entry, **change}]}))
    with pytest.raises(ExceptionError, match=complaint):
        load_exceptions(path)
