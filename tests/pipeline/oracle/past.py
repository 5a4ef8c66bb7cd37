"""What people did at past elections, and what the fitted tables make of it.

Belongs here: votes that counted, the pattern a person is looked up by, both scores.
Does not belong here: how the tables were fitted; adding scores up (``atoms``).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from oracle.world import World, coded, day, letters, seed, tidy, whole

PRIMARIES = ["primary", "presidential_primary"]


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


def scored(world: World, people: pl.DataFrame, votes: pl.DataFrame) -> pl.DataFrame:
    """The people with p_turnout and p_support in millionths, and is_crossing (registers or behaves with the other)."""
    coming = world.campaign.election_date
    newest = (
        votes.filter(pl.col("ballot").is_not_null())
        .sort("day", "ballot")
        .group_by("voter_id", maintain_order=True)
        .agg(pl.col("ballot").last().alias("last_ballot"))
    )
    lean = (
        pl.when(pl.col("party_code").is_in(["D", "R"]))
        .then("party_code")
        .when(pl.col("last_ballot").is_in(["D", "R"]))
        .then(pl.concat_str(pl.lit("N_"), "last_ballot"))
        .otherwise(pl.lit("N"))
    )
    race = pl.col("race").replace_strict({"B": "+B", "H": "+H"}, default="", return_dtype=pl.String).fill_null("")
    others = {"D": ["R"], "R": ["D"]}.get(world.campaign.party_code, ["D", "R"])
    known = people.join(newest, on="voter_id", how="left").with_columns(
        (lean + race).alias("support_group"),
        (pl.col("party_code").is_in(others) | pl.col("last_ballot").is_in(others).fill_null(False)).alias(
            "is_crossing"
        ),
        _age_band(coming).alias("age_band"),
    )
    shaped = pl.concat([_patterned(world, s, known, votes) for s in sorted(set(known["state"]))])
    return _looked_up(world, shaped)


def _age_band(coming: date) -> pl.Expr:
    birthday_ahead = (pl.col("birth_date").dt.month() > coming.month) | (
        (pl.col("birth_date").dt.month() == coming.month) & (pl.col("birth_date").dt.day() > coming.day)
    )
    age = coming.year - pl.col("birth_year") - birthday_ahead.fill_null(False).cast(pl.Int64)
    bands = pl.lit("unknown")
    tops = [(116, "80+"), (80, "65-79"), (65, "50-64"), (50, "35-49"), (35, "25-34"), (25, "18-24"), (18, "17-")]
    for below, band in [*tops, (16, "unknown")]:
        bands = pl.when(age < below).then(pl.lit(band)).otherwise(bands)
    return pl.when(age.is_null()).then(pl.lit("unknown")).otherwise(bands)


def _patterned(world: World, state: str, people: pl.DataFrame, votes: pl.DataFrame) -> pl.DataFrame:
    """The letters of a state's people: four generals and two primary years, as far as both roles know them."""
    people, votes = people.filter(pl.col("state") == state), votes.filter(pl.col("state") == state)
    counts = votes.group_by("day", "kind").len()
    # A handful of stray rows is not an election: one vote in two hundred of the state's largest is needed.
    held = counts.filter(pl.col("len") * 200 >= counts["len"].max())
    generals = set(held.filter(pl.col("kind") == "general")["day"])
    primary_years = set(held.filter(pl.col("kind").is_in(PRIMARIES))["day"].dt.year())

    coming = world.campaign.election_date
    training = max(c.election_date for c in world.campaign.comparables if c.state == state and c.purpose == "turnout")
    calendar = sorted((date.fromisoformat(d) for d in seed("federal_general_elections")["election_date"]), reverse=True)
    before = [[d for d in calendar if d < target][:4] for target in (training, coming)]

    def took_part(condition: pl.Expr) -> pl.Expr:
        return pl.col("voter_id").is_in(votes.filter(condition)["voter_id"].unique().implode())

    voted = [took_part((pl.col("kind") == "general") & (pl.col("day") == d)) for d in before[1]]
    general = []
    for place, (old, new) in enumerate(zip(*before, strict=True)):
        later = pl.any_horizontal(*voted[place:])  # a vote then or before proves an older registration
        letter = (
            pl.when(voted[place])
            .then(pl.lit("1"))
            .when((pl.col("registration_date") > new) & ~later)
            .then(pl.lit("x"))
            .otherwise(pl.lit("0"))
        )
        general.append(letter if old in generals and new in generals else pl.lit("."))
    primary = []
    for back in (0, 2):
        year = coming.year - back
        went = took_part(pl.col("kind").is_in(PRIMARIES) & (pl.col("day").dt.year() == year))
        is_known = year in primary_years and training.year - back in primary_years
        primary.append(pl.when(went).then(pl.lit("1")).otherwise(pl.lit("0")) if is_known else pl.lit("."))
    return people.with_columns(
        pl.concat_str(general).alias("general_pattern"), pl.concat_str(primary).alias("primary_pattern")
    )


def _looked_up(world: World, people: pl.DataFrame) -> pl.DataFrame:
    turnout = world.model("turnout", "p_turnout").drop("training_voters")
    support = world.model("support", "p_support").drop("logit_shift")
    cell = ["state", "general_pattern", "primary_pattern", "age_band"]
    is_minor = pl.col("age_band") == "17-"
    found = people.with_columns(
        is_minor.alias("is_minor"), pl.when(is_minor).then(pl.lit("18-24")).otherwise("age_band").alias("age_band")
    ).join(turnout, on=cell, how="left")
    for level, area in [("precinct", "precinct_id"), ("county", "county_fips"), ("state", "state")]:
        cells = support.filter(pl.col("area_level") == level).select(
            pl.col("area_id").alias(area), "support_group", pl.col("p_support").alias(f"p_{level}")
        )
        found = found.join(cells, on=[area, "support_group"], how="left")
    result = found.with_columns(
        pl.when("is_minor").then(0).otherwise("p_turnout").alias("p_turnout"),
        pl.coalesce("p_precinct", "p_county", "p_state").alias("p_support"),
    )
    assert result.height == people.height
    assert result.select("p_turnout", "p_support").null_count().row(0) == (0, 0)
    return result
