"""When two names may belong to one person, as SQL over the columns of records and voters.

Belongs here: conditions on names that keys and comparisons share. Nicknames are resolved before, in dbt.
"""

from __future__ import annotations

# Jaro-Winkler similarity from which two spellings are taken for one name mistyped.
LAST_ALIKE, FIRST_ALIKE = 0.92, 0.88


def nickname_of_each_other(a: str, b: str) -> str:
    """Whether first names stand for one given name (Bob and Robert)."""
    return (
        f"({a}.first_root = {b}.first_root or {a}.first_other in ({b}.first_name, {b}.first_root)"
        f" or {b}.first_other in ({a}.first_name, {a}.first_root))"
    )


def first_alike(a: str, b: str) -> str:
    """Same, nickname, initial or one mistyped; or one goes by the middle name."""
    return (
        f"coalesce({a}.first_name = {b}.first_name or {nickname_of_each_other(a, b)}"
        f" or (least(length({a}.first_name), length({b}.first_name)) = 1"
        f" and left({a}.first_name, 1) = left({b}.first_name, 1))"
        f" or jaro_winkler_similarity({a}.first_name, {b}.first_name) >= {FIRST_ALIKE}"
        f" or (length({a}.first_name) > 1 and {a}.first_name = {b}.middle_name)"
        f" or (length({b}.first_name) > 1 and {b}.first_name = {a}.middle_name), false)"
    )


def last_alike(a: str, b: str) -> str:
    """Same, mistyped, or one of the parts of a double name."""
    return (
        f"coalesce({a}.last_name = {b}.last_name"
        f" or jaro_winkler_similarity({a}.last_name, {b}.last_name) >= {LAST_ALIKE}"
        f" or list_has_any(string_split({a}.last_name, ' '), string_split({b}.last_name, ' ')), false)"
    )


def no_conflict(a: str, b: str) -> str:
    """Neither the middle initials nor the suffixes contradict each other; whoever goes by the middle name has two."""
    middle = f"left({a}.middle_name, 1) <> left({b}.middle_name, 1) and {a}.first_name = {b}.first_name"
    return f"not coalesce({middle}, false) and coalesce({a}.name_suffix = {b}.name_suffix, true)"


def may_be_one(a: str, b: str) -> str:
    """Whether two names may be one person's, given that something else already speaks for it."""
    swapped = f"coalesce({a}.first_name = {b}.last_name and {a}.last_name = {b}.first_name, false)"
    return f"(({first_alike(a, b)} and {last_alike(a, b)} and {no_conflict(a, b)}) or {swapped})"
