"""The chain behind one row of the ledger: each line from registered to goal, with its rule, inputs, model and interval.

Reads one release and recomputes what can be recomputed from it (the scores only where the reader may open the file
with people in it). Read-only. Does not belong here: making the ledger (``dbt_project``), printing (``cli``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from orchestration.publish.reader import open_read_only

Row = dict[str, Any]
# How the scores name the column of each kind of area.
AREA_COLUMNS = {
    "contest": None,
    "state": "state",
    "county": "county_fips",
    "congressional_district": "congressional_district_id",
    "state_senate_district": "state_senate_district_id",
    "state_house_district": "state_house_district_id",
    "municipality": "municipality_id",
    "precinct": "precinct_id",
    "media_market": "media_market_id",
}
POOLS = ("gotv", "persuasion", "registration")
# Who is in a pool, by the thresholds of the campaign's winnumber.toml.
IN_POOL = {
    "gotv": "active, support >= gotv_support_min, turnout from gotv_turnout_min to below gotv_turnout_max",
    "persuasion": "active, turnout >= persuasion_turnout_min, support persuasion_support_min to persuasion_support_max",
    "registration": "eligible less registered, county by county, x mean support of the registered there",
}


class NoSuchRow(LookupError):
    """The release holds no such contest or area; the message says what it does hold."""


@dataclass(frozen=True)
class Line:
    """One line of the ledger and where it comes from.

    ``low``, ``high``: 80 % interval, None where a line has none. ``rule``: how it is made. ``inputs``: the numbers that
    went in. ``model``: model version(s). ``holds``: whether recomputing it here gave the same, None where this release
    does not hold what it takes.
    """

    line: str
    value: object
    low: object
    high: object
    rule: str
    inputs: str
    model: str
    holds: bool | None


def explain(release: Path, contest: str, geography: str | None = None, kind: str | None = None) -> list[Line]:
    """The chain of a contest, or of one area of it (``geography``: its id; ``kind`` where an id names two areas).

    ``release``: folder of a published release. Raises ``NoSuchRow``.
    """
    with open_read_only(release / "warehouse.duckdb") as con:
        row = _row(con, contest, geography, kind)
        (rules,) = _rows(con, "select * from contests where contest_id = ?", [contest])
        rates = {r["purpose"]: r for r in _rows(con, "select * from contact_rates_in_use", [])}
        whole = _row(con, contest, None, None)
        cards = {
            r["model_version"]: json.loads(r["card"])
            for r in _rows(con, "select model_version, card from model_cards", [])
        }
    scores = _scores(release / "people.duckdb", row, rules)
    versions = row["model_version"].split()
    model = {name: next((v for v in versions if v.startswith(name)), "") for name in
             ("turnout", "support", "projection_errors")}  # fmt: skip
    is_whole = row["geography_type"] == "contest"
    scored = f"{model['turnout']} {model['support']}".strip()
    return [
        *_people(row),
        _turnout(row, rules, scores, model["turnout"], is_whole),
        _support(row, scores, rules, f"{model['support']} {model['projection_errors']}".strip(), is_whole),
        _win_number(row, rules, is_whole),
        _goal(row, rules, whole, is_whole),
        _base(row, scores, rules, scored, is_whole),
        _deficit(row, model["projection_errors"]),
        *(line for pool in POOLS for line in _pool(row, pool, rates[pool], scored, is_whole)),
        _uncovered(row, is_whole),
        *_work(row, rates),
        _chance(row, model["projection_errors"]),
        _provenance(row, cards),
    ]


def _row(con: Any, contest: str, geography: str | None, kind: str | None) -> Row:
    conditions, values = "contest_id = ? and geography_type = 'contest'", [contest]
    if geography is not None:
        conditions, values = "contest_id = ? and geography_id = ? and geography_type <> 'contest'", [contest, geography]
        if kind:
            conditions, values = conditions + " and geography_type = ?", [*values, kind]
    found = _rows(con, f"select * from district_vote_goals where {conditions} order by geography_type", values)
    if len(found) == 1:
        return found[0]
    if found:
        kinds = ", ".join(r["geography_type"] for r in found)
        raise NoSuchRow(f"{geography} is the id of several areas ({kinds}); say which with --geography-type")
    known = con.execute("select count(*) from contests where contest_id = ?", [contest]).fetchone()
    if not known[0]:
        near = [r["contest_id"] for r in _rows(con, "select contest_id from contests order by contest_id limit 3", [])]
        raise NoSuchRow(f"there is no contest {contest}; contests are called like {', '.join(near)}")
    raise NoSuchRow(
        f"{contest} has no area {geography}{f' of type {kind}' if kind else ''}; "
        f"`winnumber goals --contest {contest} --by county` lists ids"
    )


def _scores(people: Path, row: Row, rules: Row) -> Row | None:
    """Sums of the scores over the area's voters, where the reader may open the file with people in it."""
    column = AREA_COLUMNS[row["geography_type"]]
    district = rules["district_type"]
    conditions, values = ["state = ?"], [row["state"]]
    if district:
        conditions.append(f"{AREA_COLUMNS[district]} = ?")
        values.append(rules["district_id"])
    if column:
        conditions.append(f"{column} = ?")
        values.append(row["geography_id"])
    try:
        with open_read_only(people) as con:
            (found,) = _rows(
                con,
                "select count(*) as people, count(*) filter (where is_active) as active, "
                "coalesce(sum(p_turnout), 0)::decimal(20,9) as turnout, "
                "coalesce(sum((p_turnout * p_support)::decimal(18,9)), 0)::decimal(20,9) as support "
                f"from voter_scores where {' and '.join(conditions)}",
                values,
            )
    except Exception:  # not every reader may open it, and not every release holds it
        return None
    return found


