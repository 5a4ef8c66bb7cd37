"""Telephone numbers, e-mail addresses, ZIP codes and names have one form, whatever the sender wrote."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import jinja2
import pytest

MACROS = Path(__file__).resolve().parents[3] / "dbt_project" / "macros"


@cache
def environment() -> jinja2.Environment:
    made = jinja2.Environment(loader=jinja2.FileSystemLoader(MACROS))  # noqa: S701

    class Adapter:
        def dispatch(self, name: str, _: str) -> object:
            return getattr(made.get_template("dialect.sql").make_module(), f"default__{name}")

    made.globals["adapter"] = Adapter()
    dialect = made.get_template("dialect.sql").make_module()
    for name in ("matches", "replace_all", "as_text", "without_accents"):
        made.globals[name] = getattr(dialect, name)
    return made


def normal(macro: str, value: str | None) -> str | None:
    sql = getattr(environment().get_template("contact.sql").make_module(), macro)("value")
    return duckdb.execute(f"select {sql} from (select cast(? as varchar) as value)", [value]).fetchall()[0][0]


PHONES = {
    "(919) 555-0142": "+19195550142", "919.555.0142": "+19195550142", "+1 919 555 0142": "+19195550142",
    "1-919-555-0142": "+19195550142", "9195550142": "+19195550142", "919-555-0142 ext. 12": "+19195550142",
    "919 555 0142 x3": "+19195550142", " 919\u200b5550142 ": "+19195550142", "+1 (919) 555-0142 #9": "+19195550142",
    "555-0142": None, "119 555 0142": None, "019 555 0142": None, "911 555 0142": None, "919 055 0142": None,
    "919 911 0142": None, "+44 20 7946 0018": None, "+9195550142": None, "2222222222": None, "": None,
    "no phone": None, "919555014": None, "29195550142": None, "9195550142 9195550143": None, "296 555 0142": None,
}  # fmt: skip


@pytest.mark.parametrize("value", PHONES)
def test_a_telephone_number_is_its_ten_digits_or_nothing(value: str) -> None:
    assert normal("phone_e164", value) == PHONES[value]


EMAILS = {
    " Jane.Doe@Example.COM ": "jane.doe@example.com", "jane+news@example.org": "jane+news@example.org",
    "<jane@example.org>": "jane@example.org", "mailto:jane@example.org": "jane@example.org",
    "jane\u200b@example.org": "jane@example.org", "o'hara@example.org": "o'hara@example.org",
    "jane@mail.example.org": "jane@mail.example.org",
    "jane": None, "jane@": None, "@example.org": None, "jane@example": None, "jane doe@example.org": None,
    "jane@@example.org": None, "jane@example..org": None, "jane.@example.org": None, "": None, "n/a": None,
    "jane@example.org, joe@example.org": None, "=cmd()@example.org": None,
}  # fmt: skip


@pytest.mark.parametrize("value", EMAILS)
def test_an_e_mail_address_is_in_lower_case_or_nothing(value: str) -> None:
    assert normal("email_normal", value) == EMAILS[value]


NAMES = {
    "José": "JOSE", "O'Brien": "OBRIEN", "O’Brien": "OBRIEN", "Smith-Jones": "SMITH JONES",
    " de la  Cruz ": "DE LA CRUZ",
    "J.R.": "JR", "MUÑOZ": "MUNOZ", "Jose\u0301": "JOSE", "Ann\u202eMarie": "ANNMARIE", "Doe, Jr.": "DOE JR",
    "": None, "--": None, "123": None, "*****": None, "李": "李",
}  # fmt: skip


@pytest.mark.parametrize("value", NAMES)
def test_a_name_is_its_letters_in_capitals(value: str) -> None:
    assert normal("name_normal", value) == NAMES[value]


def test_a_zip_code_is_its_first_five_digits() -> None:
    assert [normal("zip5", value) for value in ("02139-1234", " 02139", "2139", "", "0213A")] == [
        "02139", "02139", None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("macro", ["phone_e164", "email_normal", "name_normal", "zip5"])
def test_nothing_stays_nothing(macro: str) -> None:
    assert normal(macro, None) is None


@pytest.mark.parametrize(
    ("macro", "values"), [("phone_e164", PHONES), ("email_normal", EMAILS), ("name_normal", NAMES)]
)
def test_normalising_twice_changes_nothing(macro: str, values: dict[str, str | None]) -> None:
    for form in {form for form in values.values() if form is not None}:
        assert normal(macro, form) == form
