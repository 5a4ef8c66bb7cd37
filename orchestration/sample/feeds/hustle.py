"""Hustle: the tables of its sync, whole every day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from orchestration.sample.feeds import _texting as texting

if TYPE_CHECKING:
    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

SHARE = 0.055
ORGANIZATION, GROUP, GOAL = "org1", "grp1", "goal1"
MADE = "2026-08-01T12:00:00Z"
EMPTY = pl.lit(None, pl.String)


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes every day's sync; returns source, record_key, person of each person record."""
    talks = _talks(crowd, plan)
    for day in range(1, plan.days + 1):
        folder = landing / "hustle" / texting.export_day(plan, day)
        folder.mkdir(parents=True, exist_ok=True)
        seen = texting.known(talks, day)
        files = {"leads": _leads(seen), "messages": _messages(seen), "lead_tags": _lead_tags(seen), **_fixed()}
        for name, frame in files.items():
            frame.write_csv(folder / f"{name}.csv")
    return talks.select(source=pl.lit("hustle"), record_key="lead_id", person="person")


def responses(crowd: Crowd, plan: SamplePlan) -> pl.DataFrame:
    """The true chance of each conversation (see `_texting.response_truth`)."""
    return texting.response_truth(_talks(crowd, plan), "hustle", "lead_id", "campaign_id")


def _talks(crowd: Crowd, plan: SamplePlan) -> pl.DataFrame:
    talks = texting.conversations(crowd, plan, "hustle", SHARE)
    return talks.with_columns(
        campaign_id=pl.lit(GOAL),
        lead_id=pl.concat_str(pl.lit("L"), pl.col("number").cast(pl.String)),
        own_id=pl.when(pl.col("number") % 2 == 0).then("voter_id"),
        arm_name=pl.Series(texting.ARMS).gather(talks["arm"]),
    )


def _leads(seen: pl.DataFrame) -> pl.DataFrame:
    stopped = (pl.col("kind") == "stop").fill_null(False)
    fields = pl.concat_str(
        pl.lit('{"message_arm": "'), pl.col("arm_name"), pl.lit('", "voter_id": "'), pl.col("own_id").fill_null(""),
        pl.lit('", "zip": "'), pl.col("zip5").fill_null(""), pl.lit('"}'),
    )  # fmt: skip
    columns = {
        "id": pl.col("lead_id"), "organization_id": pl.lit(ORGANIZATION), "first_name": pl.col("first_name"),
        "last_name": pl.col("last_name"), "phone_number": pl.col("phone"), "phone_number_type": pl.lit("mobile"),
        "email": EMPTY, "occupation": EMPTY, "employer": EMPTY, "notes": EMPTY, "custom_fields": fields,
        "tags": pl.lit('["September", "a, b"]'), "externals": pl.lit("{}"),
        "global_opted_out": pl.when(stopped).then(pl.lit("true")).otherwise(pl.lit("false")),
        "opt_out_type": pl.when(stopped).then(pl.lit("keyword")), "created_at": pl.lit(MADE),
        "updated_at": _stamp(pl.coalesce("replied_at", "sent_at")), "pii_redacted_at": EMPTY,
    }  # fmt: skip
    return seen.select(expression.alias(name) for name, expression in columns.items())


def _messages(seen: pl.DataFrame) -> pl.DataFrame:
    out = seen.with_columns(at="sent_at", text="script", way=pl.lit("outbound"))
    back = seen.filter(pl.col("reply").is_not_null()).with_columns(at="replied_at", text="reply", way=pl.lit("inbound"))
    rows = pl.concat([out, back]).sort("number", "at")
    number = pl.col("number").cast(pl.String)
    columns = {
        # The sync does not promise an order of columns.
        "updated_at": _stamp(pl.col("at")), "id": pl.concat_str(pl.lit("H"), number, pl.col("way").str.slice(0, 1)),
        "organization_id": pl.lit(ORGANIZATION), "group_id": pl.lit(GROUP),
        "thread_id": pl.concat_str(pl.lit("TH"), number), "lead_id": pl.col("lead_id"), "agent_id": pl.lit("agent1"),
        "workflow_id": EMPTY, "attributed_goal_id": pl.when(pl.col("way") == "outbound").then(pl.lit(GOAL)),
        "direction": pl.col("way"),
        # A failed text is marked by its type.
        "type": pl.when((pl.col("way") == "outbound") & pl.col("error").is_not_null())
        .then(pl.concat_str(pl.lit("failed_"), pl.col("error"))).otherwise(pl.lit("sms")),
        "message": pl.col("text"), "created_at": _stamp(pl.col("at")), "pii_redacted_at": EMPTY,
    }  # fmt: skip
    return rows.select(expression.alias(name) for name, expression in columns.items())


def _lead_tags(seen: pl.DataFrame) -> pl.DataFrame:
    rows = seen.filter(pl.col("support").is_not_null())
    return rows.select(tag_id=pl.concat_str(pl.lit("tag"), pl.col("support").cast(pl.String)), lead_id="lead_id")


def _fixed() -> dict[str, pl.DataFrame]:
    """The tables that do not change from day to day."""
    times = {"created_at": [MADE], "updated_at": [MADE]}
    answers = list(enumerate(texting.ANSWERS, 1))
    many = {name: value * len(answers) for name, value in times.items()}
    return {
        "goals": pl.DataFrame({
            "id": [GOAL], "organization_id": [ORGANIZATION], "group_id": [GROUP], "name": ["Early vote, round 1"],
            "description": ["\"Early\" voters\nfirst"], "type": ["goal"], **times,
        }),
        "groups": pl.DataFrame({
            "id": [GROUP], "organization_id": [ORGANIZATION], "group_id": [GROUP], "name": ["Volunteers"],
            "description": [""], "type": ["group"], **times,
        }),
        "survey_questions": pl.DataFrame({
            "id": ["q1"], "integration_id": ["i1"], "question": [texting.QUESTION], "van_survey_question_id": ["5501"],
            "goal_step_id": ["s1"], "goal_id": [GOAL], "organization_id": [ORGANIZATION], **times,
        }),
        "survey_responses": pl.DataFrame({
            "id": [f"r{number}" for number, _ in answers], "integration_id": ["i1"] * 5,
            "survey_question_id": ["q1"] * 5, "organization_id": [ORGANIZATION] * 5,
            "formatted_value": [text for _, text in answers], "van_survey_response_id": [str(n) for n, _ in answers],
            **many,
        }),
        "tags": pl.DataFrame({
            "id": [f"tag{number}" for number, _ in answers], "tag": [f"Support: {text}" for _, text in answers],
            "organization_id": [ORGANIZATION] * 5, "agent_visibility": ["true"] * 5, **many,
            "deleted_at": pl.Series([None] * 5, dtype=pl.String),
        }),
    }  # fmt: skip


def _stamp(value: pl.Expr) -> pl.Expr:
    return value.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