def _people(row: Row) -> list[Line]:
    gap = row["registration_gap"]
    return [
        Line("registered", row["registered"], None, None, "active voters on the file",
             f"data as of {row['data_as_of']}", "", None),
        Line("eligible", row["eligible"], None, None, "citizens of voting age",
             "Census estimate of the counties (cvap_county), shared out by registration", "", None),
        Line("registration_gap", gap, None, None, "eligible - registered",
             "" if gap is None else f"{row['eligible']:,} - {row['registered']:,}", "",
             None if gap is None else gap == row["eligible"] - row["registered"]),
    ]  # fmt: skip


def _turnout(row: Row, rules: Row, scores: Row | None, model: str, is_whole: bool) -> Line:
    rule = "sum of p_turnout over voters on file x roll-off, " + (
        "rounded half up" if is_whole else "handed down to precinct splits by largest remainder"
    )
    inputs, holds = f"roll-off {rules['roll_off']}", None
    if scores is not None:
        exact = scores["turnout"] * rules["roll_off"]
        inputs = f"{scores['people']:,} scores add up to {scores['turnout']:,.1f}, x {rules['roll_off']} = {exact:,.1f}"
        holds = _near(row["expected_turnout"], exact, is_whole, scores["people"])
    return Line("expected_turnout", row["expected_turnout"], row["expected_turnout_low"], row["expected_turnout_high"],
                rule, inputs, model, holds)  # fmt: skip


def _support(row: Row, scores: Row | None, rules: Row, model: str, is_whole: bool) -> Line:
    inputs, holds = "", None
    if scores is not None:
        exact = scores["support"] * rules["roll_off"]
        inputs = f"expected votes {row['expected_support']:,} of {row['expected_turnout']:,}; scores give {exact:,.1f}"
        holds = _near(row["expected_support"], exact, is_whole, scores["people"])
    return Line("expected_share", row["expected_share"], row["expected_share_low"], row["expected_share_high"],
                "sum of p_turnout x p_support, over expected turnout", inputs, model, holds)  # fmt: skip


