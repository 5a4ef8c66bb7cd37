"""What the fitted points make of the people: the bins they are in and both scores.

Belongs here: reading a person's past, age and home the way the scorecards mean it, and adding points. Does not belong
here: how the points were fitted; adding scores up (``atoms``).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from oracle.world import World, seed

PRIMARIES = ["primary", "presidential_primary"]
MILLION, BILLION = 1_000_000, 1_000_000_000
GENERAL = (1000, 600, 360, 216, 130, 78, 47, 28)
SMALLER = {"primary": (300, 210, 150, 105), "odd": (300, 180, 110, 65)}
AGES = (18, 19, 20, 22, 25, 28, 32, 36, 40, 45, 50, 55, 60, 65, 70, 75, 80, 84, 88, 92, 96)
KNOWN = (0, 60, 150, 300, 450, 600, 730, 1000, 1460, 2190, 2920, 4380, 7300)
HOMES = (-1800, -1200, -600, 0, 600, 1200, 1800, 2400)
AROUND = (-150, -90, -50, -20, 0, 20, 50, 90, 150)
DECADES = (18, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80)
TURNOUT = ("general", "older", "primary", "odd", "record", "age", "tenure", "party", "sex", "race_bin", "household",
           "around")  # fmt: skip
SUPPORT = ("support_group", "side_at_home", "decade", "side_sex", "answer")
# The project's names of these features, where the oracle's own differ.
NAMES = {"race_bin": "race", "around": "precinct", "support_group": "group",
         "side_at_home": "household",
         "decade": "age", "side_sex": "sex"}  # fmt: skip


def scored(world: World, people: pl.DataFrame, votes: pl.DataFrame) -> pl.DataFrame:
    """The people with p_turnout and p_support in millionths, and is_crossing (registers or behaves with the other)."""
    coming = world.campaign.election_date
    others = {"D": ["R"], "R": ["D"]}.get(world.campaign.party_code, ["D", "R"])
    newest = (
        votes.filter(pl.col("ballot").is_not_null())
        .sort("day", "ballot")
        .group_by("voter_id", maintain_order=True)
        .agg(pl.col("ballot").last().alias("last_ballot"))
    )
    first = votes.group_by("voter_id").agg(pl.col("day").min().alias("first_vote"))
    known = people.join(newest, on="voter_id", how="left").join(first, on="voter_id", how="left")
    known = known.with_columns(
        pl.when(pl.col("is_protected")).then(None).otherwise("home").alias("home"),
        (pl.col("party_code").is_in(others) | pl.col("last_ballot").is_in(others).fill_null(False)).alias(
            "is_crossing"
        ),
        _age(coming).alias("years"),
        (coming - pl.min_horizontal("registration_date", "first_vote")).dt.total_days().alias("known_days"),
    )
    shaped = pl.concat([_past(world, state, known, votes) for state in sorted(set(known["state"]))])
    return _support(world, _turnout(world, shaped))


def _age(coming: date) -> pl.Expr:
    birthday_ahead = (pl.col("birth_date").dt.month() > coming.month) | (
        (pl.col("birth_date").dt.month() == coming.month) & (pl.col("birth_date").dt.day() > coming.day)
    )
    age = coming.year - pl.col("birth_year") - birthday_ahead.fill_null(False).cast(pl.Int64)
    return pl.when(age.is_between(16, 115)).then(age)


def _bin(value: pl.Expr, edges: tuple[int, ...]) -> pl.Expr:
    text = pl.lit("below")
    for edge in edges:
        text = pl.when(value >= edge).then(pl.lit(str(edge))).otherwise(text)
    return pl.when(value.is_null()).then(pl.lit("unknown")).otherwise(text)


def _past(world: World, state: str, people: pl.DataFrame, votes: pl.DataFrame) -> pl.DataFrame:
    """The letters of a state's people, newest election first, as far as both roles know the elections."""
    people, votes = people.filter(pl.col("state") == state), votes.filter(pl.col("state") == state)
    counts = votes.group_by("day", "kind").len()
    # A handful of stray rows is not an election: one vote in two hundred of the state's largest is needed.
    held = counts.filter(pl.col("len") * 200 >= counts["len"].max())
    generals = set(held.filter(pl.col("kind") == "general")["day"])
    primary_years = set(held.filter(pl.col("kind").is_in(PRIMARIES))["day"].dt.year())
    in_odd_years = held.filter(
        pl.col("kind").is_in(["general", "municipal"]) & (pl.col("day").dt.month() == 11)
        & (pl.col("day").dt.year() % 2 == 1)
    )  # fmt: skip
    odd_days = {day.year: day for day in sorted(in_odd_years["day"])}
    coming = world.campaign.election_date
    training = max(c.election_date for c in world.campaign.comparables if c.state == state and c.purpose == "turnout")
    calendar = sorted((date.fromisoformat(d) for d in seed("federal_general_elections")["election_date"]), reverse=True)

    def went(condition: pl.Expr) -> pl.Expr:
        return pl.col("voter_id").is_in(votes.filter(condition)["voter_id"].unique().implode())

    def letter(day: date | None, took_part: pl.Expr, is_known: bool) -> pl.Expr:
        if not is_known or day is None:
            return pl.lit(".")
        later = (pl.col("registration_date") > day) & (pl.col("first_vote").is_null() | (pl.col("first_vote") > day))
        return pl.when(took_part).then(pl.lit("1")).when(later).then(pl.lit("x")).otherwise(pl.lit("0"))

    before = [[d for d in calendar if d < target][:8] for target in (training, coming)]
    general = [
        letter(new, went((pl.col("kind") == "general") & (pl.col("day") == new)), old in generals and new in generals)
        for old, new in zip(*before, strict=False)
    ]
    odd = []
    for back in (1, 3, 5, 7):
        day = odd_days.get(coming.year - back)
        took_part = went(pl.col("kind").is_in(["general", "municipal"]) & (pl.col("day") == pl.lit(day, pl.Date)))
        odd.append(letter(day, took_part, day is not None and training.year - back in odd_days))
    primary = []
    for back in (0, 2, 4, 6):
        year = coming.year - back
        took_part = went(pl.col("kind").is_in(PRIMARIES) & (pl.col("day").dt.year() == year))
        is_known = year in primary_years and training.year - back in primary_years
        primary.append(pl.when(took_part).then(pl.lit("1")).otherwise(pl.lit("0")) if is_known else pl.lit("."))
    return people.with_columns(
        pl.concat_str(general).alias("generals"),
        pl.concat_str(primary).alias("primary"),
        pl.concat_str(odd).alias("odd"),
    )


