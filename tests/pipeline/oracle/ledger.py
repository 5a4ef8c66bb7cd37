"""The ledger: contests, goals, pools and work at the atoms, then summed over every area.

Belongs here: vote-goals sections 1 to 3. Does not belong here: reading sources; scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, lcm
from pathlib import Path

import polars as pl

from oracle.atoms import GEOGRAPHIES, splits
from oracle.numbers import PLACES, half_up, in_proportion, largest_remainder, shifted
from oracle.past import votes
from oracle.people import people
from oracle.results import roll_offs
from oracle.scores import scored
from oracle.world import MILLION, open_world, seed
from orchestration.settings import Campaign, ContestRule

POOLS = ("gotv", "persuasion", "registration")
WORK = ("contacts", "attempts", "volunteer_hours", "cost_cents")
MEASURED = (
    "registered", "registered_inactive", "gotv_pool", "persuasion_pool", "persuasion_women", "persuasion_men",
    "persuasion_unknown_sex", "crossover_pool", "registration_pool",
)  # fmt: skip
DECIDED = (
    "expected_turnout", "expected_support", "base_vote", "vote_goal", "win_number", "vote_deficit",
    *(f"{pool}_expected_yield" for pool in POOLS), *(f"goal_from_{pool}" for pool in POOLS), "uncovered_deficit",
    *WORK, "volunteer_shifts", "staff",
)  # fmt: skip
ADDED = (*MEASURED, *DECIDED)
LINES = ("eligible", "registration_gap", *ADDED)
KEY = ("contest_id", "geography_type", "geography_id")
_UNIT = 1000 * MILLION  # masses are in this many parts


@dataclass(frozen=True)
class Rate:
    """A pool's cheapest channel."""

    contact_rate: Fraction
    attempts_per_hour: Fraction | None
    net_votes: Fraction
    cost: Fraction
    effect: Fraction

    @property
    def cost_per_net_vote(self) -> Fraction:
        return Fraction(half_up(self.cost / (self.contact_rate * self.net_votes) * 10_000), 10_000)

    def work(self, goal: int) -> dict[str, int]:
        """What winning ``goal`` votes takes."""
        contacts = goal / self.net_votes
        attempts = contacts / self.contact_rate
        hours = attempts / self.attempts_per_hour if self.attempts_per_hour else Fraction(0)
        exact = (contacts, attempts, hours, 100 * attempts * self.cost)
        return dict(zip(WORK, map(half_up, exact), strict=True))


def oracle_goals(home: Path) -> pl.DataFrame:
    """The goal table of a refreshed home: ``KEY`` and ``LINES``, one row per contest and area."""
    world = open_world(home)
    atoms = splits(world, scored(world, people(world), votes(world)))
    rates, rolls = _rates(), roll_offs(world)
    tables = []
    for contest_id, rule, column, area in _contests(world.campaign, atoms):
        inside = atoms.filter(pl.col(column) == area)
        roll_off = rolls.get((rule.state, rule.office_code), MILLION)
        lines = inside.with_columns(**_contest(world.campaign, rule, inside, roll_off, rates))
        lines = lines.with_columns(pl.lit(contest_id).alias("contest_id"))
        areas = {"contest": "contest_id", **GEOGRAPHIES}
        tables += [_sum(lines, kind, by) for kind, by in areas.items()]
    return pl.concat(tables).sort(KEY)


def _sum(lines: pl.DataFrame, kind: str, column: str) -> pl.DataFrame:
    # Eligible is known only where it is known for every part.
    known = pl.when(pl.col("eligible").null_count() == 0).then(pl.col("eligible").sum()).alias("eligible")
    return (
        lines.group_by(pl.lit(kind).alias("geography_type"), pl.col(column).alias("geography_id"))
        .agg(pl.col("contest_id").first(), known, *(pl.col(name).sum() for name in ADDED))
        .with_columns((pl.col("eligible") - pl.col("registered")).alias("registration_gap"))
        .select(*KEY, *LINES)
    )


def _contests(campaign: Campaign, atoms: pl.DataFrame) -> Iterator[tuple[str, ContestRule, str, str]]:
    """Every contest: its id, its rule, and which column of a split holds which value inside it."""
    chosen: dict[str, tuple[ContestRule, str, str]] = {}
    # A rule for one named district is read last and so replaces the rule for every district.
    for rule in sorted(campaign.contests, key=lambda r: r.district_id is not None):
        column = GEOGRAPHIES[rule.district_type or "state"]
        here = atoms.filter((pl.col("state") == rule.state) & (pl.col("registered") > 0))
        for area in sorted(set(here[column])):
            if area.endswith(("-withheld", "-unknown")) or rule.district_id not in (None, area):
                continue
            name = [rule.election_date.isoformat(), rule.state, rule.office_code]
            chosen[":".join([*name, area] if rule.district_type else name)] = (rule, column, area)
    for contest_id, (rule, column, area) in chosen.items():
        yield contest_id, rule, column, area


