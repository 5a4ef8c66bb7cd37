"""Which result files the sample's control totals belong to.

Belongs here: noting them beside the totals. Does not belong here: what follows when others are in use (`health`).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from orchestration.contracts.load import load_contracts


def write(landing: Path, target: Path) -> None:
    """Write the sha256 of every landed file that is held against control totals, by its place in landing."""
    sources = sorted(c.id for c in load_contracts().values() if c.control_totals)
    files = [p for source in sources for p in sorted((landing / source).rglob("*")) if p.is_file()]
    said = {p.relative_to(landing).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    target.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
