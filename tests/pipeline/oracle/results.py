"""Roll-off: of those who vote at the top of the ticket, how many vote for an office.

Belongs here: certified votes of the comparable elections, by area and office. Does not belong here: shares and
candidates. Read are the sources that a made-up world has: NC, OH, VA and MEDSL.
"""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from oracle.numbers import half_up
from oracle.world import MILLION, World, day, letters, precinct, precinct_number, seed, tidy, whole

_NOBODY = (
    r"^(WRITE|SCATTER|UNDER *-?VOTE|OVER *-?VOTE|BLANK|TOTAL|ALL OTHERS|BALLOTS|REGISTERED|CAST VOTES|CONTEST TOTAL|"
    r"TIMES |NONE OF|NO VOTE|UNRESOLVED|REJECTED|VOID|MISCELLANEOUS)|[(]WI[)]|^(OTHER|OTHERS|SCATTERED)$"
)
_NOWHERE = (
    r"ABSENTEE|PROVISIONAL|ONE ?-?STOP|^OS |EARLY ?-?VOT|CURBSIDE|TRANSFER|^# ?AB|^## ?PROV|UOCAVA|MAIL-?IN|FLOATER|"
    r"COUNTY ?WIDE|^CENTRAL|^EV[ -]|^ABS[ -]"
)
_UNREAD = ("nc_results_before_2014", "medsl_totals", "openelections_county", "openelections_precinct")


def roll_offs(world: World) -> dict[tuple[str, str], int]:
    """Roll-off by state and office, in millionths, never above one; missing where nothing compares."""
    wanted = pl.DataFrame(
        [(c.state, c.office_code, c.election_date) for c in world.campaign.comparables if c.purpose == "roll_off"],
        schema={"state": pl.String, "office": pl.String, "day": pl.Date},
        orient="row",
    )
    votes = _certified(world).join(wanted.select("state", "day").unique(), on=["state", "day"], how="semi")
    for table in _UNREAD:
        assert world.rows(table, ["line_number"]).is_empty(), f"the oracle does not read {table}"
    areas = votes.group_by("state", "day", "office", "area").agg(pl.col("votes").sum()).filter(pl.col("votes") > 0)
    top = (
        areas.group_by("state", "day", "office")
        .agg(pl.col("votes").sum())
        .sort("votes", "office", descending=[True, False])
        .unique(["state", "day"], keep="first", maintain_order=True)
        .drop("votes")
        .join(areas, on=["state", "day", "office"])
        .select("state", "day", "area", pl.col("votes").alias("top_votes"))
    )
    compared = (
        areas.join(wanted, on=["state", "office", "day"], how="semi")
        .join(top, on=["state", "day", "area"])
        .group_by("state", "office")
        .agg(pl.col("votes").sum(), pl.col("top_votes").sum())
    )
    return {
        (state, office): min(MILLION, half_up(Fraction(int(cast) * MILLION, int(top_cast))))
        for state, office, cast, top_cast in compared.iter_rows()
    }


def _certified(world: World) -> pl.DataFrame:
    """state, day, office, area (precinct, or what a county counted in none), votes: one source per county."""
    own = pl.concat([_nc(world), _oh(world), _va(world)])
    others = _medsl(world).join(own, on=["state", "day", "office", "county_fips"], how="anti")
    return pl.concat([own, others]).select(
        "state", "day", "office", pl.coalesce("area", pl.concat_str("county_fips", pl.lit("-none"))), "votes"
    )


def _office(column: str) -> pl.Expr:
    """The office in a contest's title, by the seed of names; null for one that is not read."""
    title = pl.col(column).str.to_uppercase().str.replace_all("_", " ", literal=True)
    title = title.str.replace("[ -]*(DISTRICT|DIST) *[0-9]+.*$", "").str.replace_all(" +", " ").str.strip_chars(" ")
    names = seed("office_aliases")
    lookup = dict(zip(names["office_text"], names["office_code"], strict=True))
    return title.replace_strict(lookup, default=None, return_dtype=pl.String).alias("office")


def _counties(state: str, key: pl.Expr) -> pl.Expr:
    counties = seed("counties").filter(pl.col("state") == state)
    lookup = dict(zip(counties["county_key"], counties["county_fips"], strict=True))
    return key.replace_strict(lookup, default=None, return_dtype=pl.String).alias("county_fips")


