"""ThruText: messages, survey answers and opt-outs, each export going a few days back."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from orchestration.sample.feeds import _texting as texting

if TYPE_CHECKING:
    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

SHARE = 0.055
CAMPAIGN = {"campaign_id": "7001", "campaign_name": "GOTV 💙, week 1"}
# Days that an export after the first goes back; what is older is not said again.
WINDOW = 3
SENDER = {
    "sender_first_name": "Ana", "sender_last_name": "Ruiz", "sender_phone": "+12025550150",
    "sender_email": "ana.ruiz@example.org",
}  # fmt: skip


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes every day's export; returns source, record_key, person of each person record."""
    talks = _talks(crowd, plan)
    for day in range(1, plan.days + 1):
        folder = landing / "thrutext" / texting.export_day(plan, day)
        folder.mkdir(parents=True, exist_ok=True)
        start = datetime.combine(plan.first_day, time()) + timedelta(days=day - 1 - (WINDOW if day > 1 else 400))
        seen = texting.known(talks, day)
        _messages(seen, start).write_csv(folder / "daily_messages.csv")
        _surveys(seen, start).write_csv(folder / "daily_surveys.csv")
        _opt_outs(seen, start).write_csv(folder / "opt_outs.csv")
    return talks.select(source=pl.lit("thrutext"), record_key="contact_id", person="person")


def responses(crowd: Crowd, plan: SamplePlan) -> pl.DataFrame:
    """The true chance of each conversation (see `_texting.response_truth`)."""
    return texting.response_truth(_talks(crowd, plan), "thrutext", "contact_id", "campaign_id")


def _talks(crowd: Crowd, plan: SamplePlan) -> pl.DataFrame:
    talks = texting.conversations(crowd, plan, "thrutext", SHARE)
    number = pl.col("number").cast(pl.String)
    return talks.with_columns(
        campaign_id=pl.lit(CAMPAIGN["campaign_id"]),
        contact_id=pl.concat_str(pl.lit("T"), number),
        conversation_id=pl.concat_str(pl.lit("C"), number),
        own_id=pl.when(pl.col("number") % 2 == 0).then("voter_id"),
        arm_name=pl.Series(texting.ARMS).gather(talks["arm"]),
    )


def _person() -> dict[str, pl.Expr]:
    # ThruText writes a number as it was uploaded.
    digits = pl.col("phone").str.slice(2)
    spelled = pl.concat_str(
        pl.lit("("), digits.str.slice(0, 3), pl.lit(") "), digits.str.slice(3, 3), pl.lit("-"), digits.str.slice(6)
    )
    return {
        "contact_id": pl.col("contact_id"), "contact_first_name": pl.col("first_name"),
        "contact_last_name": pl.col("last_name"),
        "contact_phone": pl.when(pl.col("number") % 4 == 0).then(spelled).otherwise("phone"),
    }  # fmt: skip


def _own() -> dict[str, pl.Expr]:
    return {"voter_id": pl.col("own_id"), "message_arm": pl.col("arm_name")}


def _messages(seen: pl.DataFrame, start: datetime) -> pl.DataFrame:
    out = seen.with_columns(at="sent_at", text="script", way=pl.lit("outgoing"))
    back = seen.filter(pl.col("reply").is_not_null()).with_columns(
        at="replied_at", text="reply", way=pl.lit("incoming"), error=pl.lit(None, pl.String)
    )
    rows = pl.concat([out, back]).filter(pl.col("at") >= start).sort("number", "at")
    columns = {
        "timestamp": _stamp("at"),
        "message_id": pl.concat_str(
            pl.lit("M"), pl.col("number").cast(pl.String), pl.lit("-"), pl.col("way").str.slice(0, 1)
        ),
        "message_direction": pl.col("way"), "message_body": pl.col("text"),
        **{name: pl.lit(value) for name, value in SENDER.items()},
        **{name: pl.lit(value) for name, value in CAMPAIGN.items()},
        "conversation_id": pl.col("conversation_id"), "conversation_phone": pl.lit("+12025550151"), **_person(),
        "media_content": pl.lit(None, pl.String), "message_segment_count": pl.lit("1"),
        "message_error": pl.col("error"), **_own(),
    }  # fmt: skip
    return rows.select(expression.alias(name) for name, expression in columns.items())


def _surveys(seen: pl.DataFrame, start: datetime) -> pl.DataFrame:
    rows = seen.filter(pl.col("support").is_not_null() & (pl.col("replied_at") >= start)).sort("number")
    columns = {
        **{name: pl.lit(value) for name, value in CAMPAIGN.items()}, "conversation_id": pl.col("conversation_id"),
        "survey_id": pl.lit("S1"), "survey_question": pl.lit(texting.QUESTION), "survey_type": pl.lit("single choice"),
        "response": pl.lit(pl.Series(texting.ANSWERS, dtype=pl.String).gather(rows["support"] - 1)), **_person(),
        "updated_at": _stamp("replied_at"), "sync_status": pl.lit("synced"), **_own(),
    }  # fmt: skip
    return rows.select(expression.alias(name) for name, expression in columns.items())


def _opt_outs(seen: pl.DataFrame, start: datetime) -> pl.DataFrame:
    rows = seen.filter((pl.col("kind") == "stop") & (pl.col("replied_at") >= start)).sort("number")
    columns = {
        "timestamp": _stamp("replied_at"), **_person(), "conversation_id": pl.col("conversation_id"),
        "note": pl.lit('said "stop", twice'), "opt_out_type": pl.lit("reply"), **_own(),
    }  # fmt: skip
    return rows.select(expression.alias(name) for name, expression in columns.items())


def _stamp(name: str) -> pl.Expr:
    return pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S UTC")