def _turnout(world: World, people: pl.DataFrame) -> pl.DataFrame:
    record = pl.lit(0)
    for place, weight in enumerate(GENERAL):
        at = pl.col("generals").str.slice(place, 1)
        record = record + pl.when(at == "1").then(weight).when(at == "0").then(-weight).otherwise(0)
    for kind, weights in SMALLER.items():
        for place, weight in enumerate(weights):
            record = record + pl.when(pl.col(kind).str.slice(place, 1) == "1").then(weight).otherwise(0)
    older = pl.col("generals").str.slice(4)
    people = people.with_columns(
        record.alias("points"),
        (pl.col("generals").str.contains("x") & ~pl.col("generals").str.contains("[01]")).alias("is_new"),
    )
    new = pl.when("is_new").then(pl.lit("new ")).otherwise(pl.lit(""))
    people = _at_home(_nearby(people))
    people = people.with_columns(
        pl.col("generals").str.slice(0, 4).alias("general"),
        pl.format("{} of {}", older.str.count_matches("1"), older.str.count_matches("[01]")).alias("older"),
        pl.when("is_new").then(pl.lit("new")).otherwise((pl.col("points") // 200).cast(pl.String)).alias("record"),
        (new + _bin(pl.col("years"), AGES)).alias("age"),
        (new + _bin(pl.col("known_days"), KNOWN)).alias("tenure"),
        # Ohio's party is the last primary ballot, so it is no feature of turnout.
        (new + pl.when(pl.col("state") == "OH").then(pl.lit("N")).otherwise("party_code")).alias("party"),
        pl.col("race").alias("race_bin"),
        pl.when(pl.col("generals").str.slice(0, 2).str.contains("1"))
        .then(pl.col("status") + " since voting")
        .otherwise("status")
        .alias("status_bin"),
        pl.when(pl.col("others").is_null()).then(pl.lit("alone")).when(pl.col("others") == 0).then(pl.lit("no record"))
        .otherwise(new + _bin(pl.col("others_points") * 1.0 / pl.col("others"), HOMES)).alias("household"),
        _bin(pl.col("above"), AROUND).alias("around"),
    )  # fmt: skip
    table = world.model("turnout", "turnout_points")
    odds = _added(people, table, TURNOUT) + _found(people, table, "intercept", pl.lit(""))
    here = _found(people, table, "status", pl.col("status_bin")).fill_null(0.0).exp()
    chance = (here / (1 + (-odds).exp())).clip(0.002, 0.998)
    millionths = (chance * MILLION).round().cast(pl.Int64)
    is_minor = people["years"].fill_null(99) < 18
    return people.with_columns(pl.when(is_minor).then(0).otherwise(millionths).alias("p_turnout"))


def _nearby(people: pl.DataFrame) -> pl.DataFrame:
    """Thousandths by which the precinct voted above its state at the last general (fifty of the state added)."""
    last = pl.col("generals").str.slice(0, 1)
    had = people.filter(last.is_in(["0", "1"]))
    counted = had.group_by("state", "precinct_id").agg(pl.len().alias("n"), (last == "1").sum().alias("went"))
    states = counted.group_by("state").agg(pl.col("n").sum().alias("all"), pl.col("went").sum().alias("all_went"))
    whole = pl.col("all_went").cast(pl.Float64)
    above = 1000 * (pl.col("went") + 50.0 * whole / pl.col("all")) / (pl.col("n") + 50) - 1000.0 * whole / pl.col("all")
    rates = counted.join(states, on="state").select("precinct_id", above.alias("above"))
    return people.join(rates, on="precinct_id", how="left")


def _at_home(people: pl.DataFrame) -> pl.DataFrame:
    """How many others with a record share the home (of two to twelve people), and their records' sum."""
    size = pl.col("voter_id").count().over("home")
    shares = pl.col("home").is_not_null() & size.is_between(2, 12)
    old = (~pl.col("is_new")).cast(pl.Int64)
    old_points = pl.col("points") * old
    members = old.sum().over("home")
    return people.with_columns(
        shares.alias("shares_home"),
        # A home where nobody has a record tells nothing, as if one lived alone.
        pl.when(shares & (members > 0)).then(members - old).alias("others"),
        pl.when(shares).then(old_points.sum().over("home") - old_points).alias("others_points"),
    )


def _support(world: World, people: pl.DataFrame) -> pl.DataFrame:
    lean = (
        pl.when(pl.col("party_code").is_in(["D", "R"])).then("party_code")
        .when(pl.col("last_ballot").is_in(["D", "R"])).then(pl.concat_str(pl.lit("N_"), "last_ballot"))
        .otherwise(pl.lit("N"))
    )  # fmt: skip
    race = pl.col("race").replace_strict({"B": "+B", "H": "+H"}, default="", return_dtype=pl.String)
    people = people.with_columns((lean + race).alias("support_group"), lean.str.slice(-1).alias("side"))
    side = pl.col("side").replace_strict({"D": 1, "R": -1}, default=0, return_dtype=pl.Int64)
    is_known = (pl.col("side") != "N").cast(pl.Int64)
    net, known = side.sum().over("home") - side, is_known.sum().over("home") - is_known
    home = (
        pl.when(~pl.col("shares_home")).then(pl.lit("alone")).when(known == 0).then(pl.lit("not known"))
        .when(net >= 2).then(pl.lit("two or more D")).when(net == 1).then(pl.lit("one more D"))
        .when(net == 0).then(pl.lit("even")).when(net == -1).then(pl.lit("one more R"))
        .otherwise(pl.lit("two or more R"))
    )  # fmt: skip
    kind = pl.when(pl.col("side") == "N").then(pl.lit("free ")).otherwise(pl.lit("held "))
    people = people.with_columns(
        (kind + home).alias("side_at_home"),
        (kind + _bin(pl.col("years"), DECADES)).alias("decade"),
        (kind + pl.col("sex")).alias("side_sex"),
    ).join(world.answers(), on="voter_id", how="left", maintain_order="left")
    said = pl.concat_str("support_group", pl.lit(" "), "said")
    people = people.with_columns(pl.when(pl.col("said").is_null()).then(pl.lit("none")).otherwise(said).alias("answer"))
    odds = _added(people, world.model("support", "support_points"), SUPPORT)
    areas = world.model("support", "support_areas")
    found = people.select("precinct_id", "county_fips", "state")
    for level, area in [("precinct", "precinct_id"), ("county", "county_fips"), ("state", "state")]:
        shifts = areas.filter(pl.col("area_level") == level).select(
            pl.col("area_id").alias(area), pl.col("logit_shift").alias(f"{level}_shift")
        )
        found = found.join(shifts, on=area, how="left", maintain_order="left")
    shift = found.select(pl.coalesce("precinct_shift", "county_shift", "state_shift")).to_series()
    chance = (1 / (1 + (-(odds + shift)).exp())).clip(0.0005, 0.9995)
    result = people.with_columns((chance * MILLION).round().cast(pl.Int64).alias("p_support"))
    assert result.select("p_turnout", "p_support").null_count().row(0) == (0, 0)
    return result


def _found(people: pl.DataFrame, table: pl.DataFrame, feature: str, bins: pl.Expr) -> pl.Series:
    own = table.filter(pl.col("feature") == feature).select("state", pl.col("bin").alias("of"), "points")
    asked = people.select("state", bins.alias("of"))
    return asked.join(own, on=["state", "of"], how="left", maintain_order="left")["points"]


def _added(people: pl.DataFrame, table: pl.DataFrame, features: tuple[str, ...]) -> pl.Series:
    total = pl.Series([0.0]).new_from_index(0, people.height)
    for feature in features:
        total = total + _found(people, table, NAMES.get(feature, feature), pl.col(feature)).fill_null(0.0)
    return total
