"""The home's signature under a gate record: who may vouch for a record, and for which old ones nobody could.

Belongs here: the gate's key and the signature (HMAC-SHA-256). Does not belong here: how a record is spelled
(`record_file`), what it must hold (`demanded`), keeping keys (`home_keys`).

The signature tells a record that this home's gate wrote from one that was edited or invented. It is no defence against
whoever may read `secrets/` and run code as the owner of the home.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path

from orchestration.home_keys import FOLDER, HomeKeyError, home_key
from orchestration.publish.candidate import GATE_JSON, RELEASES
from orchestration.publish.errors import GateRefused
from orchestration.publish.files import pretty_json, sha256_of, write_atomically

KEY = "gate"
UNSIGNED = "unsigned_releases.json"

_PURPOSE = b"winnumber gate record\0"
_KEY_ID = b"winnumber gate key id\0"


def signing_key(home: Path) -> bytes:
    """The key that records are signed with, made at first use.

    The releases kept at that moment are from before records were signed: the sha256 of each one's record is noted in
    `secrets/`, and those records alone are believed without a signature.
    """
    if not has_key(home):
        found = {path.parent.name: sha256_of(path) for path in sorted((home / RELEASES).glob(f"[!.]*/{GATE_JSON}"))}
        if found:
            (home / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(home / FOLDER / UNSIGNED, pretty_json(found), 0o600)
    return home_key(home, KEY)


def checking_key(home: Path) -> bytes:
    """The key to hold a record against; never made here. Raises GateRefused when none can be relied on."""
    try:
        return home_key(home, KEY, make=False)
    except FileNotFoundError:
        raise GateRefused([f"{home} has no gate key, so no record was signed here; run the gate first"]) from None
    except HomeKeyError as error:
        raise GateRefused([str(error)]) from None


def has_key(home: Path) -> bool:
    """Whether records are signed in this home yet."""
    return (home / FOLDER / f"{KEY}.key").exists()


def unsigned_releases(home: Path) -> Mapping[str, str]:
    """Release id -> sha256 of its gate record, for the releases from before records were signed."""
    try:
        return dict(json.loads((home / FOLDER / UNSIGNED).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def key_id(key: bytes) -> str:
    """A name for a key that gives nothing of it away."""
    return hmac.new(key, _KEY_ID, hashlib.sha256).hexdigest()[:16]


def signature(key: bytes, content: bytes) -> str:
    """The signature of a gate record's content."""
    return hmac.new(key, _PURPOSE + content, hashlib.sha256).hexdigest()


def is_signature(key: bytes, content: bytes, said: str) -> bool:
    """Whether `said` is the signature of the content, in a time that does not tell how much of it is right."""
    return hmac.compare_digest(signature(key, content), said)
