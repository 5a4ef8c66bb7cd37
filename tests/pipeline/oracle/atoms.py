"""The precinct splits and what the people in each add up to, as whole numbers.

Belongs here: measures of a split that do not depend on a contest. Units: probabilities in millionths; products of
two, and every mass, in thousandths of a millionth. Does not belong here: contests and goals (``ledger``).
"""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from oracle.numbers import half_up, in_proportion
from oracle.people import PLACES
from oracle.world import MILLION, World, seed, whole

GEOGRAPHIES = {
    "state": "state",
    "congressional_district": "congressional_district_id",
    "state_senate_district": "state_senate_district_id",
    "state_house_district": "state_house_district_id",
    "county": "county_fips",
    "municipality": "municipality_id",
    "precinct": "precinct_id",
    "media_market": "media_market_id",
}


def splits(world: World, people: pl.DataFrame) -> pl.DataFrame:
    """One row per split: its areas and its measures."""
    limits = {t.name: int(t.value * MILLION) for t in world.campaign.thresholds}
    turnout, support, active = pl.col("p_turnout"), pl.col("p_support"), pl.col("status") == "active"
    vote = _product(turnout, support)
    gotv = (
        active
        & (support >= limits["gotv_support_min"])
        & (turnout >= limits["gotv_turnout_min"])
        & (turnout < limits["gotv_turnout_max"])
    )
    persuasion = (
        active
        & (support >= limits["persuasion_support_min"])
        & (support <= limits["persuasion_support_max"])
        & (turnout >= limits["persuasion_turnout_min"])
    )
    crossover = persuasion & pl.col("is_crossing") & (support >= limits["crossover_support_min"])
    measures = people.group_by("split_id", "state", "county_fips", *PLACES).agg(
        active.sum().cast(pl.Int64).alias("registered"),
        (~active).sum().cast(pl.Int64).alias("registered_inactive"),
        (turnout.sum() * 1000).alias("turnout_mass"),
        vote.sum().alias("support_mass"),
        vote.filter(turnout >= limits["reliable_turnout_min"]).sum().alias("base_mass"),
        turnout.filter(active).sum().alias("active_turnout"),
        support.filter(active).sum().alias("active_support"),
        gotv.sum().cast(pl.Int64).alias("gotv_pool"),
        _product(support, MILLION - turnout).filter(gotv).sum().alias("gotv_mass"),
        persuasion.sum().cast(pl.Int64).alias("persuasion_pool"),
        (persuasion & (pl.col("sex") == "F")).sum().cast(pl.Int64).alias("persuasion_women"),
        (persuasion & (pl.col("sex") == "M")).sum().cast(pl.Int64).alias("persuasion_men"),
        (persuasion & (pl.col("sex") == "U")).sum().cast(pl.Int64).alias("persuasion_unknown_sex"),
        crossover.sum().cast(pl.Int64).alias("crossover_pool"),
        _product(turnout, MILLION - support).filter(persuasion).sum().alias("persuasion_mass"),
    )
    return _registration(world, _markets(world, measures)).sort("split_id")


def _product(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Of two probabilities in millionths, rounded half up to nine decimals."""
    return (first * second + 500) // 1000


def _markets(world: World, frame: pl.DataFrame) -> pl.DataFrame:
    markets = world.rows("media_markets", ["county_fips", "market_id"]).select(
        pl.col("county_fips").str.strip_chars(" ").str.zfill(5),
        pl.col("market_id").str.strip_chars(" ").alias("media_market_id"),
    )
    return frame.join(markets, on="county_fips", how="left").with_columns(
        pl.col("media_market_id").fill_null(pl.concat_str("state", pl.lit("-unmapped")))
    )


def _registration(world: World, frame: pl.DataFrame) -> pl.DataFrame:
    """eligible (null without an estimate), registration_pool and registration_mass, county by county."""
    estimates = (
        world.rows("cvap_county", ["geoid", "lntitle", "cvap_est"])
        .filter(pl.col("lntitle").str.strip_chars(" ").str.to_lowercase() == "total")
        .group_by(pl.col("geoid").str.tail(5).alias("county_fips"))
        .agg(whole("cvap_est").sum().alias("eligible"))
        .join(seed("counties"), on="county_fips", how="semi")
    )
    known = dict(estimates.iter_rows())
    parts: list[tuple[str, int | None, int, int]] = []
    for (county,), rows in frame.sort("split_id").group_by("county_fips"):
        ids, people = rows["split_id"].to_list(), rows["registered"].to_list()
        registered, eligible = sum(people), known.get(county)
        if eligible is None:
            parts += [(i, None, 0, 0) for i in ids]
            continue
        pool = share = 0
        if registered:
            mean_support = Fraction(sum(rows["active_support"].to_list()), registered * MILLION)
            pool = half_up(max(eligible - registered, 0) * mean_support)
            share = half_up(Fraction(sum(rows["active_turnout"].to_list()), registered))
        pools = in_proportion(pool, people, ids)
        parts += [
            (i, e, p, p * share * 1000)
            for i, e, p in zip(ids, in_proportion(eligible, people, ids), pools, strict=True)
        ]
    names = {"split_id": pl.String, "eligible": pl.Int64, "registration_pool": pl.Int64, "registration_mass": pl.Int64}
    return frame.join(pl.DataFrame(parts, schema=names, orient="row"), on="split_id")
