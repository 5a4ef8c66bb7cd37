"""Hand-written lists the sample draws from: counties, names, streets, towns.

Multi-word names are written with an underscore, so that a list is one string split at blanks. No file of
anybody's is copied here. How the lists are used belongs in the modules above.
"""

from __future__ import annotations


def words(text: str) -> list[str]:
    """The entries of a blank-separated list, underscores turned into blanks."""
    return [word.replace("_", " ") for word in text.split()]


def columns(text: str) -> list[str]:
    """Column names of a blank-separated list, as they stand."""
    return text.split()
