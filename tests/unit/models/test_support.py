from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from orchestration.models import identified, support
from orchestration.models.scorecard import Scorecard, logistic
from orchestration.models.support import GROUPS, Precincts

D, R, N = "D", "R", "N"


def a_state(precincts: int = 60, votes: int = 400, in_precincts: float = 1.0, seed: int = 1) -> Precincts:
    """Precincts in three counties whose people vote by party: D 0.9, R 0.1, others 0.6 for the campaign."""
    rng = np.random.default_rng(seed)
    share_d = rng.uniform(0.1, 0.7, precincts)
    d = np.rint(votes * share_d)
    r = np.rint(votes * (1 - share_d) * rng.uniform(0.1, 0.9, precincts))
    people = np.stack([d, r, votes - d - r])
    votes_for = np.rint(0.9 * people[0] + 0.1 * people[1] + 0.6 * people[2])
    ids = [f"{37001 + 2 * (i % 3)}-{i:02d}" for i in range(precincts)]
    counties = [name[:5] for name in ids]
    cells = pl.DataFrame(
        {
            "state": ["NC"] * 3 * precincts,
            "county_fips": counties * 3,
            "precinct_id": ids * 3,
            "then_precinct_id": ids * 3,
            "group": [D] * precincts + [R] * precincts + [N] * precincts,
            "household": ["held alone"] * 3 * precincts,
            "age": ["held 40"] * 3 * precincts,
            "sex": ["held F"] * 3 * precincts,
            "answer": ["none"] * 3 * precincts,
            "voters": people.ravel().astype(int),
        }
    )
    inside = np.rint(in_precincts * votes_for), np.rint(in_precincts * (votes - votes_for))
    certified = pl.DataFrame(
        {"county_fips": counties, "precinct_id": ids, "votes_for": inside[0], "votes_against": inside[1]},
        schema_overrides={"votes_for": pl.Int64, "votes_against": pl.Int64},
    )
    return Precincts("NC", cells, cells.select("county_fips", "precinct_id").unique(maintain_order=True), certified)


def changed(data: Precincts, **frames: pl.DataFrame) -> Precincts:
    return Precincts(
        data.state,
        frames.get("cells", data.cells),
        frames.get("precincts", data.precincts),
        frames.get("certified", data.certified),
    )


def expected(data: Precincts, fit: support.Fit) -> dict[str, float]:
    """Expected votes for the campaign by today's precinct, from the lookup tables alone."""
    shift = {a.area_id: a.logit_shift for a in fit.areas if a.area_level == "precinct"}
    odds = Scorecard(support.FEATURES, fit.points).scores(data.cells)
    moved = odds + np.array([shift[name] for name in data.cells["precinct_id"]])
    votes = data.cells["voters"].to_numpy() * logistic(moved)
    summed = data.cells.with_columns(pl.Series("votes", votes)).group_by("precinct_id").agg(pl.col("votes").sum())
    return dict(summed.iter_rows())


def with_central(data: Precincts, county: str, ours: int, theirs: int) -> Precincts:
    row = pl.DataFrame(
        {"county_fips": [county], "precinct_id": [None], "votes_for": [ours], "votes_against": [theirs]},
        schema=data.certified.schema,
    )
    return changed(data, certified=pl.concat([data.certified, row]))


def test_every_precinct_reproduces_its_certified_result_to_the_vote() -> None:
    data = a_state()
    found = expected(data, support.fit(data, D))
    for name, votes_for in data.certified.select("precinct_id", "votes_for").iter_rows():
        assert abs(found[name] - votes_for) < 0.01


def test_central_votes_go_back_to_precincts_and_the_county_keeps_its_total() -> None:
    data = with_central(a_state(in_precincts=0.6), "37001", 2000, 700)
    fit = support.fit(data, D)
    precincts = [a for a in fit.areas if a.area_level == "precinct" and a.area_id.startswith("37001")]
    counted = data.certified.filter(pl.col("county_fips") == "37001")
    assert (
        sum(a.certified_votes for a in precincts)
        == counted.select(pl.col("votes_for").sum() + pl.col("votes_against").sum()).item()
    )
    ours = sum(a.certified_votes * (a.certified_share or 0) for a in precincts)
    assert ours == pytest.approx(counted["votes_for"].sum(), abs=0.01)


def test_what_groups_prefer_is_read_from_how_precincts_vary() -> None:
    record = support.fit(a_state(), D).record
    assert record["rate_D"] == pytest.approx(0.9, abs=0.02)
    assert record["rate_R"] == pytest.approx(0.1, abs=0.02)
    assert record["rate_N"] == pytest.approx(0.6, abs=0.05)


def test_a_precinct_below_the_minimum_leans_on_its_make_up() -> None:
    data = a_state()
    ids = data.certified["precinct_id"]
    few = changed(
        data,
        certified=data.certified.with_columns(
            pl.when(ids == ids[0]).then(40).otherwise("votes_for").alias("votes_for"),
            pl.when(ids == ids[0]).then(0).otherwise("votes_against").alias("votes_against"),
        ),
    )
    fit = support.fit(few, D)
    own = next(a for a in fit.areas if a.area_id == ids[0])
    assert own.basis == "shrunk"
    # Alone in being small in its county, it keeps its county's votes, and those are its own.
    assert expected(few, fit)[ids[0]] / 400 > 0.9
    two = changed(few, certified=few.certified.with_columns(
        pl.when(ids == ids[3]).then(0).otherwise("votes_for").alias("votes_for"),
        pl.when(ids == ids[3]).then(40).otherwise("votes_against").alias("votes_against"),
    ))  # fmt: skip
    found = expected(two, support.fit(two, D))
    assert 0.5 < found[ids[0]] / 400 < 0.9
    assert found[ids[0]] + found[ids[3]] == pytest.approx(400, abs=1)


