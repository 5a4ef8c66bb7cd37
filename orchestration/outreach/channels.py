"""The file each channel takes, made from chosen people.

Belongs here: columns, order and grouping of each form. Does not belong here: who is in it (``selection``), what may
stand in a cell (``safe_csv``), walking order (``walking``).

Forms: texting vendors one row per number (Hustle, Spoke, ThruText by their own column names); phone bank one row per
person, numbers together; mail house one row per address with a name line; walk list one row per person in walking
order; hashed audience one row per person, SHA-256 of normalised e-mail and phone under the column names of Meta's
customer lists. Telephone numbers are digits with the leading 1: read these columns as text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from orchestration.outreach.safe_csv import csv_bytes
from orchestration.outreach.walking import in_walking_order

if TYPE_CHECKING:
    import polars as pl

SMS_FORMS: dict[str, tuple[tuple[str, str], ...]] = {
    "hustle": (
        ("First Name", "first_name"), ("Last Name", "last_name"), ("Phone Number", "phone"),
        ("External ID", "person_id"), ("State", "state"), ("Precinct", "precinct_id"),
    ),
    "spoke": (
        ("firstName", "first_name"), ("lastName", "last_name"), ("cell", "phone"), ("zip", "zip5"),
        ("external_id", "person_id"), ("state", "state"), ("precinct", "precinct_id"),
    ),
    "thrutext": (
        ("first_name", "first_name"), ("last_name", "last_name"), ("phone", "phone"), ("external_id", "person_id"),
        ("state", "state"), ("precinct", "precinct_id"),
    ),
}  # fmt: skip
PHONE_FORM = (
    ("phone", "phone"), ("first_name", "first_name"), ("last_name", "last_name"), ("person_id", "person_id"),
    ("household_id", "household_id"), ("state", "state"), ("county_fips", "county_fips"), ("precinct", "precinct_id"),
)  # fmt: skip
EMAIL_FORM = (
    ("email", "contact"), ("first_name", "first_name"), ("last_name", "last_name"), ("person_id", "person_id"),
)  # fmt: skip
WALK_FORM = (
    ("order", "walk_order"), ("precinct", "precinct_id"), ("city", "city"), ("zip", "zip5"), ("street", "street"),
    ("side", "side"), ("number", "number"), ("unit", "unit"), ("address", "address"), ("first_name", "first_name"),
    ("last_name", "last_name"), ("person_id", "person_id"), ("household_id", "household_id"),
)  # fmt: skip
MAIL_FORM = (
    ("name_line", "name_line"), ("address", "address"), ("city", "city"), ("state", "address_state"), ("zip", "zip5"),
    ("people", "people"), ("mail_id", "mail_id"),
)  # fmt: skip
# Longer name lines do not fit an address window.
NAME_LINE = 40


def file_bytes(people: pl.DataFrame, channel: str, vendor: str | None) -> bytes:
    """The bytes of the file for the people who are to be contacted (hold-outs already taken away)."""
    if channel == "sms" and vendor is not None:
        return _form(_with_phone(people).sort("person_id"), SMS_FORMS[vendor])
    if channel == "phone":
        return _form(_with_phone(people).sort("phone", "person_id"), PHONE_FORM)
    if channel == "email":
        return _form(people.sort("person_id"), EMAIL_FORM)
    if channel == "walk":
        return _form(in_walking_order(people), WALK_FORM)
    if channel == "mail":
        return _form(_households(people), MAIL_FORM)
    return _audience(people)


def sha256(text: str) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _form(rows: pl.DataFrame, form: Sequence[tuple[str, str]]) -> bytes:
    return csv_bytes([name for name, _ in form], rows.select([column for _, column in form]).iter_rows())


def _with_phone(people: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    # Digits alone: every vendor takes them, and a leading + would be a formula.
    return people.with_columns(phone=pl.col("contact").str.strip_prefix("+"))


def _households(people: pl.DataFrame) -> pl.DataFrame:
    """One row per postal address, by ZIP code as mail houses sort it."""
    import polars as pl

    ordered = people.sort("contact", "last_name", "first_name", "person_id", nulls_last=True)
    grouped = ordered.group_by("contact", maintain_order=True).agg(
        pl.col("address", "city", "address_state", "zip5", "household_id").first(),
        pl.col("first_name", "last_name"),
        pl.len().alias("people"),
    )
    lines = [
        name_line(list(zip(first, last, strict=True)))
        for first, last in grouped.select("first_name", "last_name").iter_rows()
    ]
    return grouped.with_columns(
        name_line=pl.Series(lines, dtype=pl.String), mail_id=pl.col("household_id").fill_null(pl.col("contact"))
    ).sort("zip5", "contact", nulls_last=True)


def name_line(names: Sequence[tuple[str | None, str | None]]) -> str:
    """How an envelope to these people begins, in capitals: both names of two, the household of more."""
    known = [((first or "").strip().upper(), (last or "").strip().upper()) for first, last in names]
    known = [(first, last) for first, last in known if last or first]
    if not known:
        return "CURRENT RESIDENT"
    surnames = list(dict.fromkeys(last for _, last in known if last))
    whole = " ".join(known[0]).strip()
    lines = [f"{whole} & HOUSEHOLD", f"{known[0][1] or known[0][0]} & HOUSEHOLD"]
    if len(surnames) == 1:
        lines.insert(0, f"THE {surnames[0]} HOUSEHOLD")
    if len(known) == 1:
        lines.insert(0, whole)
    elif len(known) == 2 and len(surnames) == 1 and all(first for first, _ in known):
        lines.insert(0, f"{known[0][0]} & {known[1][0]} {surnames[0]}")
    elif len(known) == 2:
        lines.insert(0, " & ".join(" ".join(name).strip() for name in known))
    # The fullest line that fits the window.
    return next((line for line in lines if len(line) <= NAME_LINE), lines[0][:NAME_LINE].strip())


def _audience(people: pl.DataFrame) -> bytes:
    """Hashed e-mail and phone, one row per person; the clear values are in no file."""
    import polars as pl

    hashed = people.with_columns(
        # Meta: e-mail trimmed and in lower case; phone as digits with the country code, without signs.
        value=pl.when(pl.col("kind") == "phone")
        .then(pl.col("contact").str.strip_prefix("+"))
        .otherwise(pl.col("contact").str.strip_chars().str.to_lowercase())
        .map_elements(sha256, return_dtype=pl.String)
    )
    wide = hashed.select("person_id", "kind", "value").pivot(on="kind", index="person_id", values="value")
    for kind in ("email", "phone"):
        if kind not in wide.columns:
            wide = wide.with_columns(pl.lit(None, dtype=pl.String).alias(kind))
    # Sorted by the hashes: the order of the file says nothing about the order of the voter file.
    rows = wide.select("email", "phone").sort("email", "phone", nulls_last=True)
    return csv_bytes(["email", "phone"], rows.iter_rows())
