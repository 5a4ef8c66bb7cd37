"""What the field feeds of a sample say fits together and is true to the people behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from orchestration.sample import SamplePlan, write_sample
from orchestration.sample.feeds.van import DOOR, DOOR_CONTACT, PHONE_CONTACT

PLAN = SamplePlan(("NC", "FL"), voters=20_000, days=2, seed=11)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("field")
    write_sample(PLAN, folder / "landing", folder / "truth")
    return folder


def table(home: Path, source: str, stem: str, day: int = 1) -> pl.DataFrame:
    """All files of a table on a day, the side of the database from the file's name."""
    folder = home / "landing" / source / PLAN.snapshot(day).isoformat()
    parts = [
        pl.read_csv(file, infer_schema=False).with_columns(side=pl.lit(file.stem.rsplit("_", 1)[-1]))
        for file in sorted(folder.glob(f"{stem}*.csv"))
    ]
    return pl.concat(parts)


def truth(home: Path, source: str) -> pl.DataFrame:
    return pl.read_parquet(home / "truth" / "people_links.parquet").filter(pl.col("source") == source)


def spoken(attempts: pl.DataFrame) -> pl.Expr:
    """Whether an attempt's result is Canvassed, whose number is the first of each state's."""
    return (pl.col("resultid").cast(pl.Int64) - 14) % 100 == 0


def test_contact_rates_at_doors_and_by_telephone_are_near_the_shipped_ones(home: Path) -> None:
    attempts = table(home, "van", "contactscontacts", 2)
    everything = pl.concat([table(home, "van", "contactscontacts"), attempts]).unique(
        ["statecode", "side", "contactscontactid"], keep="last"
    )
    rates = everything.group_by("contacttypeid").agg(spoken(everything).mean().alias("rate"), pl.len())
    for way, expected in ((DOOR, DOOR_CONTACT), ("1", PHONE_CONTACT)):
        ((rate, count),) = rates.filter(pl.col("contacttypeid") == way).select("rate", "len").rows()
        assert abs(rate - expected) < 4 * np.sqrt(expected * (1 - expected) / count)


def test_a_result_keyed_wrongly_on_the_first_day_is_corrected_on_the_second(home: Path) -> None:
    key = ["statecode", "side", "contactscontactid"]
    first, second = (table(home, "van", "contactscontacts", day) for day in (1, 2))
    both = first.join(second, on=key, suffix="_new")
    changed = both.filter(pl.col("resultid") != pl.col("resultid_new"))
    assert 0 < len(changed) < 0.1 * len(first)
    assert changed.select((pl.col("datemodified_new") > pl.col("datemodified")).all()).item()


def test_person_numbers_repeat_between_states_and_sides(home: Path) -> None:
    people = truth(home, "van")["record_key"]
    assert people.is_unique().all()
    assert people.str.extract(r"-(\d+)$").n_unique() < 0.8 * len(people)


def test_answers_to_the_support_question_follow_the_persons_true_support(home: Path) -> None:
    answers = table(home, "van", "contactssurveyresponses").filter(pl.col("surveyquestionid") == "1")
    links = truth(home, "van").with_columns(
        pl.col("record_key").str.extract_groups(r"(?<statecode>..)-(?<side>\w+)-(?<vanid>\d+)").alias("key")
    ).unnest("key")  # fmt: skip
    answered = answers.join(links, on=["statecode", "side", "vanid"])
    assert len(answered) == len(answers) > 200
    voters = pl.concat(
        pl.read_parquet(home / "truth" / f"{state}.parquet").with_columns(
            voter_id=pl.concat_str(pl.lit(f"{state}-"), "voter_id")
        )
        for state in PLAN.states
    )
    known = answered.join(voters.select("voter_id", "p_support_dem"), on="voter_id")
    mean = known.group_by("surveyresponseid").agg(pl.col("p_support_dem").mean()).sort("surveyresponseid")
    assert mean["p_support_dem"].is_sorted(descending=True)
    assert mean["p_support_dem"][0] - mean["p_support_dem"][-1] > 0.4


def test_a_number_that_must_not_be_called_was_said_so_in_an_attempt(home: Path) -> None:
    phones = table(home, "van", "contactsphones").filter(pl.col("phoneoptinstatus") == "O")
    attempts = table(home, "van", "contactscontacts").with_columns(
        code=(pl.col("resultid").cast(pl.Int64) - 14) % 100
    )  # fmt: skip
    results = table(home, "van", "results").with_columns(code=(pl.col("resultid").cast(pl.Int64) - 14) % 100)
    refusals = results.filter(pl.col("resultshortname").str.starts_with("Do Not"))["code"].unique()
    refused = attempts.filter(pl.col("code").is_in(refusals.implode()))
    assert len(phones) > 0
    assert len(phones.join(refused, on=["statecode", "side", "vanid"], how="anti")) == 0


def test_about_a_third_of_those_who_signed_up_did_not_come_and_some_attendance_is_unknown(home: Path) -> None:
    signups = table(home, "mobilize", "participations")
    kept = signups.filter(pl.col("status") != "CANCELLED")
    recorded = kept.filter(pl.col("attended").is_not_null())
    assert 0.2 < recorded.select((pl.col("attended") == "false").mean()).item() < 0.45
    assert 0 < len(kept) - len(recorded) < 0.5 * len(kept)
    assert signups.filter((pl.col("status") == "CANCELLED") & pl.col("attended").is_not_null()).is_empty()


def test_sign_ups_lead_to_users_events_and_timeslots_that_exist(home: Path) -> None:
    signups = table(home, "mobilize", "participations")
    for column, other in (("user_id", "users"), ("event_id", "events"), ("timeslot_id", "timeslots")):
        assert signups.join(table(home, "mobilize", other), left_on=column, right_on="id", how="anti").is_empty()


def test_house_parties_have_hosts_and_some_events_are_online_or_called_off(home: Path) -> None:
    events = table(home, "mobilize", "events", 2)
    parties = events.filter(pl.col("event_type") == "HOUSE_PARTY")
    users = table(home, "mobilize", "users", 2)
    assert len(parties) > 0
    assert parties["owner_id"].is_in(users["id"].implode()).all()
    assert 0 < events.filter(pl.col("is_virtual") == "true").height < len(events)
    assert events["deleted_date"].is_not_null().any()


def test_members_leave_from_one_day_to_the_next_and_none_comes_back(home: Path) -> None:
    first, second = (table(home, "mailchimp", "members", day) for day in (1, 2))
    both = first.join(second, on=["list_id", "id"], suffix="_new")
    left = both.filter((pl.col("status") == "subscribed") & (pl.col("status_new") == "unsubscribed"))
    assert len(left) > 0
    assert both.filter((pl.col("status") != "subscribed") & (pl.col("status_new") == "subscribed")).is_empty()
