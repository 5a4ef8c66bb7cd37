"""Mutants of the ledger's SQL: a filter dropped, a join changed, a number rounded the other way.

Belongs here: the mutants, as replacements in a model's or a macro's text, and whether unit tests, data tests or
published rules notice them. Does not belong here: corruptions of rows. All mutants of a project are compiled by one
call of dbt, each as a model of its own beside the true one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import yaml

from orchestration.gates.checks import Check

from .replay import Project, project_of

ALLOCATION = "macros/allocation.sql"
GOALS = "models/intermediate/goals"


@dataclass(frozen=True)
class Mutant:
    """A change of one model's SQL, or (`macro` set) of a macro as that model alone sees it."""

    name: str
    model: str
    old: str
    new: str
    macro: str | None = None
    folder: str = GOALS


MUTANTS = (
    Mutant("half_the_votes_win", "int_goals__contest_targets", "floor(expected_turnout * 0.5) + 1",
           "floor(expected_turnout * 0.5)"),
    Mutant("goals_are_rounded_down", "int_goals__contest_targets", "else ceil(target_share * expected_turnout)",
           "else floor(target_share * expected_turnout)"),
    Mutant("a_goal_may_exceed_the_turnout", "int_goals__contest_targets",
           "least(greatest(aimed_for, win_number), expected_turnout)", "greatest(aimed_for, win_number)"),
    Mutant("a_goal_may_fall_short_of_winning", "int_goals__contest_targets",
           "least(greatest(aimed_for, win_number), expected_turnout)", "least(aimed_for, expected_turnout)"),
    Mutant("contests_meet_every_area_of_their_kind", "int_goals__contest_turnout",
           "            and contests.geography_id = areas.geography_id\n", ""),
    Mutant("support_is_not_kept_within_turnout", "int_goals__contest_turnout",
           "'support_quota', 'expected_support', cap='expected_turnout')", "'support_quota', 'expected_support')"),
    Mutant("roll_off_is_left_out_of_the_total", "int_goals__contest_turnout",
           "round_half_up('cast(sum(turnout_mass) as decimal(20, 9)) * max(roll_off)')",
           "round_half_up('cast(sum(turnout_mass) as decimal(20, 9))')"),
    Mutant("the_win_number_is_not_kept_within_the_goal", "int_goals__contest_goals",
           "'win_quota', 'win_number', cap='vote_goal')", "'win_quota', 'win_number')"),
    Mutant("the_goal_goes_by_the_win_numbers_shift", "int_goals__contest_goals",
           "goals.measure = 'vote_goal'", "goals.measure = 'win_number'"),
    Mutant("the_shift_of_the_goal_reaches_the_win_number", "int_goals__contest_shifts",
           "cast('vote_goal' as varchar) as measure,\n        vote_goal as goal",
           "cast('vote_goal' as varchar) as measure,\n        win_number as goal"),
    Mutant("a_pool_counts_itself_among_the_cheaper", "int_goals__contest_pools",
           "rows between unbounded preceding and 1 preceding", "rows between unbounded preceding and current row"),
    Mutant("the_deficit_is_asked_of_every_pool", "int_goals__contest_pools",
           "least(expected_yield, deficit - yield_of_cheaper)", "least(expected_yield, deficit)"),
    Mutant("the_dearest_pool_is_asked_first", "int_goals__contest_pools",
           "order by cost_per_net_vote_usd asc nulls last, purpose_order", "order by cost_per_net_vote_usd desc, purpose_order"),
    Mutant("yields_are_rounded_up", "int_goals__contest_pools", "cast(floor(coalesce(", "cast(ceil(coalesce("),
    Mutant("registration_covers_nothing", "int_goals__contest_capacity",
           " - pools.goal_from_persuasion - pools.goal_from_registration", " - pools.goal_from_persuasion"),
    Mutant("staff_is_rounded_down", "int_goals__contest_capacity",
           "ceil(cast(pools.volunteer_hours as double) / (campaign", "floor(cast(pools.volunteer_hours as double) / (campaign"),
    Mutant("atoms_take_the_win_number_for_the_goal", "int_goals__contest_splits",
           "goals.vote_goal - turnout.base_vote as vote_deficit", "goals.win_number - turnout.base_vote as vote_deficit"),
    Mutant("hours_are_dealt_by_cost", "int_goals__contest_splits",
           "cast(volunteer_hours_quota as double) / nullif(volunteer_hours, 0)",
           "cast(cost_cents_quota as double) / nullif(volunteer_hours, 0)"),
    Mutant("everybody_on_the_list_is_registered", "int_goals__split_measures",
           "sum(case when is_active then 1 else 0 end)", "sum(1)"),
    Mutant("who_is_inactive_is_called_to_vote", "int_goals__split_measures",
           "voters.is_active\n        and voters.p_support >= thresholds.gotv_support_min",
           "voters.p_support >= thresholds.gotv_support_min"),
    Mutant("who_votes_surely_is_called_to_vote", "int_goals__split_measures",
           "        and voters.p_turnout < thresholds.gotv_turnout_max as is_gotv", " as is_gotv"),
    Mutant("only_the_more_than_reliable_are_the_base", "int_goals__split_measures",
           "voters.p_turnout >= thresholds.reliable_turnout_min", "voters.p_turnout > thresholds.reliable_turnout_min"),
    Mutant("splits_without_an_estimate_vanish", "int_goals__split_registration",
           "left join handed_down", "inner join handed_down"),
    Mutant("the_registered_are_not_taken_off_the_eligible", "int_goals__split_registration",
           "greatest(eligible.eligible - registered_counties.registered, 0)", "greatest(eligible.eligible, 0)"),
    Mutant("the_dearest_channel_is_taken", "int_goals__pool_rates",
           "order by cost_per_net_vote_usd asc nulls last, channel", "order by cost_per_net_vote_usd desc, channel"),
    Mutant("nobody_lives_in_a_county", "int_goals__split_geographies", "goals_geographies() -%}\nselect",
           "goals_geographies() if geography_type != 'county' -%}\nselect"),
    Mutant("one_place_too_few_is_handed_down", "int_goals__contest_turnout",
           "lr_place <= lr_missing % lr_parts", "lr_place < lr_missing % lr_parts", ALLOCATION),
    Mutant("halves_are_rounded_down", "int_goals__contest_turnout", "floor({{ expression }} + 0.5)",
           "ceil({{ expression }} - 0.5)", ALLOCATION),
    Mutant("quotas_are_rounded_to_votes_first", "int_goals__contest_turnout",
           "cast({{ expression }} as decimal(24, 12))", "cast({{ expression }} as decimal(24, 0))", ALLOCATION),
    Mutant("the_smallest_remainders_come_first", "int_goals__contest_goals", "lr_remainder desc nulls last",
           "lr_remainder asc nulls last", ALLOCATION),
    Mutant("newton_stops_before_it_begins", "int_goals__contest_shifts", "newton_passes=4", "newton_passes=0", ALLOCATION),
    Mutant("an_area_with_parts_unknown_shows_a_partial_sum", "district_vote_goals",
           "case when count(atoms.eligible) = count(*) then sum(atoms.eligible) end", "sum(atoms.eligible)",
           folder="models/marts/everyone"),
    Mutant("areas_lose_the_contest_itself", "district_vote_goals",
           "coalesce(areas.geography_id, atoms.contest_id) as geography_id", "areas.geography_id as geography_id",
           folder="models/marts/everyone"),
)  # fmt: skip


