from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from orchestration.models import identified
from orchestration.models.identified import KEPT


def odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def asked(
    told: dict[str, float], assumed: dict[str, float], people: int = 3000, seed: int = 2, leaning: float | None = None
) -> pl.DataFrame:
    """People of groups who answer 1 or 5 so that ``told`` of each group stands for the campaign (by ``KEPT``).

    ``leaning``: how far household, age and sex carry over in truth; as far as is assumed when left out.
    """
    rng = np.random.default_rng(seed)
    frames = []
    for group, share in told.items():
        kind = "free" if group == "N" else "held"
        carried = identified.CARRIED[kind] if leaning is None else leaning
        leans = rng.choice([-1.0, 1.0], people)
        meant = 1 / (1 + np.exp(-(odds(share) + carried * leans)))
        is_for = rng.random(people) < (meant - KEPT["5"]) / (KEPT["1"] - KEPT["5"])
        frames.append(
            pl.DataFrame(
                {
                    "state": np.where(rng.random(people) < 0.5, "NC", "VA"),
                    "group": group,
                    "kind": kind,
                    "asked": np.where(rng.random(people) < 0.3, "text", "talk"),
                    "answer": np.where(is_for, "1", "5"),
                    "odds": odds(assumed[group]),
                    "leaning": leans,
                }
            )
        )
    return pl.concat(frames).sample(fraction=1, shuffle=True, seed=seed)


def apart(found: identified.Corrections, one: str, other: str) -> float:
    return found.groups["NC", one] - found.groups["NC", other]


def test_groups_that_are_less_loyal_than_precincts_suggest_are_brought_nearer() -> None:
    people = asked({"D": 0.8, "N": 0.5, "R": 0.2}, {"D": 0.93, "N": 0.5, "R": 0.07})
    found = identified.learn(people)
    assert apart(found, "D", "R") == pytest.approx(2 * (odds(0.8) - odds(0.93)), abs=0.3)
    assert found.record["likelihood_gained_out_of_sample"] > 0.01


def test_groups_that_answer_as_expected_stay_as_they_are() -> None:
    shares = {"D": 0.85, "N": 0.5, "R": 0.15}
    found = identified.learn(asked(shares, shares))
    assert abs(apart(found, "D", "R")) < 0.25
    assert abs(found.record["likelihood_gained_out_of_sample"]) < 0.002


def test_that_friends_answer_more_often_sets_no_level() -> None:
    shares = {"D": 0.85, "N": 0.5, "R": 0.15}
    people = asked(shares, shares, people=6000)
    drawn = pl.Series(np.random.default_rng(3).random(len(people)) < 0.3)
    friendly = people.filter((pl.col("answer") == "1") | drawn)
    found = identified.learn(friendly)
    assert abs(found.groups["NC", "N"]) < 0.2
    assert abs(found.groups["NC", "D"] + found.groups["NC", "R"]) < 0.4


def test_what_carries_over_of_the_leaning_is_learned_from_those_whose_party_is_unknown() -> None:
    found = identified.learn(asked({"N": 0.5}, {"N": 0.5}, people=8000, leaning=1.0))
    assert found.carried["free"] == pytest.approx(1.0, abs=0.15)
    assert found.carried["held"] == identified.CARRIED["held"]


def test_a_handful_of_answers_corrects_nobody() -> None:
    people = asked({"D": 0.5}, {"D": 0.93}, people=identified.LEAST - 1)
    assert identified.learn(people) == identified.NONE


def test_two_fits_of_the_same_answers_agree_to_the_last_digit() -> None:
    people = asked({"D": 0.8, "R": 0.2}, {"D": 0.93, "R": 0.07})
    assert identified.learn(people) == identified.learn(people)
