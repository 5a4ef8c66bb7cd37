"""What people did at past elections.

Belongs here: votes that counted. Does not belong here: what the fitted tables make of them (``scores``).
"""

from __future__ import annotations

import polars as pl

from oracle.world import World, coded, day, letters, tidy, whole


def votes(world: World) -> pl.DataFrame:
    """Votes that counted: one row per voter, day and kind of election, with the primary ballot taken."""
    found = pl.concat([_nc(world), _oh(world), _fl(world), _va(world), _pa(world)]).filter(pl.col("day").is_not_null())
    return found.group_by("voter_id", "state", "day", "kind").agg(pl.col("ballot").max())


def _kind(text: pl.Expr, words: dict[str, str]) -> pl.Expr:
    """The kind of the first word that the text holds."""
    return pl.coalesce(
        *(pl.when(text.str.contains(word, literal=True)).then(pl.lit(kind)) for word, kind in words.items()),
        pl.lit("other"),
    )


def _ballot(rows: pl.DataFrame, state: str, column: str) -> pl.Series:
    return coded(rows, "voter_parties", state, column, "source_party_code", "party_code")


def _nc(world: World) -> pl.DataFrame:
    rows = world.rows("nc_history", ["ncid", "election_lbl", "election_desc", "voting_method", "voted_party_cd"])
    words = {
        "SECOND PRIMARY": "runoff", "MUNICIPAL": "municipal", "PRIMARY": "primary", "GENERAL": "general",
        "SPECIAL": "special",
    }  # fmt: skip
    rows = rows.filter(~tidy("voting_method").fill_null("").is_in(["ELIGIBLE DID NOT VOTE", "TRANSFER"]))
    return rows.with_columns(
        pl.concat_str(pl.lit("NC-"), "ncid").alias("voter_id"),
        pl.lit("NC").alias("state"),
        day("election_lbl").alias("day"),
        _kind(tidy("election_desc").fill_null(""), words).alias("kind"),
        _ballot(rows, "NC", "voted_party_cd").alias("ballot"),
    ).select(
        "voter_id", "state", "day", "kind",
        pl.when(pl.col("kind").is_in(["primary", "runoff"])).then("ballot").alias("ballot"),
    )  # fmt: skip


def _oh(world: World) -> pl.DataFrame:
    rows = world.rows("oh_history", ["sos_voterid", "election_label", "ballot"])
    word = pl.col("election_label").str.extract("^([A-Za-z]+)-", 1).str.to_lowercase()
    party = _ballot(rows, "OH", "ballot")
    return rows.select(
        pl.concat_str(pl.lit("OH-"), "sos_voterid").alias("voter_id"),
        pl.lit("OH").alias("state"),
        pl.col("election_label").str.extract("([0-9]{2}/[0-9]{2}/[0-9]{4})", 1).str.to_date("%m/%d/%Y").alias("day"),
        pl.when(word.is_in(["general", "primary", "special"])).then(word).otherwise(pl.lit("other")).alias("kind"),
        pl.when(pl.col("ballot") != "X").then(party).alias("ballot"),
    )


def _fl(world: World) -> pl.DataFrame:
    rows = world.rows("fl_history", ["voter_id", "election_date", "election_type", "history_code"])
    kinds = {"GEN": "general", "PRI": "primary", "PPP": "presidential_primary", "RUN": "runoff"}
    return rows.filter(tidy("history_code").is_in(["A", "E", "Y"])).select(
        pl.concat_str(pl.lit("FL-"), "voter_id").alias("voter_id"),
        pl.lit("FL").alias("state"),
        day("election_date").alias("day"),
        tidy("election_type").replace_strict(kinds, default="other", return_dtype=pl.String).alias("kind"),
        pl.lit(None, pl.String).alias("ballot"),
    )


def _va(world: World) -> pl.DataFrame:
    columns = ["identification_number", "election_date", "election_name", "election_type", "primary_type_code_name"]
    rows = world.rows("va_history", columns)
    text = pl.concat_str("election_type", "election_name", separator=" ", ignore_nulls=True).str.to_uppercase()
    words = {
        "PRESIDENTIAL PRIMARY": "presidential_primary", "PRIMARY": "primary", "SPECIAL": "special",
        "GENERAL": "general",
    }  # fmt: skip
    return rows.select(
        pl.concat_str(pl.lit("VA-"), "identification_number").alias("voter_id"),
        pl.lit("VA").alias("state"),
        day("election_date").alias("day"),
        _kind(text, words).alias("kind"),
        _ballot(rows, "VA", "primary_type_code_name").alias("ballot"),
    )


def _pa(world: World) -> pl.DataFrame:
    words = {"PRIMARY": "primary", "SPECIAL": "special", "GENERAL": "general", "MUNICIPAL": "municipal"}
    elections = world.rows(
        "pa_election_map", ["county_name", "election_number", "election_description", "election_date"]
    ).select(
        letters("county_name").alias("key"),
        whole("election_number").alias("number"),
        day("election_date").alias("day"),
        _kind(tidy("election_description").fill_null(""), words).alias("kind"),
    )
    rows = world.rows("pa_vote_slots", ["id_number", "county", "election_number", "vote_method", "party"])
    rows = rows.filter(tidy("vote_method") != "N")
    return (
        rows.with_columns(
            letters("county").alias("key"),
            whole("election_number").alias("number"),
            _ballot(rows, "PA", "party").alias("ballot"),
        )
        .join(elections, on=["key", "number"])
        .select(
            pl.concat_str(pl.lit("PA-"), "id_number").alias("voter_id"),
            pl.lit("PA").alias("state"),
            "day",
            "kind",
            pl.when(pl.col("kind") == "primary").then("ballot").alias("ballot"),
        )
    )