def write(project: Path) -> None:
    """Put every mutant into a copied dbt project, with the unit tests of its model. Raises ValueError for stale ones."""
    folder = project / "models" / "intermediate" / "mutants"
    folder.mkdir()
    tests: list[dict[str, object]] = []
    for mutant in MUTANTS:
        model = (project / mutant.folder / f"{mutant.model}.sql").read_text(encoding="utf-8")
        if mutant.macro is None:
            model = replaced(model, mutant)
        else:
            macros = (project / mutant.macro).read_text(encoding="utf-8")
            named = re.findall(r"\{% macro (\w+)\(", macros)
            (project / "macros" / f"{mutant.name}.sql").write_text(
                _renamed(replaced(macros, mutant), named, mutant.name)
            )
            model = _renamed(model, named, mutant.name)
        config = "{{ config(materialized='table', contract={'enforced': false}) }}\n"
        (folder / f"{model_of(mutant)}.sql").write_text(config + model, encoding="utf-8")
        tests += _unit_tests(project, mutant)
    (folder / "mutants_unit_tests.yml").write_text(yaml.safe_dump({"version": 2, "unit_tests": tests}, sort_keys=False))


def replaced(text: str, mutant: Mutant) -> str:
    """The text with the mutant's one change; ValueError when it is not there just once."""
    if text.count(mutant.old) != 1:
        raise ValueError(f"mutant {mutant.name}: {mutant.old!r} is {text.count(mutant.old)} times in {mutant.model}")
    return text.replace(mutant.old, mutant.new)


