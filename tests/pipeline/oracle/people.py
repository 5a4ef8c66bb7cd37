"""Who is registered now, and where: one shape per state, one form for all.

Belongs here: reading the accepted voter tables. Does not belong here: what people did at elections (``past``).
"""

from __future__ import annotations

import hashlib

import polars as pl

from oracle.world import World, coded, day, district, letters, place, precinct, precinct_number, seed, unmasked, whole

VIRGINIA_STREET = [
    "house_number", "housenumbersuffix", "direction", "street_name", "streettypecodename", "post_direction", "apt_num",
]  # fmt: skip
PENNSYLVANIA_STREET = ["house_number", "house_number_suffix", "street_name", "apartment_number", "address_line_2"]
FLORIDA_RACES = {"1": "I", "2": "A", "3": "B", "4": "H", "5": "W", "6": "O", "7": "M"}
DISTRICTS = ("congressional_district", "state_senate_district", "state_house_district")
PLACES = ("precinct_id", "municipality_id", *(f"{kind}_id" for kind in DISTRICTS))


def people(world: World) -> pl.DataFrame:
    """One row per person registered now.

    voter_id, state, county_fips, status, party_code, sex, race (U where not known), home (address as one text),
    birth_date, birth_year,
    registration_date, the ids of ``PLACES``, split_id.
    """
    shaped = pl.concat([_nc(world), _oh(world), _fl(world), _va(world), _pa(world)], how="diagonal")
    assert shaped["county_fips"].null_count() == 0
    nowhere = pl.when("is_protected").then(pl.lit("withheld")).otherwise(pl.lit("unknown"))
    located = shaped.with_columns(
        pl.concat_str("county_fips", pl.lit("-"), pl.col("precinct").fill_null(nowhere)).alias("precinct_id"),
        pl.when(pl.col("municipality").is_not_null())
        .then(pl.concat_str("state", pl.lit("-"), "municipality"))
        .when(pl.col("precinct").is_null())
        .then(pl.concat_str("county_fips", pl.lit("-"), nowhere))
        .otherwise(pl.concat_str("county_fips", pl.lit("-unincorporated")))
        .alias("municipality_id"),
        *(
            pl.coalesce(f"{kind}_id", pl.concat_str("state", pl.lit("-"), nowhere)).alias(f"{kind}_id")
            for kind in DISTRICTS
        ),
    )
    # A person delivered twice is the active record, then the newest registration.
    once = located.sort(
        "status", "registration_date", "county_fips", "precinct_id", descending=[False, True, False, False],
        nulls_last=True,
    ).unique("voter_id", keep="first", maintain_order=True)  # fmt: skip
    return _split(once)


def _split(located: pl.DataFrame) -> pl.DataFrame:
    """Name the atoms. Their ids decide ties, so they are made as the warehouse makes them."""
    atoms = located.select("state", *PLACES).unique()
    ids = [
        f"{row[0]}-{hashlib.md5('|'.join(row[1:]).encode(), usedforsecurity=False).hexdigest()[:12]}"
        for row in atoms.iter_rows()
    ]
    return located.join(atoms.with_columns(pl.Series("split_id", ids)), on=["state", *PLACES])


def _current(world: World, state: str, columns: list[str], status: str, party: str | None) -> pl.DataFrame:
    """The newest version of every registered voter of a state, status and party decoded."""
    rows = world.rows(f"{state.lower()}_voters", [*columns, "valid_to"]).filter(pl.col("valid_to").is_null())
    rows = rows.with_columns(
        pl.lit(state).alias("state"),
        coded(rows, "voter_status", state, status, "status_code", "status").alias("status"),
    )
    if party is not None:
        known = coded(rows, "voter_parties", state, party, "source_party_code", "party_code")
        missing = pl.when(pl.col(party).is_null()).then(pl.lit("N")).otherwise(pl.lit("O"))
        rows = rows.with_columns(known.fill_null(rows.select(missing).to_series()).alias("party_code"))
    return rows.filter(pl.col("status").is_in(["active", "inactive"]))


def _county(rows: pl.DataFrame, state: str, key: pl.Expr, seed_column: str) -> pl.DataFrame:
    counties = seed("counties").filter(pl.col("state") == state)
    lookup = dict(zip(counties[seed_column], counties["county_fips"], strict=True))
    return rows.with_columns(key.replace_strict(lookup, default=None, return_dtype=pl.String).alias("county_fips"))


def _districts(state: str, columns: tuple[str, str, str]) -> list[pl.Expr]:
    return [
        district(pl.lit(state), kind, column).alias(f"{kind}_id")
        for kind, column in zip(DISTRICTS, columns, strict=True)
    ]


def _sex(column: str) -> pl.Expr:
    text = pl.col(column).str.strip_chars(" ").str.to_uppercase()
    lookup = {"F": "F", "FEMALE": "F", "M": "M", "MALE": "M"}
    return text.replace_strict(lookup, default="U", return_dtype=pl.String).fill_null("U").alias("sex")


