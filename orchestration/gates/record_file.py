"""The gate record as a file: JSON with a digest over its own content and the signature of the home's gate.

Belongs here: spelling and reading `gate.json`. Does not belong here: judging it (see `record`), keys (`signing`).
The stored verdict is for people; reading recomputes it from the results.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.gates import record as rec
from orchestration.gates import signing
from orchestration.gates.checks import CheckResult, Severity, Status
from orchestration.publish.errors import GateRefused
from orchestration.publish.files import canonical_json, pretty_json, write_atomically

FORMAT = 2
UNSIGNED_FORMAT = 1  # of records from before they were signed; kept releases may hold one


def write(record: rec.GateRecord, path: Path, key: bytes) -> None:
    """Write `gate.json` whole or not at all, signed and flushed to disk."""
    write_atomically(path, encode(record, key))


def read(path: Path, key: bytes) -> rec.GateRecord:
    """Read a signed `gate.json`.

    Raises GateRefused when it is missing, damaged, of another format, not signed, or not with this key.
    """
    return _refusing(path, lambda content: decode(content, key))


def read_kept(path: Path, home: Path) -> rec.GateRecord:
    """Read the record of a kept release: signed, or known to be from before records were.

    Raises GateRefused as `read` does.
    """
    if not signing.has_key(home):
        return _refusing(path, decode_unsigned)
    if path.exists():
        known = signing.unsigned_releases(home).get(path.parent.name)
        if known == hashlib.sha256(path.read_bytes()).hexdigest():
            return _refusing(path, decode_unsigned)
    return read(path, signing.checking_key(home))


def trusted(path: Path, home: Path) -> rec.GateRecord | None:
    """The record of a kept release or a candidate; None where none was made, or it cannot be trusted."""
    try:
        return read_kept(path.resolve(), home)
    except (GateRefused, OSError):
        return None


def encode(record: rec.GateRecord, key: bytes) -> bytes:
    """Spell the record as its file content."""
    body: dict[str, Any] = {
        "verdict": dict(rec.describe(record.verdict)),
        "format": FORMAT,
        **asdict(record),
        "created_at": _moment(record.created_at),
        "overrides": [{**asdict(o), "expires": _moment(o.expires)} for o in record.overrides],
    }
    body = json.loads(json.dumps(body))  # tuples and enums to plain values, so that the digest is stable
    content = canonical_json(body)
    signed = {"key": signing.key_id(key), "hmac_sha256": signing.signature(key, content)}
    return pretty_json({"verdict": body.pop("verdict"), "digest": _digest(content), "signature": signed, **body})


def decode(content: bytes, key: bytes) -> rec.GateRecord:
    """Read a signed record; raises ValueError, KeyError or TypeError when it is no whole one of this key."""
    body = _body(content)
    signed = body.pop("signature", None)
    if signed is None:
        raise ValueError("it is not signed; run the gate again")
    _undamaged(body, FORMAT)
    if signed["key"] != signing.key_id(key):
        raise ValueError("it was signed with another key than this home's")
    if not signing.is_signature(key, canonical_json(body), str(signed["hmac_sha256"])):
        raise ValueError("its signature does not match its content; it was changed after it was signed")
    body.pop("verdict")
    return _record(body)


def decode_unsigned(content: bytes) -> rec.GateRecord:
    """Read a record from before records were signed; raises as `decode` does."""
    body = _body(content)
    body.pop("verdict")
    _undamaged(body, UNSIGNED_FORMAT)
    # Then the record demanded a number of dbt tests, not the tests by name.
    demanded = int(body.pop("minimum_dbt_tests"))
    if len(body["dbt_tests"]) < demanded:
        raise ValueError(f"{len(body['dbt_tests'])} dbt tests ran, at least {demanded} had to")
    return _record({**body, "required_tests": ()})


def _refusing(path: Path, reading: Any) -> rec.GateRecord:
    try:
        record: rec.GateRecord = reading(path.read_bytes())
    except FileNotFoundError:
        raise GateRefused([f"there is no gate record at {path}; run the gate first"]) from None
    except (KeyError, TypeError, ValueError) as error:
        raise GateRefused([f"the gate record {path} is damaged or forged: {error}"]) from None
    return record


def _body(content: bytes) -> dict[str, Any]:
    body = json.loads(content)
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")
    return body


def _undamaged(body: dict[str, Any], expected: int) -> None:
    digest = body.pop("digest")
    if body.get("format") != expected:
        raise ValueError(f"format {body.get('format')!r}, expected {expected}")
    if _digest(canonical_json(body)) != digest:
        raise ValueError("its digest does not match its content; it was changed after it was written")


def _record(body: dict[str, Any]) -> rec.GateRecord:
    body.pop("format")
    return rec.GateRecord(
        **{
            **body,
            "created_at": datetime.fromisoformat(body["created_at"]),
            "files": tuple(rec.BoundFile(**item) for item in body["files"]),
            "tables": tuple(body["tables"]),
            "required": tuple(
                rec.Required(**{**item, "severity": Severity(item["severity"])}) for item in body["required"]
            ),
            "results": tuple(
                CheckResult(**{**item, "severity": Severity(item["severity"]), "status": Status(item["status"])})
                for item in body["results"]
            ),
            "dbt_tests": tuple(rec.DbtTest(**item) for item in body["dbt_tests"]),
            "required_tests": tuple(
                rec.RequiredTest(item["name"], Severity(item["severity"])) for item in body["required_tests"]
            ),
            "reconciliations": tuple(rec.Reconciliation(**item) for item in body["reconciliations"]),
            "overrides": tuple(
                rec.Override(**{**item, "expires": datetime.fromisoformat(item["expires"])})
                for item in body["overrides"]
            ),
        }
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()