def _rates() -> dict[str, Rate]:
    """The cheapest channel of each pool, the campaign's own rates before the shipped ones."""
    names = ("contact_rate", "attempts_per_hour", "net_votes_per_contact", "cost_per_attempt_usd", "effect_share")
    rows = {(r["purpose"], r["channel"]): r for r in seed("contact_rates").to_dicts() if r["rate_profile"] == "default"}
    for own in seed("contact_rate_overrides").to_dicts():
        key = (own["purpose"], own["channel"])
        rows[key] = {**rows.get(key, {}), **{k: v for k, v in own.items() if v is not None}}
    found: dict[str, Rate] = {}
    for (purpose, _), row in sorted(rows.items()):
        figures = [None if row.get(name) is None else Fraction(row[name]) for name in names]
        rate = Rate(*figures)  # type: ignore[arg-type]
        if rate.contact_rate * rate.net_votes > 0 and (
            purpose not in found or rate.cost_per_net_vote < found[purpose].cost_per_net_vote
        ):
            found[purpose] = rate
    return found


def _targets(campaign: Campaign, rule: ContestRule, turnout: int) -> tuple[int, int]:
    """Win number and vote goal of a contest."""
    if turnout == 0:
        return 0, 0
    if rule.candidates == 1:
        return 1, 1
    share = Fraction(1, 2)
    if rule.candidates > 2 or rule.seats > 1:
        assert rule.plurality_share is not None
        share = Fraction(rule.plurality_share)
    win = min(floor(share * turnout) + 1, turnout)
    aim = Fraction(rule.target_share) * turnout
    goal = ceil(aim) if campaign.goal_rounding == "up" else half_up(aim)
    return win, min(max(goal, win), turnout)


def _contest(
    campaign: Campaign, rule: ContestRule, atoms: pl.DataFrame, roll_off: int, rates: dict[str, Rate]
) -> dict[str, pl.Series]:
    ids = atoms["split_id"].to_list()
    lines: dict[str, list[int]] = {}

    # Turnout, then our part of it, then the reliable part of that: each within the one before.
    unit, cap = _UNIT * MILLION, None
    for line, mass in {"expected_turnout": "turnout", "expected_support": "support", "base_vote": "base"}.items():
        quotas = [m * roll_off for m in atoms[f"{mass}_mass"].to_list()]
        cap = lines[line] = largest_remainder(quotas, unit, half_up(Fraction(sum(quotas), unit)), ids, cap)

    turnout = lines["expected_turnout"]
    win, goal = _targets(campaign, rule, sum(turnout))
    shares = [_share(s, t) for s, t in zip(atoms["support_mass"], atoms["turnout_mass"], strict=True)]
    lines["vote_goal"] = largest_remainder(shifted(goal, turnout, shares), PLACES, goal, ids, turnout)
    lines["win_number"] = largest_remainder(shifted(win, turnout, shares), PLACES, win, ids, lines["vote_goal"])
    lines["vote_deficit"] = [g - b for g, b in zip(lines["vote_goal"], lines["base_vote"], strict=True)]

    masses = {pool: atoms[f"{pool}_mass"].to_list() for pool in POOLS}
    work, goals, left = {}, {}, max(0, sum(lines["vote_deficit"]))
    for pool in sorted(POOLS, key=lambda p: (rates[p].cost_per_net_vote, POOLS.index(p))):
        power = floor(Fraction(sum(masses[pool]) * roll_off, unit) * rates[pool].effect)
        goals[pool] = min(power, left)
        left -= goals[pool]
        work[pool] = rates[pool].work(goals[pool])
        lines[f"{pool}_expected_yield"] = in_proportion(power, masses[pool], ids)
        lines[f"goal_from_{pool}"] = in_proportion(goals[pool], masses[pool], ids)
    lines["uncovered_deficit"] = in_proportion(left, [max(0, d) for d in lines["vote_deficit"]], ids)

    # Work is where the votes are that it is to win.
    common = lcm(*(g for g in goals.values() if g))
    for line in WORK:
        total = sum(work[pool][line] for pool in POOLS)
        quotas = [
            sum(work[p][line] * lines[f"goal_from_{p}"][i] * (common // goals[p]) for p in POOLS if goals[p])
            for i in range(len(ids))
        ]
        lines[line] = largest_remainder(quotas, common, total, ids)
        if line == "volunteer_hours":
            shifts = ceil(Fraction(total, campaign.hours_per_shift))
            staff = ceil(Fraction(total, campaign.hours_per_staff_week * campaign.field_weeks))
            lines["volunteer_shifts"] = in_proportion(shifts, quotas, ids)
            lines["staff"] = in_proportion(staff, quotas, ids)
    return {line: pl.Series(values, dtype=pl.Int64) for line, values in lines.items()}


def _share(support: int, turnout: int) -> Decimal:
    """Expected support among voters in six decimals, kept off 0 and 1; one half where nobody votes."""
    if turnout == 0:
        return Decimal("0.5")
    return Decimal(min(max(half_up(Fraction(support * MILLION, turnout)), 1000), MILLION - 1000)) / MILLION
