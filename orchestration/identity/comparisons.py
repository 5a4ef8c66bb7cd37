"""What is compared between a record and a voter, and how much each outcome says: the Splink model.

Belongs here: comparisons, their levels, the priors of `m` (how often a true pair shows the level) and the rules that
decide which pairs are looked at. Estimating `m` and `u` belongs to `weights`. The priors are our own judgement of
campaign lists and stand until a fit has enough pairs to say better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .names import FIRST_ALIKE, LAST_ALIKE


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison. condition: SQL over `x_l` and `x_r`; m: prior; frequency: column of names."""

    name: str
    condition: str
    m: float
    frequency: str | None = None


@dataclass(frozen=True)
class Comparison:
    """A named comparison: levels from the most to the least alike; the last is "anything else"."""

    name: str
    null: str
    levels: tuple[Level, ...]


def _either_null(*columns: str) -> str:
    return " or ".join(f"{column}_{side} is null" for column in columns for side in "lr")


HERE = "house_number_l = house_number_r and street_l = street_r and coalesce(unit_l = unit_r, true)"
SAME_PLACE = f"({HERE} and coalesce(zip5_l = zip5_r, city_l = city_r, state_l = state_r))"
LAST_SIMILAR = (
    f"(jaro_winkler_similarity(last_name_l, last_name_r) >= {LAST_ALIKE}"
    " or list_has_any(string_split(last_name_l, ' '), string_split(last_name_r, ' ')))"
)
NICKNAME = (
    "(first_root_l = first_root_r or first_other_l in (first_name_r, first_root_r)"
    " or first_other_r in (first_name_l, first_root_l))"
)
COMPARISONS = (
    Comparison(
        "first",
        _either_null("first_name"),
        (
            Level("exact", "first_name_l = first_name_r", 0.80, "first_name"),
            Level("nickname", NICKNAME, 0.125),
            Level(
                "initial",
                "least(length(first_name_l), length(first_name_r)) = 1"
                " and left(first_name_l, 1) = left(first_name_r, 1)",
                0.008,
            ),
            Level("mistyped", f"jaro_winkler_similarity(first_name_l, first_name_r) >= {FIRST_ALIKE}", 0.025),
            Level(
                "middle",
                "(length(first_name_l) > 1 and first_name_l = middle_name_r)"
                " or (length(first_name_r) > 1 and first_name_r = middle_name_l)",
                0.012,
            ),
            Level("other", "ELSE", 0.03),
        ),
    ),
    # Those who live together mostly share a last name: at one address it says little, and says so.
    Comparison(
        "last",
        _either_null("last_name"),
        (
            Level("exact_at_home", f"last_name_l = last_name_r and {SAME_PLACE}", 0.80),
            Level("similar_at_home", f"{LAST_SIMILAR} and {SAME_PLACE}", 0.03),
            Level("exact", "last_name_l = last_name_r", 0.14, "last_name"),
            Level("similar", LAST_SIMILAR, 0.01),
            Level("other", "ELSE", 0.02),
        ),
    ),
    Comparison(
        "place",
        "(zip5_l is null or zip5_r is null) and (street_l is null or street_r is null)",
        (
            Level("address", SAME_PLACE, 0.83),
            Level("house", "house_number_l = house_number_r and zip5_l = zip5_r", 0.02),
            Level("zip", "zip5_l = zip5_r", 0.03),
            Level("near", "left(zip5_l, 3) = left(zip5_r, 3) or city_l = city_r", 0.02),
            Level("state", "state_l = state_r", 0.06),
            Level("other", "ELSE", 0.04),
        ),
    ),
    Comparison(
        "middle",
        _either_null("middle_name"),
        (
            Level("exact", "middle_name_l = middle_name_r and length(middle_name_l) > 1", 0.40),
            Level("initial", "left(middle_name_l, 1) = left(middle_name_r, 1)", 0.56),
            Level("other", "ELSE", 0.04),
        ),
    ),
    Comparison(
        "suffix",
        _either_null("name_suffix"),
        (Level("exact", "name_suffix_l = name_suffix_r", 0.98), Level("other", "ELSE", 0.02)),
    ),
    Comparison(
        "phone", _either_null("phone"), (Level("exact", "phone_l = phone_r", 0.75), Level("other", "ELSE", 0.25))
    ),
    Comparison("email", _either_null("email"), (Level("exact", "email_l = email_r", 0.6), Level("other", "ELSE", 0.4))),
)
# Which pairs are looked at: each rule is a join on what only the few who live near or share a key have in common,
# so their number grows with the files and not with their product. `rare_name` is null for all but rare full names.
BLOCKS = (
    ("email",),
    ("phone",),
    ("house_number", "street", "zip5"),
    ("house_number", "street", "last_name"),
    ("zip5", "last_name"),
    ("zip3", "first_root", "last_name"),
    ("city", "first_root", "last_name"),
    ("rare_name",),
)
COLUMNS = (
    "last_name", "first_name", "first_root", "first_other", "middle_name", "name_suffix", "house_number", "street",
    "unit", "city", "state", "zip5", "zip3", "email", "phone", "rare_name",
)  # fmt: skip
# The least share of people a rare name is taken to have: below it, counts say nothing.
LEAST_FREQUENCY = 0.00005

Weights = Mapping[str, Mapping[str, tuple[float, float]]]


def splink_settings(weights: Weights, prior: float, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The model in Splink's words. weights: comparison -> level -> (m, u). prior: that two random rows are one.

    without: comparisons left out.
    """
    from splink import block_on

    return {
        "link_type": "link_only",
        "unique_id_column_name": "row_id",
        "probability_two_random_records_match": prior,
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "comparisons": [_comparison(item, weights[item.name]) for item in COMPARISONS if item.name not in without],
        "blocking_rules_to_generate_predictions": [block_on(*columns) for columns in BLOCKS],
    }


def _comparison(item: Comparison, weights: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [{"sql_condition": item.null, "label_for_charts": "null", "is_null_level": True}]
    for level in item.levels:
        m, u = weights[level.name]
        entry: dict[str, Any] = {
            "sql_condition": level.condition,
            "label_for_charts": level.name,
            "m_probability": m,
            "u_probability": u,
        }
        if level.frequency is not None:
            entry |= {"tf_adjustment_column": level.frequency, "tf_minimum_u_value": LEAST_FREQUENCY}
        levels.append(entry)
    return {"output_column_name": item.name, "comparison_levels": levels}
