"""The account itself can fail: decoration, a missed corruption and an unknown kind are each told by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from mutation import account, by_hand
from mutation.account import gate_guards, prove
from mutation.derived import Corruption
from mutation.evaluate import Outcome, UnknownKind, ask, counts
from mutation.world import World

from orchestration.gates import checks as gate
from orchestration.gates.checks import Check


@pytest.fixture
def world() -> Iterator[World]:
    with duckdb.connect() as con:
        con.execute("create table main.goals as select i as votes, 'place ' || i as name from range(1, 6) as r(i)")
        yield World(con, Path(), {}, {}, frozenset())


def proved(world: World, *checks: Check, hand: dict[str, list[Corruption]] | None = None, matrix: bool = False):
    return prove(world, "candidate", gate_guards(world, checks, hand or {}), matrix)


POSITIVE = Check("goals.votes_are_positive", "main.goals", "expression", {"sql": "votes > 0"})
NAMED = Check("goals.name_is_never_null", "main.goals", "not_null", {"column": "name"})
DECORATION = Check("goals.looks_fine", "main.goals", "expression", {"sql": "votes is not null or votes is null"})


def test_a_check_that_nothing_breaks_is_listed(world: World):
    found = proved(world, POSITIVE, DECORATION, NAMED)
    assert [p.check_id for p in found.proofs if p.killer is None] == ["goals.looks_fine"]
    assert "goals.looks_fine" in found.without_killer[0]
    assert found.totals()["all"] == {"checks": 3, "killers": 2}


def test_a_corruption_that_its_check_does_not_catch_is_listed(world: World):
    harmless = Corruption("votes doubled", ("update goals set votes = votes * 2",), "goals", by_hand=True)
    found = proved(world, POSITIVE, hand={POSITIVE.check_id: [harmless]})
    assert found.uncaught == ["candidate: votes doubled: the check is sound"]
    assert not found.without_killer


def test_a_check_that_fails_on_the_sound_world_has_no_killer(world: World):
    (line,) = proved(world, Check("goals.few", "main.goals", "between", {"column": "votes", "max": 2})).without_killer
    assert "it is fault in the sound world" in line


def test_who_else_catches_a_killer_is_told(world: World):
    twin = Check("goals.votes_are_not_negative", "main.goals", "expression", {"sql": "coalesce(votes, 1) >= 1"})
    found = proved(world, POSITIVE, twin, NAMED, matrix=True)
    others = {p.check_id: p.others for p in found.proofs}
    assert others["goals.name_is_never_null"] == ()
    assert others["goals.votes_are_not_negative"] == ("goals.votes_are_positive",)
    # A null breaks the first alone: it is chosen, though another value was tried before it.
    assert others["goals.votes_are_positive"] == ()
    assert found.totals()["all"]["alone"] == 2


def test_a_corruption_leaves_the_world_as_it_was(world: World):
    proved(world, POSITIVE, NAMED, matrix=True)
    assert world.one("select sum(votes) from goals") == 15
    assert world.one("select count(*) from goals where name is null") == 0


def test_a_kind_that_nobody_can_answer_or_break_is_named_with_what_to_do(world: World, monkeypatch):
    monkeypatch.setattr(gate, "KINDS", {**gate.KINDS, "profile": gate.Kind(frozenset({"of"}))})
    check = Check("drift.goals.votes", "main.goals", "profile", {"of": "votes"})
    with pytest.raises(UnknownKind, match=r"drift\.goals\.votes.*'profile'.*family of its own"):
        counts(world.con, check, 5)
    monkeypatch.setattr(account, "ask", lambda con, check: Outcome.SOUND)
    (line,) = proved(world, check).without_killer
    assert "no way to break kind 'profile'" in line


def test_an_unanswered_check_is_told_from_a_failed_one(world: World):
    assert ask(world.con, Check("goals.x", "main.goals", "not_null", {"column": "x"})) is Outcome.UNANSWERED
    assert ask(world.con, Check("goals.y", "main.nowhere", "not_null", {"column": "x"})) is Outcome.UNANSWERED


@pytest.mark.parametrize(
    ("sql", "table"),
    [("update goals set votes = 1", "goals"), ("insert into marts.goals from marts.goals", "marts.goals"),
     ("delete from a.b.c where x = 'update y'", "a.b.c")],
)  # fmt: skip
def test_the_table_that_a_corruption_changes_is_read_from_it(sql: str, table: str):
    assert by_hand.changed(sql) == table


@pytest.mark.parametrize("sql", ["select 1", "update goals set votes = 1; delete from places"])
def test_a_corruption_of_no_table_or_of_two_is_refused(sql: str):
    with pytest.raises(ValueError, match="just one table"):
        by_hand.changed(sql)


def test_every_corruption_written_by_hand_is_of_a_check_that_exists():
    (left_over,) = by_hand.for_checks(by_hand.DELIVERED, ["nowhere.at_all"])[1:]
    assert set(left_over) == set(by_hand.written(by_hand.DELIVERED))
