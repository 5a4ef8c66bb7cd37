"""The synthetic world's own certified statewide totals, against which its result files are checked.

Taken from the counted ballots, not from the written files, so that a file that lost rows is noticed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from .candidates import candidate
from .elections import DEM, REP
from .tally import Tally

COLUMNS = ("state", "election_date", "office_code", "party_code", "candidate", "votes", "source")
SOURCE = "counted ballots of the synthetic electorate"
OFFICES = {"president": "us_president", "senate": "us_senate", "governor": "governor"}


def write(tallies: Iterable[Tally], path: Path) -> None:
    """One line per statewide contest and major party, in the form of the project's own control totals."""
    rows = []
    for tally in tallies:
        for election in tally.elections():
            for contest in election.contests:
                if contest.office not in OFFICES:
                    continue
                votes = tally.votes[election.number, contest.office].sum(axis=(0, 1))
                for party, code in ((DEM, "D"), (REP, "R")):
                    name = candidate(tally.plan.seed, tally.geography.state, election, contest, 0, party)
                    total = int(votes[party])
                    rows.append(
                        (
                            tally.geography.state,
                            election.day.isoformat(),
                            OFFICES[contest.office],
                            code,
                            name,
                            total,
                            SOURCE,
                        )
                    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(rows))
