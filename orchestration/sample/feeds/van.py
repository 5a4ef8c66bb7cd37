"""VAN: people, attempts at doors and by telephone, answers, marks; state by state, both sides of the database.

Contact rates lie near those of the shipped rates; answers to the support question follow the person's true
support with noise; a few results were keyed wrongly and are corrected a day later.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from orchestration.sample.crowd import Crowd
from orchestration.sample.plan import SamplePlan
from orchestration.sample.rng import stream

from ._field_files import FIRST_ID, at, clock, days_after, write_csv

# Voters on file who are tried; attempts each; days of history; share found at the door and on the telephone.
SHARE, HISTORY_DAYS, OVERLAP_DAYS = 0.08, 90, 7
DOOR_SHARE, DOOR_CONTACT, PHONE_CONTACT = 0.62, 0.22, 0.30
WRONG_SIDE, MISKEYED, NEW_EACH_DAY = 0.12, 0.015, 0.02
ON_DOOR = {"Not Home": 0.62, "Lit Drop": 0.15, "Inaccessible": 0.06, "Moved": 0.05, "Refused": 0.09,
           "Deceased": 0.01, "Do Not Contact": 0.02}  # fmt: skip
ON_PHONE = {"No Answer": 0.45, "Left Message": 0.26, "Busy": 0.04, "Wrong Number": 0.08, "Disconnected": 0.05,
            "Refused": 0.08, "Do Not Call": 0.04}  # fmt: skip
RESULTS = ("Canvassed", *ON_DOOR, *(name for name in ON_PHONE if name not in ON_DOOR), "Do Not Text", "Texted")
QUESTIONS = (("Support 2026", "How do you lean in the race for November?"), ("Volunteer 2026", "Will you help?"))
SUPPORT = (("1 - Strong D", 100, 0), ("2 - Lean D", 75, 25), ("3 - Undecided", 50, 50), ("4 - Lean R", 25, 75),
           ("5 - Strong R", 0, 100))  # fmt: skip
HELP = (("Yes", 0, 0), ("Maybe", 0, 0), ("No", 0, 0))
DOOR, PHONE = "2", "1"


def write(crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
    """Writes `van` (Pipeline tables) every day and `van_people` (exported lists) on the first and every seventh."""
    people = _people(crowd, plan)
    attempts = _attempts(people, plan)
    answers = _answers(attempts, people, plan)
    marks = _marks(answers)
    phones = _phones(people, attempts)
    for day in range(1, plan.days + 1):
        today = plan.snapshot(day)
        folder = landing / "van" / today.isoformat()
        _tables(folder, attempts, answers, marks, phones, plan, day)
        _lookups(folder, plan.states)
        if day % 7 == 1:
            _lists(landing / "van_people" / today.isoformat(), people, today.strftime("%Y%m%d"))
    key = pl.concat_str("statecode", pl.lit("-"), "side", pl.lit("-"), "vanid")
    return people.select(pl.lit("van").alias("source"), key.alias("record_key"), "person")


def _people(crowd: Crowd, plan: SamplePlan) -> pl.DataFrame:
    """Who is in the database: state, side, number; voters mostly on the voter file's side."""
    seen = crowd.appear("van", SHARE)
    rng = stream(plan.seed, "van", "people")
    home = pl.col("voter_id").str.slice(0, 2).fill_null(pl.col("state"))
    mine = pl.Series(rng.random(len(seen)) < WRONG_SIDE)
    frame = seen.with_columns(
        statecode=pl.when(home.is_in(plan.states)).then(home).otherwise(pl.lit(plan.states[0])),
        side=pl.when(pl.col("voter_id").is_null() | mine).then(pl.lit("mym")).otherwise(pl.lit("vf")),
        has_id=pl.Series(rng.random(len(seen)) < 0.55),
    )
    # Numbers begin anew in each state and side: one without the other two says nothing.
    number = pl.int_range(pl.len()).over("statecode", "side") * 7 + FIRST_ID
    return frame.with_columns(vanid=number.cast(pl.String))