def _is(column: str, pattern: str) -> pl.Expr:
    return tidy(column).str.contains(pattern).fill_null(True)


def _finish(rows: pl.DataFrame, candidate: str) -> pl.DataFrame:
    kept = rows.filter(~_is(candidate, _NOBODY), pl.col("office").is_not_null(), pl.col("votes").is_not_null())
    area = pl.concat_str("county_fips", pl.lit("-"), "precinct")
    return kept.select("state", "day", "office", "county_fips", area.alias("area"), "votes")


def _nc(world: World) -> pl.DataFrame:
    columns = ["county", "election_date", "precinct", "contest_name", "choice", "real_precinct", "total_votes"]
    real = pl.coalesce(pl.col("real_precinct") == "Y", ~_is("precinct", _NOWHERE))
    rows = world.rows("nc_results", columns).with_columns(
        pl.lit("NC").alias("state"),
        day("election_date").alias("day"),
        _office("contest_name"),
        _counties("NC", letters("county")),
        pl.when(real).then(precinct(pl.col("precinct"))).alias("precinct"),
        whole("total_votes").alias("votes"),
    )
    return _finish(rows, "choice")


def _oh(world: World) -> pl.DataFrame:
    columns = ["county_name", "precinct_code", "contest", "candidate", "votes", "snapshot_date"]
    rows = world.rows("oh_results", columns).with_columns(
        pl.lit("OH").alias("state"),
        pl.col("snapshot_date").alias("day"),
        _office("contest"),
        _counties("OH", letters("county_name")),
        precinct(pl.col("precinct_code")).alias("precinct"),
        whole("votes").alias("votes"),
    )
    return _finish(rows, "candidate")


def _va(world: World) -> pl.DataFrame:
    columns = ["county_city", "precinct", "contest", "candidate", "votes", "snapshot_date"]
    key = pl.col("county_city").str.to_uppercase().str.replace_all("&", "AND", literal=True)
    rows = (
        world.rows("va_results", columns)
        .with_columns(pl.col("precinct").str.strip_chars(" ").str.extract("^([0-9]+)", 1).alias("number"))
        .with_columns(
            pl.lit("VA").alias("state"),
            pl.col("snapshot_date").alias("day"),
            _office("contest"),
            _counties("VA", key.str.replace_all("[^A-Z]", "")),
            pl.when(~_is("precinct", _NOWHERE)).then(precinct_number("number")).alias("precinct"),
            whole("votes").alias("votes"),
        )
    )
    return _finish(rows, "candidate")


def _medsl(world: World) -> pl.DataFrame:
    columns = [
        "state_po", "county_fips", "precinct", "office", "district", "stage", "special", "writein", "candidate",
        "party_detailed", "party_simplified", "mode", "votes", "date", "snapshot_date",
    ]  # fmt: skip
    rows = world.rows("medsl_precinct", columns).filter(
        tidy("stage").fill_null("GEN") == "GEN",
        tidy("special").fill_null("FALSE") != "TRUE",
        tidy("writein").fill_null("FALSE") != "TRUE",
        ~tidy("precinct").str.contains("^(GRAND |COUNTY )?TOTALS?( VOTES)?$").fill_null(False),
    )
    rows = rows.with_columns(
        tidy("state_po").alias("state"),
        pl.coalesce(day("date", "%Y-%m-%d"), "snapshot_date").alias("day"),
        _office("office"),
        pl.col("county_fips").str.strip_chars(" ").str.zfill(5),
        pl.when(~_is("precinct", _NOWHERE)).then(precinct(pl.col("precinct"))).alias("precinct"),
        whole("votes").alias("votes"),
        (tidy("mode").fill_null("TOTAL") == "TOTAL").alias("is_total"),
    )
    # A total beside its parts is taken, its parts are not.
    line = [
        "state", "day", "office", "county_fips", "precinct", "district", "candidate",
        pl.coalesce("party_simplified", "party_detailed").alias("party"),
    ]  # fmt: skip
    totals = pl.col("votes").filter(pl.col("is_total") & pl.col("votes").is_not_null())
    added = rows.group_by(line).agg(
        pl.when(totals.len() > 0).then(totals.sum()).otherwise(pl.col("votes").sum()).alias("votes")
    )
    return _finish(added, "candidate")
