"""The key under which people get their ids, and how the build reads it.

A person's id is an HMAC-SHA-256 of the id that a state or a platform gave them, under a secret of the home
(`secrets/person.key`), cut to twenty hexadecimal digits. The ids stay the same from day to day, join what is exported
back to the person, and cannot be counted through by whoever has a list of voter ids but not the key. Whoever has both
can: the ids are names for people, not anonymous.

Belongs here: the relation `config.person_key` of the warehouse under construction, and the key's mark in a release's
inputs. Does not belong here: the ids themselves, which SQL makes (macro `keyed_hash`).
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.home_keys import home_key

if TYPE_CHECKING:
    import duckdb

KEY = "person"
DIGITS = 20  # 80 bits: among 200 million people two share an id with a probability of 2 in 100 million
_BLOCK = 64  # bytes of a block of SHA-256, as RFC 2104 has it
_MARKED = b"winnumber: the key this release's people are named under"


def pads(key: bytes) -> tuple[bytes, bytes]:
    """The inner and the outer pad of RFC 2104: HMAC is sha256(outer + sha256(inner + message)).

    Whoever has a pad has the key. Raises ValueError for a key longer than a block of SHA-256.
    """
    if len(key) > _BLOCK:
        raise ValueError(f"a key of {len(key)} bytes is longer than a block of SHA-256 ({_BLOCK})")
    block = key.ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def write_person_key(con: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Write `config.person_key`, one row with both pads, for the macro `keyed_hash`; makes the key at first use.

    The build database is its owner's alone and never published. Raises ``home_keys.HomeKeyError`` when the key cannot
    be used as it lies there.
    """
    con.execute("create schema if not exists config")
    con.execute("create or replace table config.person_key (inner_pad blob, outer_pad blob)")
    con.execute("insert into config.person_key values (?, ?)", list(pads(home_key(home, KEY))))


def key_mark(home: Path) -> str:
    """What tells one key from another without giving it away: another key gives another release id."""
    return hashlib.sha256(hmac.digest(home_key(home, KEY), _MARKED, "sha256")).hexdigest()
