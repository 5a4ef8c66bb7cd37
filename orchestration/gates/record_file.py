"""The gate record as a file: JSON with a digest over its own content.

Belongs here: spelling and reading `gate.json`. Does not belong here: judging it (see `record`).
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
from orchestration.gates.checks import CheckResult, Severity, Status
from orchestration.publish.errors import GateRefused
from orchestration.publish.files import canonical_json, pretty_json, write_atomically

FORMAT = 1


def write(record: rec.GateRecord, path: Path) -> None:
    """Write `gate.json` whole or not at all, flushed to disk."""
    write_atomically(path, encode(record))


def read(path: Path) -> rec.GateRecord:
    """Read `gate.json`. Raises GateRefused when it is missing, damaged or of another format."""
    try:
        return decode(path.read_bytes())
    except FileNotFoundError:
        raise GateRefused([f"there is no gate record at {path}; run the gate first"]) from None
    except (KeyError, TypeError, ValueError) as error:
        raise GateRefused([f"the gate record {path} is damaged: {error}"]) from None


def encode(record: rec.GateRecord) -> bytes:
    """Spell the record as its file content."""
    body: dict[str, Any] = {
        "format": FORMAT,
        **asdict(record),
        "created_at": _moment(record.created_at),
        "overrides": [{**asdict(o), "expires": _moment(o.expires)} for o in record.overrides],
    }
    body = json.loads(json.dumps(body))  # tuples and enums to plain values, so that the digest is stable
    verdict = dict(rec.describe(record.verdict))
    return pretty_json({"verdict": verdict, "digest": _digest(body), **body})


def decode(content: bytes) -> rec.GateRecord:
    """Read a record; raises ValueError, KeyError or TypeError when the content is not a whole one."""
    body = json.loads(content)
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")
    digest = body.pop("digest")
    body.pop("verdict")
    if body.get("format") != FORMAT:
        raise ValueError(f"format {body.get('format')!r}, expected {FORMAT}")
    if _digest(body) != digest:
        raise ValueError("its digest does not match its content; it was changed after it was written")
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
            "reconciliations": tuple(rec.Reconciliation(**item) for item in body["reconciliations"]),
            "overrides": tuple(
                rec.Override(**{**item, "expires": datetime.fromisoformat(item["expires"])})
                for item in body["overrides"]
            ),
        }
    )


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(canonical_json(body)).hexdigest()


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()