def _home(parts: list[str], city: str, zip_code: str) -> pl.Expr:
    """The address as one text, null where none is given: who shares it lives together."""
    street = pl.concat_str(
        *(unmasked(part) for part in parts), separator=" ", ignore_nulls=True
    ).str.replace_all(" +", " ").str.strip_chars(" ").str.to_uppercase()  # fmt: skip
    town = unmasked(city).fill_null("").str.to_uppercase()
    code = pl.col(zip_code).str.strip_chars(" ").str.extract("^([0-9]{5})", 1).fill_null("")
    return pl.when(street != "").then(pl.concat_str("state", street, town, code, separator="|")).alias("home")


def _is_yes(column: str) -> pl.Expr:
    return pl.col(column).fill_null("N") == "Y"


_COMMON = [
    "voter_id", "state", "county_fips", "status", "party_code", "sex", "race", "birth_date", "birth_year",
    "registration_date", "precinct", "municipality", "is_protected", "home", *(f"{kind}_id" for kind in DISTRICTS),
]  # fmt: skip


def _nc(world: World) -> pl.DataFrame:
    where = ("cong_dist_abbrv", "nc_senate_abbrv", "nc_house_abbrv")
    columns = [
        "ncid", "county_desc", "status_cd", "party_cd", "gender_code", "race_code", "ethnic_code", "birth_year",
        "registr_dt", "res_street_address", "res_city_desc", "zip_code", "precinct_abbrv", "municipality_desc",
        "confidential_ind", "last_name", *where,
    ]  # fmt: skip
    rows = _county(_current(world, "NC", columns, "status_cd", "party_cd"), "NC", letters("county_desc"), "county_key")
    return rows.with_columns(
        _home(["res_street_address"], "res_city_desc", "zip_code"),
        pl.concat_str(pl.lit("NC-"), "ncid").alias("voter_id"),
        _sex("gender_code"),
        pl.when(pl.col("ethnic_code") == "HL")
        .then(pl.lit("H"))
        .otherwise(pl.col("race_code"))
        .fill_null("U")
        .alias("race"),
        pl.lit(None, pl.Date).alias("birth_date"),
        whole("birth_year").alias("birth_year"),
        day("registr_dt").alias("registration_date"),
        precinct(pl.col("precinct_abbrv")).alias("precinct"),
        place(pl.col("municipality_desc")).alias("municipality"),
        (_is_yes("confidential_ind") | pl.col("last_name").fill_null("").str.contains("#")).alias("is_protected"),
        *_districts("NC", where),
    ).select(_COMMON)


def _oh(world: World) -> pl.DataFrame:
    where = ("congressional_district", "state_senate_district", "state_representative_district")
    columns = [
        "sos_voterid", "county_number", "voter_status", "party_affiliation", "date_of_birth", "registration_date",
        "residential_address1", "residential_secondary_addr", "residential_city", "residential_zip",
        "precinct_code", "city", "village", *where,
    ]  # fmt: skip
    number = pl.col("county_number").str.strip_chars(" ").str.zfill(2)
    rows = _county(
        _current(world, "OH", columns, "voter_status", "party_affiliation"), "OH", number, "state_county_code"
    )
    born = day("date_of_birth", "%Y-%m-%d")
    return rows.with_columns(
        _home(["residential_address1", "residential_secondary_addr"], "residential_city", "residential_zip").alias(
            "home"
        ),
        pl.concat_str(pl.lit("OH-"), "sos_voterid").alias("voter_id"),
        pl.lit("U").alias("sex"),
        pl.lit("U").alias("race"),
        born.alias("birth_date"),
        born.dt.year().cast(pl.Int64).alias("birth_year"),
        day("registration_date", "%Y-%m-%d").alias("registration_date"),
        precinct(pl.col("precinct_code")).alias("precinct"),
        place(pl.coalesce("city", "village")).alias("municipality"),
        pl.lit(False).alias("is_protected"),
        *_districts("OH", where),
    ).select(_COMMON)


def _fl(world: World) -> pl.DataFrame:
    where = ("congressional_district", "senate_district", "house_district")
    columns = [
        "voter_id", "county_code", "voter_status", "party_affiliation", "gender", "race", "birth_date",
        "registration_date", "precinct", "residence_city", "public_records_exemption", "name_last",
        "residence_address_line_1", "residence_address_line_2", "residence_zipcode", *where,
    ]  # fmt: skip
    code = pl.col("county_code").str.strip_chars(" ").str.to_uppercase()
    rows = _county(_current(world, "FL", columns, "voter_status", "party_affiliation"), "FL", code, "state_county_code")
    born = day("birth_date")
    return rows.with_columns(
        _home(["residence_address_line_1", "residence_address_line_2"], "residence_city", "residence_zipcode").alias(
            "home"
        ),
        pl.concat_str(pl.lit("FL-"), "voter_id").alias("voter_id"),
        _sex("gender"),
        pl.col("race").replace_strict(FLORIDA_RACES, default="U", return_dtype=pl.String).fill_null("U"),
        born.alias("birth_date"),
        born.dt.year().cast(pl.Int64).alias("birth_year"),
        day("registration_date").alias("registration_date"),
        precinct(unmasked("precinct")).alias("precinct"),
        place(unmasked("residence_city")).alias("municipality"),
        (_is_yes("public_records_exemption") | pl.col("name_last").fill_null("").str.starts_with("*")).alias(
            "is_protected"
        ),
        *_districts("FL", where),
    ).select(_COMMON)


