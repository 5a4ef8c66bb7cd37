"""Conversations by text message: whom a vendor texted, with which wording, and what came of it.

Belongs here: the scripts, how people truly answer each of them, and one row per conversation. How a vendor writes
its files is the business of the feeds beside this module. Wordings are drawn at random, so the true rates below are
what a good estimate must come near to.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample.rng import stream

if TYPE_CHECKING:
    from orchestration.sample.crowd import Crowd
    from orchestration.sample.plan import SamplePlan

ARMS = ("neighbors", "costs", "polling_place")
SCRIPTS = (
    "Hi {name}, it's Sam, a volunteer near you 👋\nMost of your neighbors vote in every election. Can we count on you?",
    "Hi {name}, this is Sam with the campaign. Groceries, rent, insurance: it all costs more. Are you with us?",
    "Hello {name}! Do you know where to vote on \"Election Day\", Tuesday, Nov 3? Reply STOP to end",
)  # fmt: skip
FOLLOW_UP = "Thank you, {name}! On a scale from 1 (strong yes) to 5 (strong no), how do you feel about our candidate?"
QUESTION = 'Support for our candidate, "on the fence" or not?\n1 = strong support, 5 = strong opposition'
ANSWERS = ("1 - Strong support", "2 - Lean support", "3 - Undecided", "4 - Lean against", "5 - Strong against")
# What people write, by kind; the last word of a list is as likely as the first.
REPLIES = {
    "positive": (
        "Yes, count me in!",
        "Absolutely 💙",
        "yes",
        "Sí, claro",
        "Yes of course,\nthank you for asking",
        "👍",
    ),
    "question": ("Who is this?", "When is the election?", 'What about schools, roads and "taxes"?'),
    "other": ("Maybe, I have not decided", "I am at work", "Ask me again in October", "=1+1"),
    "negative": ("No thanks", "Not interested", "No, I'm voting for the other side", "Wrong number"),
    "stop": (
        "STOP",
        "Stop please",
        "unsubscribe",
        "Opt out.",
        "PARAR",
        "Sto\u200bp",
        "\u202eSTOP\u202c",
        "Don't text me!",
    ),
}
ERRORS = ("30003", "30005", "30006", "30007")
FAILED, REFUSED, STOPPED = 0.04, 0.06, 0.035
ANSWERED, HISTORY, NOISE = 0.7, 0.6, 0.4
# By tier of support (below 0.35, middle, above 0.65): the log odds of a reply that is no refusal, for the first
# wording; what each wording adds; what women add; and where a wording works differently than elsewhere.
BASE = np.array([-2.7, -1.9, -1.1])
WORDING = np.array([0.0, 0.45, -0.25])
WOMEN = 0.2
INTERPLAY = np.array([[0.0, -0.5, 0.0], [0.0, 0.35, 0.0], [0.0, 0.0, 0.6]])


def response_chance(support: np.ndarray, is_woman: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """The true probability that a person answers a wording with other words than a refusal."""
    tier = (support >= 0.35).astype(np.int64) + (support >= 0.65)
    logit = BASE[tier] + WORDING[arm] + WOMEN * is_woman + INTERPLAY[tier, arm]
    return np.asarray(1 / (1 + np.exp(-logit)))


def against_chance(support: np.ndarray) -> np.ndarray:
    """The true probability that somebody who is asked answers 4 or 5, which is a refusal after all."""
    return np.asarray(1 / (1 + np.exp((3.5 - _leaning(support)) / NOISE)))


def _leaning(support: np.ndarray) -> np.ndarray:
    return np.asarray(5.3 - 4.6 * support)


def conversations(crowd: Crowd, plan: SamplePlan, vendor: str, share: float) -> pl.DataFrame:
    """One row per conversation of a vendor, ordered by person; people without a telephone number are left out.

    Beside the person's columns: number (1, 2, ...), arm (0, 1, 2), script, chance (the truth: of an answer in which
    neither words nor survey refuse), kind (of the reply; null: none), reply, sent_at, replied_at, error (null:
    delivered), support (1 to 5 where asked and answered), day (of the plan on whose export it stands first),
    late (its outcome reaches only the export after that).
    """
    columns = ("voter_id", "first_name", "last_name", "phone", "city", "state", "zip5", "sex", "p_support_dem")
    people = crowd.appear(f"texting {vendor}", share, columns=columns).filter(pl.col("phone").is_not_null())
    # A vendor knows a person by the number: of a household with one number it holds one.
    people = people.unique("phone", keep="first", maintain_order=True)
    count = len(people)
    rng = stream(plan.seed, "texting", vendor)
    arm = rng.integers(0, len(ARMS), count)
    support = people["p_support_dem"].to_numpy()
    chance = response_chance(support, (people["sex"] == "F").to_numpy(), arm)
    failed = rng.random(count) < FAILED
    kind = np.where(failed, 0, _kinds(rng, chance))
    names = pl.Series(["", *REPLIES], dtype=pl.String)
    sent, day = _times(rng, plan, count)
    replied = kind > 0
    asked = replied & (kind <= 3) & (rng.random(count) < ANSWERED)
    answer = np.clip(np.rint(_leaning(support) + rng.logistic(0, NOISE, count)), 1, 5).astype(np.int64)
    pick = rng.integers(0, 1 << 30, count)
    return (
        people.with_columns(
            number=pl.Series(np.arange(1, count + 1)),
            arm=pl.Series(arm),
            chance=pl.Series(chance * (1 - ANSWERED * against_chance(support))),
            kind=names.gather(pl.Series(kind)).replace("", None),
            reply=_replies(kind, pick),
            sent_at=sent,
            replied_at=sent + pl.Series(rng.integers(40, 9_000, count) * 1_000_000).cast(pl.Duration("us")),
            error=pl.Series(np.where(failed, np.asarray(ERRORS)[pick % len(ERRORS)], "")).replace("", None),
            support=pl.Series(np.where(asked, answer, 0)).replace(0, None),
            day=pl.Series(day),
            late=pl.Series(rng.random(count) < 0.5),
        )
        .with_columns(
            script=pl.lit(pl.Series(SCRIPTS).gather(pl.Series(arm))).str.replace(
                "{name}", pl.col("first_name"), literal=True
            ),
            replied_at=pl.when(pl.col("kind").is_not_null()).then("replied_at"),
        )
    )  # fmt: skip


def _kinds(rng: np.random.Generator, chance: np.ndarray) -> np.ndarray:
    """0 none, 1 positive, 2 question, 3 other (these three with the true chance), 4 negative, 5 stop."""
    count = len(chance)
    draw, which = rng.random(count), rng.random(count)
    friendly = np.where(which < 0.65, 1, np.where(which < 0.85, 2, 3))
    rest = (draw - chance) / np.maximum(1 - chance, 1e-9)
    unfriendly = np.where(rest < REFUSED, 4, np.where(rest < REFUSED + STOPPED, 5, 0))
    return np.where(draw < chance, friendly, unfriendly)


def _replies(kind: np.ndarray, pick: np.ndarray) -> pl.Series:
    texts = [text for kinds in REPLIES.values() for text in kinds]
    sizes = np.array([1, *(len(kinds) for kinds in REPLIES.values())])
    starts = np.concatenate([[0, 0], np.cumsum(sizes[1:])[:-1]])
    chosen = pl.Series(texts, dtype=pl.String).gather(pl.Series(starts[kind] + pick % sizes[kind]))
    return pl.select(pl.when(pl.Series(kind > 0)).then(chosen)).to_series()


def _times(rng: np.random.Generator, plan: SamplePlan, count: int) -> tuple[pl.Series, np.ndarray]:
    """When the first text went out: in the weeks before the first export, or on a day of the plan but the last."""
    day = np.where(rng.random(count) < HISTORY, 1, rng.integers(1, plan.days + 1, count))
    back = np.where(day == 1, rng.integers(2, 18, count), 1)
    first = datetime.combine(plan.first_day, time())  # the vendors' times are UTC and carry no zone
    minutes = rng.integers(14 * 60, 22 * 60, count)
    offset = ((day - 1 - back) * 1440 + minutes) * 60 * 1_000_000
    sent = pl.Series([first]).new_from_index(0, count) + pl.Series(offset).cast(pl.Duration("us"))
    return sent, day


def export_day(plan: SamplePlan, day: int) -> str:
    """The folder of the export of day 1, 2, ... of the plan."""
    return (plan.first_day + timedelta(days=day - 1)).isoformat()


def known(frame: pl.DataFrame, day: int) -> pl.DataFrame:
    """What a vendor can tell on a day: conversations begun, and those outcomes that have reached it."""
    begun = frame.filter(pl.col("day") <= day)
    told = (pl.col("day") < day) | ~pl.col("late")
    return begun.with_columns(
        pl.when(told).then(name).alias(name) for name in ("kind", "reply", "replied_at", "error", "support")
    ).with_columns(is_told=told)


def response_truth(frame: pl.DataFrame, vendor: str, key: str, campaign: str) -> pl.DataFrame:
    """source, record_key, campaign_id, message, person, chance of each conversation, for the sample's truth."""
    return frame.select(
        source=pl.lit(vendor), record_key=pl.col(key), campaign_id=pl.col(campaign),
        message=pl.Series(ARMS).gather(frame["arm"]), person="person", chance="chance",
    )  # fmt: skip