def _attempts(people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    rng = stream(plan.seed, "van", "attempts")
    tries = 1 + np.minimum(rng.poisson(1.1, len(people)), 4)
    who = np.repeat(np.arange(len(people)), tries)
    count = len(who)
    held = people[pl.Series(who.astype(np.uint32))]
    by_door = (rng.random(count) < DOOR_SHARE) | held["phone"].is_null().to_numpy()
    likely = 0.6 + 0.8 * held["p_turnout"].fill_null(0.5).to_numpy()
    spoken = rng.random(count) < np.where(by_door, DOOR_CONTACT, PHONE_CONTACT) * likely / max(likely.mean(), 0.01)
    result = np.where(
        spoken, RESULTS.index("Canvassed"), np.where(by_door, _drawn(rng, ON_DOOR, count), _drawn(rng, ON_PHONE, count))
    )
    wrong = ~spoken & (rng.random(count) < MISKEYED)
    late = rng.random(count) < NEW_EACH_DAY * (plan.days - 1)
    before = np.where(late, 1 - rng.integers(2, max(plan.days, 2) + 1, count), rng.integers(1, HISTORY_DAYS, count))
    second = rng.integers(10 * 3600, 20 * 3600, count)
    moment = pl.Series([at(plan.first_day)]).new_from_index(0, count)
    frame = held.select("person", "statecode", "side", "vanid", "p_support_dem", "phone").with_columns(
        row=pl.int_range(pl.len()), who=pl.Series(who), is_door=pl.Series(by_door), result=pl.Series(result),
        first_result=pl.Series(np.where(wrong, RESULTS.index("Canvassed"), result)), is_wrong=pl.Series(wrong),
        made=moment - pl.Series(before).cast(pl.Duration("us")) * 86_400_000_000
        + pl.Series(second).cast(pl.Duration("us")) * 1_000_000,
    )  # fmt: skip
    # A wrong key is corrected on the second day; what is not wrong was last changed when it was made.
    mended = pl.lit(at(plan.first_day, 21))
    return frame.with_columns(
        changed=pl.when("is_wrong").then(pl.max_horizontal("made", mended)).otherwise("made"),
        number=(pl.col("row") * 3 + FIRST_ID).cast(pl.String),
    )


def _drawn(rng: np.random.Generator, shares: dict[str, float], count: int) -> np.ndarray:
    """Result codes drawn by their shares."""
    codes = np.array([RESULTS.index(name) for name in shares])
    bounds = np.cumsum(list(shares.values()))
    drawn: np.ndarray = codes[np.searchsorted(bounds / bounds[-1], rng.random(count), side="right")]
    return drawn


def _answers(attempts: pl.DataFrame, people: pl.DataFrame, plan: SamplePlan) -> pl.DataFrame:
    """Answers of those spoken to: support from the truth with noise of one logit, help from support."""
    spoken = attempts.filter(pl.col("result") == 0)
    rng = stream(plan.seed, "van", "answers")
    count = len(spoken)
    chance = np.clip(spoken["p_support_dem"].fill_null(0.5).to_numpy(), 0.01, 0.99)
    # The lasting part of the noise belongs to the person, so that two answers of one person agree mostly.
    own = stream(plan.seed, "van", "leaning").normal(0, 0.6, len(people))[spoken["who"].to_numpy()]
    stance = np.log(chance / (1 - chance)) + own + rng.normal(0, 0.8, count)
    support = np.searchsorted(np.array([-1.1, -0.35, 0.35, 1.1]), stance)
    helps = np.where(rng.random(count) < np.where(stance > 1.1, 0.15, 0.01), 0, np.where(rng.random(count) < 0.1, 1, 2))
    asked = spoken.with_columns(answer=pl.Series(5 - support), question=pl.lit(1)).filter(
        pl.Series(rng.random(count) < 0.86)
    )
    volunteers = spoken.with_columns(answer=pl.Series(6 + helps), question=pl.lit(2)).filter(
        pl.Series(rng.random(count) < 0.25)
    )
    return pl.concat([asked, volunteers]).with_columns(
        response=(pl.int_range(pl.len()) * 2 + FIRST_ID).cast(pl.String),
    )


def _marks(answers: pl.DataFrame) -> pl.DataFrame:
    return answers.filter((pl.col("question") == 2) & (pl.col("answer") == 6))


def _phones(people: pl.DataFrame, attempts: pl.DataFrame) -> pl.DataFrame:
    """Numbers, and since when they must not be called or texted because a result said so."""
    calls, all_ = RESULTS.index("Do Not Call"), RESULTS.index("Do Not Contact")
    refused = attempts.filter(pl.col("result").is_in([calls, all_])).group_by("who").agg(
        refused=pl.col("made").min(), no_texts=(pl.col("result") == all_).any()
    )  # fmt: skip
    return (
        people.with_columns(who=pl.int_range(pl.len()), entry=(pl.int_range(pl.len()) + 4 * FIRST_ID).cast(pl.String))
        .filter(pl.col("phone").is_not_null())
        .join(refused.with_columns(pl.col("who").cast(pl.Int64)), on="who", how="left", maintain_order="left")
    )


def _tables(
    folder: Path, attempts: pl.DataFrame, answers: pl.DataFrame, marks: pl.DataFrame, phones: pl.DataFrame,
    plan: SamplePlan, day: int,
) -> None:  # fmt: skip
    """The account's tables as exported in the night before the day: everything first, then what changed of late."""
    night = pl.lit(at(plan.snapshot(day)))
    since = pl.lit(at(days_after(plan.snapshot(day), -OVERLAP_DAYS if day > 1 else -10 * HISTORY_DAYS)))
    known = (pl.col("made") < night) & (pl.max_horizontal("made", pl.min_horizontal("changed", night)) >= since)
    # Until the correction was made, the export has the wrong key and the time it was made.
    is_mended = pl.col("is_wrong") & (pl.col("changed") < night)
    state_number = pl.col("statecode").replace_strict({s: i for i, s in enumerate(plan.states)}, return_dtype=pl.Int64)
    code = pl.when(is_mended | ~pl.col("is_wrong")).then("result").otherwise("first_result")
    way = pl.when("is_door").then(pl.lit(DOOR)).otherwise(pl.lit(PHONE)).alias("contacttypeid")
    entry = pl.when("is_door").then(pl.lit("14")).otherwise(pl.lit("11")).alias("inputtypeid")
    changed = pl.when(is_mended).then("changed").otherwise("made").dt.strftime("%Y-%m-%d %H:%M:%S")
    phone = pl.when(~pl.col("is_door")).then((pl.col("who") + 4 * FIRST_ID).cast(pl.String))
    shown = attempts.filter(known).select(
        "statecode", pl.col("number").alias("contactscontactid"), "vanid",
        (code + 14 + 100 * state_number).cast(pl.String).alias("resultid"), (state_number + 5001).alias("committeeid"),
        clock("made").alias("datecreated"), clock("made").alias("datecanvassed"), entry, way,
        phone.alias("contactsphoneid"), changed.alias("datemodified"), pl.col("side").alias("_side"),
    )  # fmt: skip
    _by_side(folder, "contactscontacts", shown)
    fresh = (pl.col("made") < night) & (pl.col("made") >= since)
    given = answers.filter(fresh).select(
        "statecode", pl.col("response").alias("contactssurveyresponseid"), "vanid",
        pl.col("number").alias("contactscontactid"), pl.col("question").cast(pl.String).alias("surveyquestionid"),
        pl.col("answer").cast(pl.String).alias("surveyresponseid"), clock("made").alias("datecreated"),
        clock("made").alias("datecanvassed"), entry, clock("made").alias("datemodified"), way,
        pl.col("side").alias("_side"),
    )  # fmt: skip
    _by_side(folder, "contactssurveyresponses", given)
    put = marks.filter(fresh).select(
        "statecode", pl.col("response").alias("contactsactivistcodeid"), "vanid",
        pl.lit("4001").alias("activistcodeid"), pl.lit("Volunteer prospect").alias("activistcodename"),
        clock("made").alias("datecreated"), clock("made").alias("datemodified"), pl.col("side").alias("_side"),
    )  # fmt: skip
    _by_side(folder, "contactsactivistcodes", put)
    out = pl.col("refused") < night
    status = pl.when(out).then(pl.lit("O")).otherwise(pl.lit("U"))
    listed = phones.select(
        "statecode", pl.col("entry").alias("contactsphoneid"), "vanid",
        pl.col("phone").str.replace(r"^\+1(\d{3})(\d{3})(\d{4})$", "($1) $2-$3"), status.alias("phoneoptinstatus"),
        pl.when(out & pl.col("no_texts")).then(pl.lit("O")).otherwise(pl.lit("U")).alias("smsoptinstatus"),
        pl.when(out).then(clock("refused")).alias("datemodified"), pl.col("side").alias("_side"),
    )  # fmt: skip
    _by_side(folder, "contactsphones", listed)


def _by_side(folder: Path, stem: str, frame: pl.DataFrame) -> None:
    for side in ("vf", "mym"):
        write_csv(folder / f"{stem}_{side}.csv", frame.filter(pl.col("_side") == side).drop("_side"))


def _lookups(folder: Path, states: tuple[str, ...]) -> None:
    """Names of results, ways of contact, questions and answers; result numbers differ between states."""
    here = pl.DataFrame({"statecode": states, "number": range(len(states))}, schema_overrides={"number": pl.Int64})
    results = pl.DataFrame({"code": range(len(RESULTS)), "resultshortname": RESULTS})
    number = (pl.col("code") + 14 + 100 * pl.col("number")).cast(pl.String)
    write_csv(
        folder / "results.csv",
        here.join(results, how="cross").select("statecode", number.alias("resultid"), "resultshortname"),
    )
    tables: dict[str, dict[str, list[str] | list[int]]] = {
        "contacttypes": {"contacttypeid": [PHONE, DOOR], "contacttypename": ["Phone", "Walk"]},
        "inputtypes": {"inputtypeid": ["11", "14"], "inputtypename": ["Virtual Phone Bank", "MiniVAN"]},
        "surveyquestions": {
            "surveyquestionid": ["1", "2"],
            "surveyquestionname": [name for name, _ in QUESTIONS],
            "surveyquestiontext": [words for _, words in QUESTIONS],
        },
        "surveyresponses": {
            "surveyresponseid": [str(n) for n in range(1, 1 + len(SUPPORT + HELP))],
            "surveyquestionid": ["1"] * len(SUPPORT) + ["2"] * len(HELP),
            "surveyresponsename": [name for name, _, _ in SUPPORT + HELP],
            "dempoints": [dem for _, dem, _ in SUPPORT + HELP],
            "reppoints": [rep for _, _, rep in SUPPORT + HELP],
        },
    }
    for stem, columns in tables.items():
        write_csv(folder / f"{stem}.csv", here.select("statecode").join(pl.DataFrame(columns), how="cross"))


def _lists(folder: Path, people: pl.DataFrame, day: str) -> None:
    """Tab-delimited lists named .xls, one per state and side, the external id on the rows that have one."""
    house = pl.col("address").str.extract(r"^(\S+)")
    unit = pl.col("address").str.extract(r"(?i) (?:apt|unit) (\S+)$")
    street = pl.col("address").str.replace(r"^\S+\s+", "").str.replace(r"(?i)\s+(?:apt|unit) \S+$", "")
    listed = people.select(
        "statecode", "side", pl.col("vanid").alias("Voter File VANID"), pl.col("last_name").alias("LastName"),
        pl.col("first_name").alias("FirstName"), pl.col("middle_name").alias("MiddleName"),
        pl.col("name_suffix").alias("Suffix"), pl.col("sex").alias("Sex"), pl.col("phone").alias("Preferred Phone"),
        pl.col("email").alias("PreferredEmail"), house.alias("StreetNo"), street.alias("StreetName"),
        unit.alias("AptNo"), pl.col("city").alias("City"), pl.col("state").alias("State"), pl.col("zip5").alias("Zip5"),
        pl.when("has_id").then(pl.col("voter_id").str.slice(3)).alias("StateFileID"),
    )  # fmt: skip
    for (state, side), part in listed.partition_by("statecode", "side", as_dict=True, maintain_order=True).items():
        name = f"van_people_{state}_{side}_{day}.xls"
        write_csv(folder / name, part.drop("statecode", "side"), separator="\t", line_end="\r\n")