def model_of(mutant: Mutant) -> str:
    """The name of the model that holds a mutant."""
    return f"mutant_{mutant.name}"


def _renamed(text: str, macros: Iterable[str], suffix: str) -> str:
    return re.sub(rf"\b({'|'.join(macros)})\(", rf"\1__{suffix}(", text)


def _unit_tests(project: Path, mutant: Mutant) -> list[dict[str, object]]:
    found = []
    for path in (project / mutant.folder).glob("*.yml"):
        described = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for test in described.get("unit_tests", []):
            if test["model"] == mutant.model:
                found.append({**test, "model": model_of(mutant), "name": f"{test['name']}__{mutant.name}"})
    return found


def failed_unit_tests(results: Path) -> dict[str, list[str]]:
    """Model of a mutant -> its unit tests that failed, from dbt's `run_results.json`."""
    failed: dict[str, list[str]] = {}
    for result in json.loads(results.read_text(encoding="utf-8"))["results"]:
        kind, _, model, name = result["unique_id"].split(".", 3)
        if kind == "unit_test" and result["status"] != "pass":
            failed.setdefault(model, []).append(name.rsplit("__", 1)[0])
    return failed


def noticed(
    con: duckdb.DuckDBPyConnection,
    project: Project,
    mutant: Mutant,
    sql: str,
    guards: Mapping[str, Callable[[], bool]],
) -> list[str]:
    """The guards (name -> whether it finds fault) that notice a mutant once everything is built with it."""
    (true,) = (name for name in project.sql if name.split(".")[1] == mutant.model)
    con.execute("begin")
    try:
        for name, text in {true: sql, **{n: project.sql[n] for n in project.made_from(true)}}.items():
            con.execute(f"create or replace table {name} as {text}")
        return [name for name, ask in guards.items() if ask()]
    except duckdb.Error as error:  # a model that cannot be built is noticed by everybody
        return [f"dbt: {type(error).__name__}"]
    finally:
        con.execute("rollback")


def compiled_tests(project: Path) -> dict[str, str]:
    """The SQL of every data test of the project, by name."""
    said = json.loads((project / "target" / "manifest.json").read_text(encoding="utf-8"))
    ran = json.loads((project / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    return {
        said["nodes"][result["unique_id"]]["name"]: result["compiled_code"]
        for result in ran
        if result["unique_id"].startswith("test.")
    }


def in_schema(check: Check, schema: str) -> Check:
    """A check of a published table, asked of the table in the schema that dbt built it in."""
    name = check.table.rsplit(".", 1)[1]
    params = {k: re.sub(r"\b(?:\w+\.)?main\.(?=\w)", f"{schema}.", v) if k in ("sql", "condition", "other_table")
              else v for k, v in check.params.items()}  # fmt: skip
    return replace(check, table=f"{schema}.{name}", params=params)


def compiled(project: Path) -> tuple[Project, dict[str, str]]:
    """The project as dbt compiled it, and the SQL of each mutant by its model."""
    said = json.loads((project / "target" / "manifest.json").read_text(encoding="utf-8"))
    files = {f.stem: f.read_text(encoding="utf-8") for f in (project / "target" / "compiled").rglob("*.sql")
             if not any(part.suffix == ".yml" for part in f.parents)}  # fmt: skip
    models = {
        uid: files[node["name"]]
        for uid, node in said["nodes"].items()
        if node["resource_type"] == "model" and node["name"] in files
    }
    mutants = {model_of(m): files[model_of(m)] for m in MUTANTS}
    return project_of(said, {u: sql for u, sql in models.items() if u.rsplit(".", 1)[1] not in mutants}), mutants
