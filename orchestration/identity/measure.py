"""How good the links are: what the probabilities promise, and what the truth of a sample says.

precision: of the links made, the share that are right. recall: of the records of people who can be found (on file and
not protected), the share linked to the right voter. Belongs here: counting; nothing here changes a link.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb


def expected(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Precision and recall that the match probabilities of `links` promise, and records by kind of match."""
    rows = con.execute(
        """select match_kind, count(*), coalesce(avg(match_probability), 0) from links group by all order by all"""
    ).fetchall()
    linked, right, missed = con.execute(
        """select count(voter_id), coalesce(sum(match_probability) filter (where voter_id is not null), 0),
            coalesce(sum(match_probability) filter (where voter_id is null), 0) from links"""
    ).fetchall()[0]
    return {
        "records": sum(row[1] for row in rows),
        "people": int(con.execute("select count(distinct native_id) from links").fetchall()[0][0]),
        "needs_review": int(con.execute("select count(*) from links where needs_review").fetchall()[0][0]),
        "by_match_kind": {kind: {"records": n, "mean_probability": round(float(p), 4)} for kind, n, p in rows},
        "precision": _share(float(right), float(linked)),
        "recall": _share(float(right), float(right) + float(missed)),
    }


def measured(con: duckdb.DuckDBPyConnection, truth: Path) -> dict[str, Any] | None:
    """Precision and recall against a sample's truth, over all and by source; None where nobody knows the truth."""
    if not truth.exists():
        return None
    con.execute(
        """create or replace temp table judged_links as
        select r.source, l.match_kind, l.voter_id, v.voter_id as true_voter_id, not v.is_protected as can_be_found
        from links as l
        inner join records as r using (record_id)
        inner join read_parquet(?) as t on t.source = r.source and t.record_key = r.source_person_id
        left join voters as v on t.voter_id = v.voter_id""",
        [str(truth)],
    )
    result: dict[str, Any] = _counted(con, "true")
    sources = con.execute("select distinct source from judged_links order by source").fetchall()
    result["by_source"] = {source: _counted(con, "source = ?", [source]) for (source,) in sources}
    result["without_own_id"] = _counted(con, "match_kind <> 'own_id'")
    return result


def _counted(con: duckdb.DuckDBPyConnection, which: str, values: list[str] | None = None) -> dict[str, Any]:
    made, right, wanted, found = con.execute(
        f"""select count(voter_id), count(*) filter (where voter_id = true_voter_id),
            count(*) filter (where can_be_found),
            count(*) filter (where can_be_found and voter_id = true_voter_id)
        from judged_links where {which}""",
        values or [],
    ).fetchall()[0]
    return {"links": made, "precision": _share(right, made), "can_be_found": wanted, "recall": _share(found, wanted)}


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 5) if whole else None
