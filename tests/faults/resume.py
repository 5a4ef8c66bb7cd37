"""Do some steps of a run without the orchestrator: `resume.py <run> <first step> <last step>`.

What the command line does before dbt and after it, so that every point of it can be killed cheaply.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from orchestration import demands, refresh
from orchestration import settings as config
from orchestration.publish.lock import single_writer

STEPS = ("begin", "ingest", "open_build", "seal", "audit", "publish")


def main(run_id: str, first: str, last: str) -> None:
    """Do the steps from ``first`` to ``last``, under the refresh's lock."""
    settings = config.load()
    report = refresh.Report.read(settings.paths.build / run_id)
    started = datetime.fromisoformat(report.started_at) if report else datetime.now(UTC)
    run = refresh.Run(run_id, "cli", started, settings)
    with single_writer(settings.paths.lock, run_id, run.who):
        for step in STEPS[STEPS.index(first) : STEPS.index(last) + 1]:
            if step == "ingest":
                for contract in demands.delivered().values():
                    refresh.ingest(run, contract)
            else:
                getattr(refresh, step)(run)


if __name__ == "__main__":
    main(*sys.argv[1:])
