from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from orchestration.models import turnout
from orchestration.models.shrink import Count

MACROS = Path(__file__).resolve().parents[3] / "dbt_project" / "macros"


def people(count: int = 4000, seed: int = 2) -> pl.DataFrame:
    """A state whose habitual voters vote at 0.9, whose abstainers at 0.1, and newcomers at 0.4."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, count)
    rate = np.array([0.9, 0.1, 0.4])[kind]
    columns = {name: ["same"] * count for name in turnout.FEATURES}
    columns["general"] = [("1111", "0000", "xxxx")[i] for i in kind]
    return pl.DataFrame(columns).with_columns(
        pl.lit("NC").alias("state"),
        pl.Series("voted", rng.random(count) < rate),
        pl.Series("half", rng.integers(0, 2, count)),
    )


def probability(fit: turnout.Fit, general: str, status: str = "active") -> float:
    from orchestration.models.scorecard import Scorecard

    one = people(1).with_columns(pl.lit(general).alias("general"), pl.lit(status).alias("status"))
    return float(turnout.probabilities(Scorecard(turnout.FEATURES, fit.points), one)[0])


def test_people_are_scored_at_the_rate_of_those_who_were_like_them() -> None:
    fit = turnout.fit(people(20_000), {})
    assert probability(fit, "1111") == pytest.approx(0.9, abs=0.015)
    assert probability(fit, "0000") == pytest.approx(0.1, abs=0.015)


def test_new_registrants_are_learned_from_new_registrants() -> None:
    assert probability(turnout.fit(people(20_000), {}), "xxxx") == pytest.approx(0.4, abs=0.02)


def test_a_probability_is_never_certain() -> None:
    sure = people().with_columns((pl.col("general") == "1111").alias("voted"))
    for general in ("1111", "0000"):
        assert turnout.FLOOR <= probability(turnout.fit(sure, {}), general) <= turnout.CEILING


def test_inactive_people_get_a_share_of_the_chance_by_whether_they_voted_lately() -> None:
    fit = turnout.fit(people(20_000), {})
    active = probability(fit, "1111")
    assert probability(fit, "1111", "inactive since voting") == pytest.approx(active / 5, abs=1e-5)
    assert probability(fit, "1111", "inactive") == pytest.approx(active * 2 / 3, abs=1e-5)
    assert probability(fit, "1111", "active since voting") == active


def test_active_recent_voters_get_back_half_of_what_those_who_had_moved_took_from_the_training() -> None:
    fit = turnout.fit(people(20_000), {"NC": 0.04})
    share = probability(fit, "1111", "active since voting") / probability(fit, "1111")
    assert share == pytest.approx(1 / (1 - 0.5 * 0.04 * 0.8), abs=1e-4)
    assert probability(fit, "0000", "active") == probability(turnout.fit(people(20_000), {}), "0000", "active")


def test_a_state_that_cleans_its_rolls_moves_its_active_voters_by_no_more_than_two_percent() -> None:
    fit = turnout.fit(people(20_000), {"NC": 0.5})
    assert probability(fit, "1111", "active since voting") / probability(fit, "1111") < 1.021


def test_the_record_is_out_of_sample() -> None:
    # What is learned in one half is the opposite of the other: the record must show it.
    contrary = people().with_columns(((pl.col("general") == "1111") == (pl.col("half") == 0)).alias("voted"))
    metrics = turnout.fit(contrary, {}).metrics
    assert metrics["auc"] < 0.3
    assert metrics["brier"] > metrics["brier_of_the_mean"]


def test_boosting_is_recorded_beside_the_scorecard() -> None:
    metrics = turnout.fit(people(), {}).metrics
    assert metrics["auc_of_boosting"] == pytest.approx(metrics["auc"] + metrics["auc_lost_against_boosting"], abs=2e-4)
    assert abs(metrics["auc_lost_against_boosting"]) < 0.02


def test_the_deciles_say_how_well_it_is_calibrated() -> None:
    deciles = turnout.fit(people(20_000), {}).deciles
    assert len(deciles) == 10
    assert all(abs(d["expected"] - d["observed"]) < 0.04 for d in deciles)


def test_nobody_to_learn_from_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"winnumber\.toml"):
        turnout.fit(people().head(0), {})


def test_the_sql_writes_the_features_the_card_names() -> None:
    text = (MACROS / "turnout_features.sql").read_text(encoding="utf-8")
    written = re.search(r"macro turnout_features\(\) -%}(.*?)endmacro", text, re.S)
    assert written is not None
    assert tuple(re.findall(r"'(\w+)'", written[1])) == turnout.FEATURES


def test_an_area_without_a_voter_file_has_its_registration_times_the_mean_rate() -> None:
    past = [Count(1000, 500), Count(2000, 800), Count(1000, 600)]
    assert turnout.aggregated(3000, past) == pytest.approx(3000 * 0.5)


def test_two_comparable_elections_are_too_few_for_the_aggregated_form() -> None:
    with pytest.raises(ValueError, match="3 comparable elections"):
        turnout.aggregated(3000, [Count(1000, 500), Count(0, 0), Count(1000, 600)])
