"""Each planted violation is stopped, with a message that names the rule and the path; what is lawful passes."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.compliance.checks import answers, law_checks
from orchestration.compliance.exceptions import Excuse
from orchestration.compliance.judge import Finding, Judgement
from orchestration.gates.checks import Status

sys.path.insert(0, str(Path(__file__).parent))
from lineage_world import DAY, DELIVERED, judged, published, world

OWN = (["person_id", "state", "amount"], "select person_id, state, amount from accepted.actblue")
ASKS = published("donor_asks", "analysis", "fundraising")


def only(judgement: Judgement, rule: str) -> Finding:
    """The one finding, which is of this rule and makes its check of the gate fail with the same words."""
    assert [f.rule for f in judgement.findings] == [rule], [f.message for f in judgement.findings]
    result = answers(judgement)[f"compliance.{rule}"]
    assert result.status in (Status.FAIL, Status.ERROR)
    assert rule in result.message
    assert judgement.findings[0].message in result.message
    return judgement.findings[0]


def test_asks_from_our_own_records_pass() -> None:
    judgement = judged({"donor_asks": OWN}, ASKS)
    assert judgement.findings == ()
    assert {r.status for r in answers(judgement).values() if "pii" not in r.check_id} == {Status.PASS}


def test_an_fec_contributor_joined_into_asks_is_stopped() -> None:
    models = {
        "stg_fec__individuals": (["last_name", "amount"], "select last_name, amount from accepted.fec_individuals"),
        "int_donors__rivals": (
            ["name", "amount"],
            "select last_name as name, amount from staging.stg_fec__individuals",
        ),
        "donor_asks": (
            ["person_id", "rival_usd"],
            "select own.person_id, sum(f.amount) as rival_usd from accepted.actblue as own "
            "left join intermediate.int_donors__rivals as f on own.last_name = f.name group by all",
        ),
    }
    found = only(judged(models, ASKS), "fec.no_solicitation")
    assert found.path == (
        "accepted.fec_individuals.amount", "stg_fec__individuals.amount", "int_donors__rivals.amount",
        "donor_asks.rival_usd",
    )  # fmt: skip
    assert "52 U.S.C. 30111(a)(4)" in answers(judged(models, ASKS))["compliance.fec.no_solicitation"].message


def test_an_fec_contributor_who_only_filters_asks_is_stopped() -> None:
    models = {
        "donor_asks": (
            ["person_id"],
            "select person_id from accepted.actblue as own where exists "
            "(select 1 from accepted.fec_individuals as f where f.last_name = own.last_name and f.amount > '1000')",
        )
    }
    found = only(judged(models, ASKS), "fec.no_solicitation")
    assert found.path == ("accepted.fec_individuals", "donor_asks")
    assert "its rows descend from it: accepted.fec_individuals -> donor_asks" in found.message


@pytest.mark.parametrize("purpose", ["voter_contact", "volunteer_recruitment"])
def test_fec_contributors_are_asked_for_nothing_else_either(purpose: str) -> None:
    models = {"calls": (["person_id"], "select person_id from accepted.fec_individuals")}
    assert only(judged(models, published("calls", purpose)), "fec.no_solicitation")


def test_fec_contributors_may_be_analysed() -> None:
    models = {"opponents": (["raised"], "select sum(cast(amount as integer)) as raised from accepted.fec_individuals")}
    assert judged(models, published("opponents", "analysis")).findings == ()


def test_a_contract_that_lends_fec_contributors_to_fundraising_is_stopped() -> None:
    lent = replace(DELIVERED["fec_individuals"], permitted_use=("analysis", "fundraising"))
    found = only(judged({}, delivered={**DELIVERED, lent.id: lent}), "fec.analysis_only")
    assert found.path == ("data_contracts/fec_individuals.odcs.yaml",)


LISTS = " union all ".join(f"select * from accepted.{state}_voters" for state in ("nc", "va", "pa"))
VOTERS = (["person_id", "state", "party"], f"select person_id, state, party from ({LISTS}) as everybody")
WITH_PARTY = {
    "int_voters__people": VOTERS,
    "donor_asks": (
        ["person_id", "state", "party"],
        "select own.person_id, own.state, v.party from accepted.actblue as own "
        "left join intermediate.int_voters__people as v on own.person_id = v.person_id",
    ),
}
EXCUSE = Excuse(
    id="own_records", rule="state_list.purpose", reason="Own records", approved_by="counsel",
    expires=DAY + timedelta(days=30), table="donor_asks", purpose="fundraising", sources=("va_voters", "pa_voters"),
    empty=("party",),
)  # fmt: skip


def test_a_voter_list_column_of_virginia_and_pennsylvania_in_a_fundraising_table_is_stopped() -> None:
    judgement = judged(WITH_PARTY, ASKS)
    assert {f.rule for f in judgement.findings} == {"state_list.purpose"}
    assert {f.path for f in judgement.findings} == {
        (f"accepted.{state}_voters.party", "int_voters__people.party", "donor_asks.party") for state in ("va", "pa")
    }
    said = answers(judgement)["compliance.state_list.purpose"].message
    assert "donor_asks serves fundraising, which va_voters does not permit" in said
    assert "Va. Code 24.2-405" in said


def test_a_list_may_serve_what_its_state_permits() -> None:
    assert judged(WITH_PARTY, published("donor_asks", "analysis", "voter_contact")).findings == ()


def test_an_exception_covers_just_the_columns_it_names() -> None:
    assert judged(WITH_PARTY, ASKS, excuses=[EXCUSE]).findings == ()
    more = {**WITH_PARTY, "donor_asks": (["person_id", "party", "area"], WITH_PARTY["donor_asks"][1].replace(
        "own.state, v.party", "v.party, v.state as area"))}  # fmt: skip
    judgement = judged(more, ASKS, excuses=[EXCUSE])
    assert {f.path[-1] for f in judgement.findings} == {"donor_asks.area"}
    assert "neither that it is empty there nor that it is our own record" in judgement.findings[0].message
    excused = replace(EXCUSE, own={"area": "the state the donor gave"})
    assert judged(more, ASKS, excuses=[excused]).findings == ()


def test_an_exception_that_expired_no_longer_counts() -> None:
    last = EXCUSE.expires
    assert judged(WITH_PARTY, ASKS, excuses=[EXCUSE], on=last).findings == ()
    judgement = judged(WITH_PARTY, ASKS, excuses=[EXCUSE], on=last + timedelta(days=1))
    assert [f.rule for f in judgement.findings] == ["state_list.purpose"] * 2
    assert f"exception own_records expired on {last}" in judgement.findings[0].message


def test_no_exception_covers_fec_contributors() -> None:
    models = {"donor_asks": (["person_id"], "select person_id from accepted.fec_individuals")}
    excuse = replace(EXCUSE, sources=("fec_individuals",))
    assert only(judged(models, ASKS, excuses=[excuse]), "fec.no_solicitation")


@pytest.mark.parametrize(
    "excuse", [EXCUSE, replace(EXCUSE, empty=(), forbidden_rows="state in ({states}) and party is not null or state is "
               "null and party is not null")], ids=["columns", "rows"],
)  # fmt: skip
def test_an_exception_is_held_against_the_rows(excuse: Excuse) -> None:
    assert judged(WITH_PARTY, ASKS, excuses=[excuse]).findings == ()
    contracts = {**DELIVERED, "donor_asks": ASKS}
    (check,) = [c for c in law_checks(contracts, [excuse]) if c.kind != "lineage" and "state_list" in c.check_id]
    assert (check.table, check.waivable) == ("people.main.donor_asks", False)
    sql = check.text("sql").replace("people.main.", "")
    with duckdb.connect() as con:
        con.execute("create table donor_asks (state varchar, party varchar)")
        con.execute("insert into donor_asks values ('NC', 'D'), ('VA', null), (null, null)")
        assert con.execute(sql).fetchall() == []
        for row in ("('PA', 'R')", "('VA', 'D')", "(null, 'D')"):
            con.execute(f"insert into donor_asks values {row}")
        assert len(con.execute(sql).fetchall()) == 3


def test_a_source_that_permits_analysis_only_does_not_reach_voter_contact() -> None:
    models = {"calls": (["county"], "select county from accepted.poll")}
    found = only(judged(models, published("calls", "voter_contact")), "source.permitted_use")
    assert found.path == ("accepted.poll.county", "calls.county")


def test_rows_through_a_fitted_table_descend_from_what_it_was_fitted_on() -> None:
    models = {
        "int_donors__training": (["person_id"], "select person_id from accepted.fec_individuals"),
        "donor_asks": (
            ["person_id"],
            "select own.person_id from accepted.actblue as own "
            "inner join models.scores as s on own.person_id = s.person_id",
        ),
    }
    found = only(judged(models, ASKS, scores={"made_from": ["int_donors__training"]}), "fec.no_solicitation")
    assert found.path == ("accepted.fec_individuals", "int_donors__training", "models.scores", "donor_asks")


def general(*columns: tuple[str, str]) -> Judgement:
    """The judgement on a general table of one row per voter of North Carolina."""
    listed = ", ".join(f"{sql} as {name}" for name, sql in columns)
    models = {
        "int_voters__people": (
            ["person_id", "last_name", "email", "birth_date", "county"],
            "select person_id, last_name, email, birth_date, county from accepted.nc_voters",
        ),
        "places": ([name for name, _ in columns], f"select {listed} from intermediate.int_voters__people group by all"),
    }
    return judged(models, published("places", "analysis", audience="general"))


def test_a_renamed_name_in_a_general_table_is_stopped() -> None:
    found = only(general(("place_label", "upper(last_name)"), ("county", "county")), "pii.general_tables")
    assert found.path == ("accepted.nc_voters.last_name", "int_voters__people.last_name", "places.place_label")
    assert "places.place_label is published for everyone and shows identity data" in found.message


@pytest.mark.parametrize(
    "sql",
    ["county || ' ' || email", "max(birth_date)", "case when county = 'X' then email else county end",
     "coalesce(county, last_name)", "md5(email)", "list(last_name)", "first_value(last_name) over (order by county)",
     "(select min(v.email) from accepted.nc_voters as v)", "cast(substr(birth_date, 1, 4) as integer)",
     # A key makes a hash nobody can count through; it is still one person's.
     "substr(sha256((select min(k.score) from models.scores as k) || unhex(sha256(encode(last_name)))), 1, 20)"],
)  # fmt: skip
def test_a_name_in_a_longer_text_is_stopped(sql: str) -> None:
    assert only(general(("label", sql), ("county", "county")), "pii.general_tables").path[-1] == "places.label"


@pytest.mark.parametrize(
    "sql",
    ["count(distinct email)", "count(*)", "sum(case when email is null then 1 else 0 end)",
     "case when birth_date < '1980' then 'older' else 'younger' end", "bool_or(email is not null)", "upper(county)",
     "avg(cast(birth_date < '1980' as integer))", "row_number() over (partition by county order by last_name)"],
)  # fmt: skip
def test_counts_and_age_bands_of_people_may_be_published(sql: str) -> None:
    assert general(("told", sql), ("county", "county")).findings == ()


def test_an_exempted_place_may_be_shown_until_the_exemption_ends() -> None:
    excuse = Excuse(
        id="a_name_is_a_place", rule="pii.general_tables", reason="x", approved_by="y", expires=date(2026, 12, 31),
        origins=("accepted.nc_voters.last_name",), columns=("place_label",),
    )  # fmt: skip
    columns = ["place_label", "other"]
    sql = "select last_name as place_label, county as other from accepted.nc_voters"
    table = published("places", "analysis", audience="general")
    assert judged({"places": (columns, sql)}, table, excuses=[excuse]).findings == ()
    assert len(judged({"places": (columns, sql)}, table, excuses=[excuse], on=date(2027, 1, 1)).findings) == 1
    elsewhere = sql.replace("county as other", "last_name as other")
    assert len(judged({"places": (columns, elsewhere)}, table, excuses=[excuse]).findings) == 1


@pytest.mark.parametrize(
    ("sql", "why"),
    [("select nobody knows this (", "cannot be followed"),
     ("select person_id from elsewhere.people", "does not declare"),
     ("select person_id from read_csv('/tmp/bought.csv')", "table function"),
     ("select person_id from read_parquet(['x'])", "table function"),
     ("select columns('person.*') from accepted.actblue", "name the columns"),
     ("select v as person_id from accepted.nc_voters as v", "whole row"),
     ("select state from accepted.actblue", "not those it declares"),
     ("select nothing as person_id from accepted.actblue", "cannot be followed")],
)  # fmt: skip
def test_sql_that_cannot_be_followed_is_an_error_and_not_a_pass(sql: str, why: str) -> None:
    judgement = judged({"donor_asks": (["person_id"], sql)}, ASKS)
    found = only(judgement, "lineage.readable")
    assert found.path == ("donor_asks",)
    assert why in found.message
    assert answers(judgement)["compliance.lineage.readable"].status is Status.ERROR


def test_a_model_that_was_not_compiled_is_an_error_and_not_a_pass() -> None:
    from lineage_world import manifest

    from orchestration.compliance.judge import judge
    from orchestration.compliance.lineage import lineage_of
    from orchestration.compliance.project import relations_of

    said = manifest({"donor_asks": ""}, {"donor_asks": ["person_id"]})
    judgement = judge(lineage_of(relations_of(said, {})), {**DELIVERED, "donor_asks": ASKS}, [], DAY)
    assert "it was not compiled" in only(judgement, "lineage.readable").message


def test_a_relation_without_declared_columns_is_an_error_and_takes_nobody_else_down() -> None:
    models = {"int_donors__own": ([], OWN[1]), "calls": OWN, "donor_asks": OWN}
    assert "declares no columns" in only(judged(models, ASKS), "lineage.readable").message
    models["donor_asks"] = (OWN[0], "select person_id, state, amount from intermediate.int_donors__own")
    assert {f.table for f in judged(models, ASKS).findings} == {"int_donors__own", "donor_asks"}


def test_a_fitted_table_that_does_not_say_what_it_is_made_from_is_stopped() -> None:
    assert "does not say what it is made from" in only(judged({}, scores={}), "lineage.readable").message
    silent = judged({}, person_id={})
    assert "its columns person_id do not say whose they are" in only(silent, "lineage.readable").message
    wrong = judged({}, scores={"made_from": ["int_nothing"]})
    assert "int_nothing, which the project does not hold" in only(wrong, "lineage.readable").message


def test_a_contract_without_a_retention_class_is_stopped() -> None:
    for days in (None, 30):
        short = replace(DELIVERED["actblue"], retention_days=days)
        found = only(judged({}, delivered={**DELIVERED, "actblue": short}), "retention.declared")
        assert found.table == "actblue"


def test_a_rule_that_had_nothing_to_look_at_has_not_passed() -> None:
    assert answers(judged({}))["compliance.pii.general_tables"].status is Status.ERROR


def test_a_recursive_query_is_followed_to_its_start() -> None:
    sql = (
        "with recursive chain (name, more, last) as (select last_name, '', '' from accepted.nc_voters union all "
        "select chain.more, chain.last, own.email from chain, accepted.actblue as own) "
        "select name from chain"
    )
    lineage = world({"places": (["name"], sql)})
    assert {d.path[0] for d in lineage.columns("marts.places", "name") if d.plain} == {
        "accepted.nc_voters.last_name", "accepted.actblue.email",
    }  # fmt: skip
