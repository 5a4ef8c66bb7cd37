"""Whether a home lives in a synthetic world, and whether real results have strayed into it.

The sample leaves `control_totals.csv` in the home: results are then checked against its own totals instead of the
certified ones. It also leaves the hashes of the result files that those totals belong to (`sample.boundary`). Results
of any other origin would be measured against the wrong totals without anybody noticing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.contracts.model import Contract

TOTALS = "control_totals.csv"
BOUND = "control_totals.files.json"


@dataclass(frozen=True)
class Synthetic:
    """A synthetic world. ``own``, ``strangers``: results in use that are the sample's, and that are not known to be."""

    totals: Path
    own: tuple[str, ...]
    strangers: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What a person must know of it."""
        said = f"{self.totals} replaces the certified totals: this home is a synthetic world"
        if not self.strangers:
            return f"{said}; its {len(self.own)} deliveries of results are the sample's"
        shown = ", ".join(self.strangers[:3]) + (", …" if len(self.strangers) > 3 else "")
        return (
            f"{said}, but {len(self.strangers)} deliveries of results in use are not known to be the sample's: {shown}"
        )


def synthetic_world(home: Path, contracts: Mapping[str, Contract]) -> Synthetic | None:
    """The synthetic world of a home, or None where results are held against the certified totals."""
    from orchestration.ingest.ledger import Ledger

    totals = home / TOTALS
    if not totals.exists():
        return None
    own: list[str] = []
    strangers: list[str] = []
    if (home / "ledger.sqlite").exists():
        bound = _bound(home / BOUND)
        with Ledger(home / "ledger.sqlite") as ledger:
            for contract in (c for c in contracts.values() if c.control_totals):
                for row in ledger.accepted(contract.id):
                    hashes = {str(f["object_sha256"]) for f in ledger.files(row.id)}
                    (own if hashes <= bound else strangers).append(row.id)
    return Synthetic(totals, tuple(own), tuple(strangers))


def _bound(path: Path) -> set[str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return set(map(str, found.values())) if isinstance(found, dict) else set()
