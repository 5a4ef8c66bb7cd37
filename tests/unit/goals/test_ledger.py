"""A whole world through dbt: it builds, and every atom equals an independent computation."""

from __future__ import annotations

import math
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import duckdb
import reference
from goals_ledger import Ledger, build

QUOTA = Decimal("0.000000000001")


def test_every_model_data_test_and_unit_test_of_the_ledger_passes(ledger: Ledger):
    assert ledger.returncode == 0, ledger.output[-4000:]


def test_turnout_support_base_and_goals_of_every_split_equal_a_second_computation(warehouse):
    for contest, roll_off, kind, area in warehouse.execute(
        "select contest_id, roll_off, geography_type, geography_id from intermediate.int_contests__contests"
    ).fetchall():
        masses = split_masses(warehouse, kind, area)
        turnout = hand_down(masses, 0, roll_off, None)
        support = hand_down(masses, 1, roll_off, turnout)
        base = hand_down(masses, 2, roll_off, support)
        total = sum(turnout.values())
        win = math.floor(Fraction(total, 2)) + 1 if total else 0
        goal = min(max(math.ceil(Fraction(52, 100) * total), win), total)
        goals = shifted(masses, turnout, goal, turnout)
        wins = shifted(masses, turnout, win, goals)
        rows = warehouse.execute(
            "select split_id, expected_turnout, expected_support, base_vote, vote_goal, win_number "
            "from intermediate.int_goals__contest_splits where contest_id = ?",
            [contest],
        ).fetchall()
        assert len(rows) == len(masses)
        for split, *found in rows:
            assert found == [turnout[split], support[split], base[split], goals[split], wins[split]], (contest, split)


def split_masses(con: duckdb.DuckDBPyConnection, kind: str, area: str) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    found: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for split, turnout, support in con.execute(
        "select v.split_id, v.p_turnout, v.p_support from fixture.int_scores__voters as v "
        "inner join intermediate.int_goals__split_geographies as a on v.split_id = a.split_id "
        "where a.geography_type = ? and a.geography_id = ?",
        [kind, area],
    ).fetchall():
        vote = (turnout * support).quantize(Decimal("0.000000001"), rounding="ROUND_HALF_UP")
        reliable = turnout >= Decimal("0.70")
        sums = found[split]
        found[split] = [sums[0] + turnout, sums[1] + vote, sums[2] + (vote if reliable else 0)]
    return {split: (a, b, c) for split, (a, b, c) in found.items()}


def hand_down(
    masses: dict[str, tuple[Decimal, Decimal, Decimal]], line: int, roll_off: Decimal, caps: dict[str, int] | None
) -> dict[str, int]:
    quotas = {s: (m[line] * roll_off).quantize(QUOTA, rounding="ROUND_HALF_UP") for s, m in masses.items()}
    total = reference.half_up(Fraction(sum(m[line] for m in masses.values())) * Fraction(roll_off))
    return reference.largest_remainder(quotas, total, caps)


def shifted(
    masses: dict[str, tuple[Decimal, Decimal, Decimal]], turnout: dict[str, int], goal: int, caps: dict[str, int]
) -> dict[str, int]:
    shares = {
        s: float(min(max(round(m[1] / m[0], 6), Decimal("0.001")), Decimal("0.999"))) if m[0] else 0.5
        for s, m in masses.items()
    }
    units = {s: (turnout[s], shares[s]) for s in masses if turnout[s] > 0}
    delta = reference.shift(units, goal)
    quotas = {
        s: Decimal(turnout[s] / (1 + math.exp(-(math.log(shares[s] / (1 - shares[s])) + delta)))).quantize(QUOTA)
        for s in masses
    }
    return reference.largest_remainder(quotas, goal, caps)


def test_votes_of_people_whose_district_is_withheld_count_statewide_only(warehouse):
    (statewide,) = warehouse.execute(
        "select count(*) from marts.district_vote_goals where district_id is null "
        "and geography_type = 'congressional_district' and geography_id like '%-withheld' and registered > 0"
    ).fetchone()
    (fought,) = warehouse.execute("select count(*) from marts.contests where district_id like '%-withheld'").fetchone()
    assert statewide > 0
    assert fought == 0


def test_a_precinct_in_two_districts_has_its_own_part_in_each(warehouse):
    (shared,) = warehouse.execute(
        """
        select count(*) from (
            select h.geography_id
            from marts.district_vote_goals as h
            where h.office_code = 'us_house' and h.geography_type = 'precinct'
            group by h.geography_id having count(*) > 1
        )"""
    ).fetchone()
    assert shared > 0
    wrong = warehouse.execute(
        """
        with parts as (
            select geography_id, sum(registered) as registered from marts.district_vote_goals
            where office_code = 'us_house' and geography_type = 'precinct' group by geography_id)
        select parts.geography_id from parts
        inner join marts.district_vote_goals as s
            on parts.geography_id = s.geography_id and s.geography_type = 'precinct' and s.office_code = 'us_senate'
        where parts.registered <> s.registered"""
    ).fetchall()
    assert wrong == []


def test_a_county_without_an_estimate_leaves_eligible_unknown_where_it_takes_part(warehouse):
    known = dict(
        warehouse.execute(
            "select geography_id, eligible is not null from marts.district_vote_goals "
            "where geography_type in ('county', 'state') and office_code = 'us_senate'"
        ).fetchall()
    )
    assert known["51005"] is False
    assert known["VA"] is False
    assert known["51001"] is True
    assert known["NC"] is True


def test_two_builds_of_the_same_inputs_hold_the_same_rows(ledger: Ledger, tmp_path):
    again = build(tmp_path, "--resource-types", "seed", "model")
    assert again.returncode == 0
    with duckdb.connect(str(ledger.database)) as con:
        con.execute(f"attach '{again.database}' as again (read_only)")
        for table in ("district_vote_goals", "contests"):
            for one, other in ((f"marts.{table}", f"again.marts.{table}"), (f"again.marts.{table}", f"marts.{table}")):
                assert con.execute(f"select count(*) from (from {one} except all from {other})").fetchone() == (0,)