def _near(published: int, exact: Decimal, is_whole: bool, people: int) -> bool:
    # A whole is rounded once; an area is a sum of splits, each off by less than one vote, and no more than its people.
    return abs(published - exact) <= (Decimal("0.5") if is_whole else max(1, min(people, 1 + people // 10)))


def _win_number(row: Row, rules: Row, is_whole: bool) -> Line:
    turnout = row["expected_turnout"]
    if not is_whole:
        return Line("win_number", row["win_number"], None, None, "the contest's, handed down by one logit shift",
                    "largest remainder at the precinct split", "", None)  # fmt: skip
    share = rules["plurality_share"]
    if rules["candidates"] == 1:
        rule, expected = "uncontested: one vote", min(1, turnout)
    elif share is not None:
        rule, expected = f"floor({share} x T) + 1", min(int(share * turnout) + 1, turnout)
    else:
        rule, expected = "floor(T / 2) + 1", turnout // 2 + 1 if turnout else 0
    return Line(
        "win_number", row["win_number"], None, None, rule, f"T = {turnout:,}", "", row["win_number"] == expected
    )


def _goal(row: Row, rules: Row, whole: Row, is_whole: bool) -> Line:
    if is_whole:
        rule = f"{rules['target_share']} x T rounded as winnumber.toml says, at least the win number"
        aimed = rules["target_share"] * row["expected_turnout"]
        holds = abs(row["vote_goal"] - max(aimed, Decimal(row["win_number"]))) < 1 or rules["candidates"] == 1
        return Line("vote_goal", row["vote_goal"], None, None, rule, f"{aimed:,.2f}", "", holds)
    rule = "the contest's goal handed down: turnout x logistic(logit(support) + shift) per split, largest remainder"
    inputs = f"contest's goal {whole['vote_goal']:,}, shift {rules['goal_shift']}"
    return Line("vote_goal", row["vote_goal"], None, None, rule, inputs, "", None)


def _base(row: Row, scores: Row | None, rules: Row, model: str, is_whole: bool) -> Line:
    inputs = f"reliable: p_turnout at least reliable_turnout_min; roll-off {rules['roll_off']}"
    holds = None if scores is None else row["base_vote"] <= row["expected_support"]
    return Line("base_vote", row["base_vote"], row["base_vote_low"], row["base_vote_high"],
                "sum of p_turnout x p_support over reliable voters x roll-off", inputs, model, holds)  # fmt: skip


def _deficit(row: Row, model: str) -> Line:
    return Line("vote_deficit", row["vote_deficit"], row["vote_deficit_low"], row["vote_deficit_high"],
                "vote_goal - base_vote", f"{row['vote_goal']:,} - {row['base_vote']:,}", model,
                row["vote_deficit"] == row["vote_goal"] - row["base_vote"])  # fmt: skip


def _pool(row: Row, pool: str, rates: Row, model: str, is_whole: bool) -> list[Line]:
    size, yields, goal = row[f"{pool}_pool"], row[f"{pool}_expected_yield"], row[f"goal_from_{pool}"]
    source = f"{rates['channel']}, effect {_trim(rates['effect_share'])} ({rates['year']})"
    where = "" if is_whole else "; worked where the pool's people are"
    return [
        Line(f"{pool}_pool", size, None, None, IN_POOL[pool],
             "scores of the people on file", model, None),
        Line(f"{pool}_expected_yield", yields, None, None, "votes the pool can yield at the channel's effect", source,
             model, None),
        Line(f"goal_from_{pool}", goal, None, None, f"cheapest expected net vote first, at most the yield{where}",
             f"${rates['cost_per_net_vote_usd']:,.2f} a net vote", "", goal <= yields if is_whole else None),
    ]  # fmt: skip


def _uncovered(row: Row, is_whole: bool) -> Line:
    covered = sum(row[f"goal_from_{pool}"] for pool in POOLS)
    holds = max(row["vote_deficit"], 0) == covered + row["uncovered_deficit"] if is_whole else None
    return Line("uncovered_deficit", row["uncovered_deficit"], None, None, "what no pool can cover",
                f"{row['vote_deficit']:,} missing, {covered:,} from pools", "", holds)  # fmt: skip


def _work(row: Row, rates: dict[str, Row]) -> list[Line]:
    sources = "; ".join(f"{pool} by {r['channel']}: {_trim(r['attempts_per_hour']) or 'no'} attempts an hour"
                        for pool, r in rates.items())  # fmt: skip
    rule = "goals from the pools / net votes per contact, contact rate and attempts per hour (contact_rates_in_use)"
    goals = ", ".join(f"{row[f'goal_from_{pool}']:,} from {pool}" for pool in POOLS)
    return [
        Line(name, row[name], None, None, rule, sources if name == "attempts" else goals, "", None)
        for name in ("contacts", "attempts", "volunteer_shifts", "staff", "cost_usd")
    ]


def _chance(row: Row, model: str) -> Line:
    return Line("win_probability", row["win_probability"], None, None,
                "chance that our share exceeds win_number / T under the joint errors, before any campaign",
                f"share {row['expected_share']}, needed {_share(row['win_number'], row['expected_turnout'])}", model,
                None)  # fmt: skip


def _trim(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}" if whole else "-"


def _provenance(row: Row, cards: dict[str, Any]) -> Line:
    made = ", ".join(
        f"{v} (as of {cards[v].get('data_as_of', '?')})" for v in row["model_version"].split() if v in cards
    )
    return Line("release", row["release_id"], None, None, "every number above comes from this release",
                f"data as of {row['data_as_of']}", made or row["model_version"], None)  # fmt: skip


def _rows(con: Any, query: str, values: Sequence[object]) -> list[Row]:
    found = con.execute(query, list(values))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