def test_movers_carry_the_result_of_where_they_voted_to_where_they_live() -> None:
    data = a_state()
    ids = data.certified["precinct_id"].to_list()
    # Everybody of the first precinct lives in the fourth (of the same county) today.
    cells = data.cells.with_columns(
        pl.when(pl.col("precinct_id") == ids[0]).then(pl.lit(ids[3])).otherwise("precinct_id").alias("precinct_id")
    )
    moved = changed(data, cells=cells)
    fit = support.fit(moved, D)
    votes = dict(data.certified.select("precinct_id", "votes_for").iter_rows())
    assert expected(moved, fit)[ids[3]] == pytest.approx(votes[ids[0]] + votes[ids[3]], abs=0.05)
    assert next(a for a in fit.areas if a.area_id == ids[3]).basis == "rebased"


def test_a_precinct_without_people_or_results_has_the_shift_of_its_county() -> None:
    data = a_state()
    new = pl.concat([data.precincts, pl.DataFrame({"county_fips": ["37001"], "precinct_id": ["37001-new"]})])
    areas = {a.area_id: a for a in support.fit(changed(data, precincts=new), D).areas}
    assert areas["37001-new"].logit_shift == areas["37001"].logit_shift
    assert areas["37001-new"].basis == "county"


def test_a_state_without_certified_results_keeps_what_groups_are_known_for() -> None:
    data = a_state()
    fit = support.fit(changed(data, certified=data.certified.head(0)), D)
    assert fit.record["rate_D"] == pytest.approx(support.PRIOR["D"], abs=1e-6)
    assert {a.basis for a in fit.areas if a.area_level != "precinct"} == {"none"}


def test_the_other_partys_campaign_sees_the_mirror_image() -> None:
    data = a_state()
    theirs = changed(
        data, certified=data.certified.rename({"votes_for": "votes_against", "votes_against": "votes_for"})
    )
    ours, mirrored = expected(data, support.fit(data, D)), expected(theirs, support.fit(theirs, R))
    assert all(ours[name] + mirrored[name] == pytest.approx(400, abs=0.01) for name in ours)


def known_sides(count: int = 6000) -> pl.DataFrame:
    """People of known side; with a Democrat at home they are one in four times out of five."""
    rng = np.random.default_rng(4)
    home = rng.integers(0, 2, count)
    return pl.DataFrame(
        {
            "state": ["NC"] * count,
            "household": [("one more R", "one more D")[i] for i in home],
            "age": ["40"] * count,
            "sex": ["F"] * count,
            "race": ["other"] * count,
            "around": ["5"] * count,
            "is_democrat": rng.random(count) < np.where(home, 0.8, 0.2),
        }
    )


def test_whom_one_lives_with_moves_the_score_more_where_the_own_side_is_unknown() -> None:
    card = support.leaning(known_sides())
    rates = np.full(len(GROUPS), 0.5)
    found = {(p.feature, p.bin): p.points for p in support.points("NC", rates, card, D)}
    free = found["household", "free one more D"] - found["household", "free one more R"]
    held = found["household", "held one more D"] - found["household", "held one more R"]
    assert free == pytest.approx(identified.CARRIED["free"] * 2 * np.log(4), abs=0.15)
    assert held / free == pytest.approx(identified.CARRIED["held"] / identified.CARRIED["free"], abs=0.01)
    assert not {feature for feature, _ in found} & {"race", "around"}


def test_for_the_other_party_the_same_home_points_the_other_way() -> None:
    card = support.leaning(known_sides())
    ours, theirs = (
        {(p.feature, p.bin): p.points for p in support.points("NC", np.full(len(GROUPS), 0.5), card, party)}
        for party in (D, R)
    )
    assert ours["household", "free one more D"] == -theirs["household", "free one more D"]


def test_whoever_was_asked_is_half_way_between_their_group_and_their_answer() -> None:
    found = {(p.feature, p.bin): p.points for p in support.points("NC", np.full(len(GROUPS), 0.1), None, D)}
    said = found["group", "R"] + found["answer", "R 1"]
    assert logistic(np.array([said]))[0] == pytest.approx(
        logistic((np.log(np.array([0.95 / 0.05])) + np.log(1 / 9)) / 2)[0], abs=1e-6
    )
    assert found["answer", "none"] == 0
    assert found["answer", "N 3"] == pytest.approx(-found["group", "N"] / 2, abs=1e-6)


def test_precincts_reproduce_their_results_with_answers_of_some_of_their_people() -> None:
    data = a_state()
    cells = data.cells.with_columns(voters=pl.col("voters") // 2)
    asked = data.cells.with_columns(voters=pl.col("voters") - pl.col("voters") // 2, answer=pl.col("group") + " 1")
    both = changed(data, cells=pl.concat([cells, asked]))
    found = expected(both, support.fit(both, D))
    for name, votes_for in data.certified.select("precinct_id", "votes_for").iter_rows():
        assert abs(found[name] - votes_for) < 0.01


def test_corrections_move_the_groups_of_their_state_only() -> None:
    rates = np.full(len(GROUPS), 0.5)
    corrections = identified.Corrections({("NC", "D"): -0.4, ("VA", "R"): 1.0})
    found = {p.bin: p.points for p in support.points("NC", rates, None, D, corrections) if p.feature == "group"}
    assert found["D"] == -0.4
    assert found["R"] == 0