def _va(world: World) -> pl.DataFrame:
    where = ("cong_code_value", "stsenate_code_value", "sthouse_code_value")
    columns = [
        "identification_number", "locality_code", "localityname", "townname_code_name", "status", "gender", "dob",
        "registration_date", "precinct_code_value", "house_number", "housenumbersuffix", "direction", "street_name",
        "streettypecodename", "post_direction", "apt_num", "city", "zip", *where,
    ]  # fmt: skip
    code = pl.col("locality_code").str.strip_chars(" ").str.zfill(3)
    rows = _county(_current(world, "VA", columns, "status", None), "VA", code, "state_county_code")
    born = day("dob")
    year_alone = pl.col("dob").str.strip_chars(" ").str.extract("^([0-9]{4})$", 1).cast(pl.Int64)
    city = pl.when(whole("locality_code") >= 510).then(pl.col("localityname"))
    return rows.with_columns(
        _home(
            [
                "house_number",
                "housenumbersuffix",
                "direction",
                "street_name",
                "streettypecodename",
                "post_direction",
                "apt_num",
            ],
            "city",
            "zip",
        ).alias("home"),
        pl.concat_str(pl.lit("VA-"), "identification_number").alias("voter_id"),
        pl.lit("N").alias("party_code"),
        _sex("gender"),
        pl.lit("U").alias("race"),
        born.alias("birth_date"),
        pl.coalesce(year_alone, born.dt.year().cast(pl.Int64)).alias("birth_year"),
        day("registration_date").alias("registration_date"),
        precinct_number("precinct_code_value").alias("precinct"),
        place(pl.coalesce(city, unmasked("townname_code_name"))).alias("municipality"),
        pl.lit(False).alias("is_protected"),
        *_districts("VA", where),
    ).select(_COMMON)


def _pa(world: World) -> pl.DataFrame:
    slots = [f"district_{n}" for n in range(1, 41)]
    columns = [
        "id_number", "county", "voter_status", "party_code", "gender", "dob", "registration_date", "precinct_code",
        "house_number", "house_number_suffix", "street_name", "apartment_number", "address_line_2", "city", "zip",
        *slots,
    ]  # fmt: skip
    rows = _current(world, "PA", columns, "voter_status", "party_code").with_columns(letters("county").alias("key"))
    rows = _county(rows, "PA", pl.col("key"), "county_key")
    zones = world.rows("pa_zone_types", ["county_name", "zone_number", "zone_short_name"]).select(
        letters("county_name").alias("key"),
        whole("zone_number").alias("zone"),
        pl.col("zone_short_name").str.strip_chars(" ").str.to_uppercase().alias("kind"),
    )
    kinds = {"congressional": ["USC"], "senate": ["STS"], "house": ["STH"], "town": ["MN", "MUN", "MUNI", "MCD"]}
    by_county = zones.group_by("key").agg(
        pl.col("zone").filter(pl.col("kind").is_in(names)).min().alias(f"{name}_zone") for name, names in kinds.items()
    )
    towns = (
        world.rows("pa_zone_codes", ["county_name", "zone_number", "zone_code", "zone_description"])
        .select(
            letters("county_name").alias("key"),
            whole("zone_number").alias("town_zone"),
            pl.col("zone_code").str.strip_chars(" ").str.to_uppercase().alias("town"),
            pl.col("zone_description").str.strip_chars(" ").alias("town_name"),
        )
        .join(by_county.select("key", "town_zone"), on=["key", "town_zone"])
        .group_by("key", "town")
        .agg(pl.col("town_name").min())
    )
    rows = rows.join(by_county, on="key", how="left").with_columns(
        pl.concat_list(slots).list.get(pl.col(f"{name}_zone") - 1, null_on_oob=True).alias(name) for name in kinds
    )
    rows = rows.with_columns(pl.col("town").str.strip_chars(" ").str.to_uppercase())
    born = day("dob")
    return (
        rows.join(towns, on=["key", "town"], how="left")
        .with_columns(
            _home(PENNSYLVANIA_STREET, "city", "zip"),
            pl.concat_str(pl.lit("PA-"), "id_number").alias("voter_id"),
            _sex("gender"),
            pl.lit("U").alias("race"),
            born.alias("birth_date"),
            born.dt.year().cast(pl.Int64).alias("birth_year"),
            day("registration_date").alias("registration_date"),
            precinct(pl.col("precinct_code")).alias("precinct"),
            place(pl.concat_str("key", pl.lit(" "), "town_name")).alias("municipality"),
            pl.lit(False).alias("is_protected"),
            *_districts("PA", ("congressional", "senate", "house")),
        )
        .select(_COMMON)
    )
