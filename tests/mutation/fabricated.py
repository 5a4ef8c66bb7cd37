"""Sound rows of the delivered tables that no sample brings: formats read in other years or other states.

Belongs here: a few rows each, as the sender writes them, for the mutation of that table's rules. Does not belong here:
anything about people; these are results by place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_DELIVERY = {"delivery_id": "fabricated", "snapshot_date": "2012-11-06", "source_file": "made.csv", "line_number": "2"}


def _rows(*rows: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [{**_DELIVERY, "line_number": str(number), **row} for number, row in enumerate(rows, start=2)]


def _contest(**cells: str) -> list[Mapping[str, str]]:
    """Two candidates for one office; `cells` are those that both rows share."""
    return _rows({**cells, "party": "DEM", "votes": "60"}, {**cells, "party": "REP", "votes": "40"})


FABRICATED: Mapping[str, Sequence[Mapping[str, str]]] = {
    "medsl_totals": _rows(
        *(
            {
                "year": "2012", "state_po": "VA", "office": "US PRESIDENT", "party_detailed": party, "votes": votes,
                "totalvotes": "100", "stage": "GEN", "level": "state",
            }
            for party, votes in (("DEMOCRAT", "60"), ("REPUBLICAN", "40"))
        )
    ),
    "nc_results_before_2014": _rows(
        *(
            {
                "county": "WAKE", "file_date": "20121106", "contest": "US PRESIDENT", "party": party,
                "election_day": "20", "early_voting": "30", "absentee_by_mail": "9", "absentee_or_early": "0",
                "provisional": "1", "total_votes": "60",
            }
            for party in ("DEM", "REP")
        )
    ),
    "openelections_county": _contest(state="oh", election_date="2012-11-06", county="Adams", office="President"),
    "openelections_county_raw": _rows(
        *(
            {
                "state": "fl", "election_date": "2012-11-06", "office": "President of the United States",
                "jurisdiction": "Alachua", "result_type": "certified", "party": party, "votes": "60",
                "total_votes": "120",
            }
            for party in ("Democrat", "Republican")
        )
    ),
    "openelections_precinct": _contest(state="pa", election_date="2012-11-06", county="Adams", office="U.S. Senator"),
}  # fmt: skip
