"""Go on with the run of a home that was killed: `resume.py <run> seal|audit|publish`, each with what follows it.

What the command line does after dbt, without what comes before it, so that every point of it can be killed cheaply.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime

from orchestration import refresh
from orchestration import settings as config

STEPS = ("seal", "audit", "publish")


def main(run_id: str, first: str) -> None:
    """Do the steps from ``first`` on."""
    settings = config.load()
    report = json.loads((settings.paths.build / run_id / "report.json").read_text())
    run = refresh.Run(run_id, "cli", datetime.fromisoformat(report["started_at"]), settings)
    for step in STEPS[STEPS.index(first) :]:
        getattr(refresh, step)(run)


if __name__ == "__main__":
    main(*sys.argv[1:])
