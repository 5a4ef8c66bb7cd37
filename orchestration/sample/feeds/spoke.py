"""Spoke: per campaign a file of contacts, with a column per question, and a file of messages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from orchestration.sample.feeds import _texting as texting

if TYPE_CHECKING:
    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

SHARE = 0.055
CAMPAIGNS = {"101": "Persuasion, September", "102": 'Vote "early"'}
VOLUNTEER = {"texter[firstName]": "Sam", "texter[lastName]": "Lee", "texter[email]": "sam.lee@example.org"}
OUR_NUMBER = "+12025550143"


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes every day's export; returns source, record_key, person of each person record."""
    talks = _talks(crowd, plan)
    for day in range(1, plan.days + 1):
        folder = landing / "spoke" / texting.export_day(plan, day)
        folder.mkdir(parents=True, exist_ok=True)
        seen = texting.known(talks, day)
        for campaign, title in CAMPAIGNS.items():
            part = seen.filter(pl.col("campaign_id") == campaign)
            contacts = _contacts(part, title, is_moveon=campaign == "102")
            contacts.write_csv(folder / f"campaign-{campaign}.csv")
            _messages(part, is_moveon=campaign == "102").write_csv(folder / f"campaign-{campaign}-messages.csv")
    return talks.select(source=pl.lit("spoke"), record_key="record_key", person="person")


def responses(crowd: Crowd, plan: SamplePlan) -> pl.DataFrame:
    """The true chance of each conversation (see `_texting.response_truth`)."""
    return texting.response_truth(_talks(crowd, plan), "spoke", "record_key", "campaign_id")


def _talks(crowd: Crowd, plan: SamplePlan) -> pl.DataFrame:
    talks = texting.conversations(crowd, plan, "spoke", SHARE)
    uploaded = pl.when(pl.col("number") % 5 < 3).then(pl.concat_str(pl.lit("U"), pl.col("number").cast(pl.String)))
    return talks.with_columns(
        campaign_id=pl.when(pl.col("number") % 2 == 0).then(pl.lit("102")).otherwise(pl.lit("101")),
        external_id=uploaded,
        record_key=pl.coalesce(uploaded, "phone"),
    )


def _contacts(part: pl.DataFrame, title: str, *, is_moveon: bool) -> pl.DataFrame:
    stopped = pl.col("kind") == "stop"
    answer = pl.lit(pl.Series(texting.ANSWERS).gather(part["support"] - 1))
    status = (
        pl.when(pl.col("kind").is_null()).then(pl.lit("messaged"))
        .when(stopped).then(pl.lit("closed")).otherwise(pl.lit("convo"))
    )  # fmt: skip
    tags = pl.when(pl.col("kind") == "negative").then(pl.lit('["opposed", "no, thanks"]')).otherwise(pl.lit("[]"))
    columns = {"campaignId": pl.col("campaign_id"), "campaign": pl.lit(title)}
    if is_moveon:
        columns |= {"assignmentId": pl.lit("9"), **{name: pl.lit(value) for name, value in VOLUNTEER.items()}}
        columns |= {"texter[cell]": pl.lit("+12025550144"), "texter[assignedCell]": pl.lit(OUR_NUMBER)}
    columns |= {
        "contact[firstName]": pl.col("first_name"), "contact[lastName]": pl.col("last_name"),
        "contact[cell]": pl.col("phone"), "contact[zip]": pl.col("zip5"), "contact[city]": pl.col("city"),
        "contact[state]": pl.col("state"), "contact[optOut]": _yes(stopped), "contact[messageStatus]": status,
        "contact[external_id]": pl.col("external_id"),
        "contact[voter_id]": pl.when(pl.col("number") % 3 > 0).then("voter_id"),
        "contact[message_arm]": pl.lit(pl.Series(texting.ARMS).gather(part["arm"])),
    }  # fmt: skip
    if is_moveon:
        columns["question[Support our candidate?]"] = answer
    else:
        columns[f"question[{texting.QUESTION}]"] = answer
        columns["question[Will you vote early, by mail or on the day?]"] = (
            pl.when(pl.col("kind") == "positive").then(pl.lit("Early"))
        )  # fmt: skip
        columns["tags"] = tags
    return part.select(expression.alias(name) for name, expression in columns.items())


def _messages(part: pl.DataFrame, *, is_moveon: bool) -> pl.DataFrame:
    status = (
        pl.when(~pl.col("is_told")).then(pl.lit("SENT"))
        .when(pl.col("error").is_not_null()).then(pl.lit("ERROR")).otherwise(pl.lit("DELIVERED"))
    )  # fmt: skip
    out = part.select("phone", "campaign_id", "number", at="sent_at", text="script", error="error", status=status,
                      is_reply=pl.lit(False))  # fmt: skip
    back = part.filter(pl.col("reply").is_not_null()).select(
        "phone", "campaign_id", "number", at="replied_at", text="reply", error=pl.lit(None, pl.String),
        status=pl.lit("DELIVERED"), is_reply=pl.lit(True),
    )  # fmt: skip
    rows = pl.concat([out, back]).sort("number", "at")
    columns = {
        "assignmentId": pl.lit("9"), "userNumber": pl.lit(OUR_NUMBER), "contactNumber": pl.col("phone"),
        "isFromContact": _yes(pl.col("is_reply")),
    }  # fmt: skip
    if not is_moveon:
        columns |= {"numSegments": pl.lit("1"), "numMedia": pl.lit("0")}
    columns["sendStatus"] = pl.col("status")
    if not is_moveon:
        columns["errorCodes"] = pl.col("error")
    columns |= {
        "attemptedAt": pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "text": pl.col("text"),
        "campaignId": pl.col("campaign_id"), **{name: pl.lit(value) for name, value in VOLUNTEER.items()},
        "texter[cell]": pl.lit("+12025550144"),
    }  # fmt: skip
    return rows.select(expression.alias(name) for name, expression in columns.items())


def _yes(condition: pl.Expr) -> pl.Expr:
    return pl.when(condition.fill_null(False)).then(pl.lit("true")).otherwise(pl.lit("false"))
