"""Sound rows of the tables that a sample leaves empty, so that the rules of those tables can be broken too.

Belongs here: results in formats of other years or states, as the sender writes them; one row each of what only exports,
later days or a campaign's own choices bring. Does not belong here: anything that a sample has rows of.
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

# By 'schema.table' of the build; the sealed table of the same name gets the row as well.
BUILT: Mapping[str, Mapping[str, str]] = {
    "marts.deployments": {
        "export_id": "E1", "exported_at": "2026-08-30 10:00:00", "universe_id": "U1", "channel": "sms",
        "purpose": "voter_contact", "recipient": "the vendor", "exported_release_id": "20260830-0a1b2c3d",
        "people": "40", "households": "30", "held_out": "4", "data_as_of": "2026-09-01",
        "release_id": "20260901-0a1b2c3d",
    },
    "marts.deployment_members": {
        "export_id": "E1", "person_id": "P-1", "household_id": "H-1", "contact_hash": "ab12", "arm": "contact",
        "universe_id": "U1", "channel": "sms", "exported_at": "2026-08-30 10:00:00", "data_as_of": "2026-09-01",
        "release_id": "20260901-0a1b2c3d",
    },
    "seeds.contact_rate_overrides": {
        "purpose": "gotv", "channel": "door", "contact_rate": "0.2", "attempts_per_hour": "15",
        "net_votes_per_contact": "0.08", "cost_per_attempt_usd": "2", "source": "own canvass", "year": "2024",
        "reason": "measured by the campaign itself",
    },
    "intermediate.int_voters__changes": {
        "voter_id": "NC-1", "state": "NC", "change_date": "2026-09-01", "change_type": "registered",
    },
    "intermediate.int_identity__movers": {
        "earlier_voter_id": "NC-1", "later_voter_id": "NC-2", "has_same_birth_date": "true",
    },
}  # fmt: skip
