"""Reading the goal table of a release: the questions people ask first, as rows, text or a picture.

Read-only. Does not belong here: making the table (``dbt_project``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from orchestration.publish.reader import open_read_only

SHOWN = (
    "contest_id",
    "geography_type",
    "geography_id",
    "geography_name",
    "registered",
    "expected_turnout",
    "win_number",
    "vote_goal",
    "base_vote",
    "vote_deficit",
    "goal_from_gotv",
    "goal_from_persuasion",
    "goal_from_registration",
    "uncovered_deficit",
    "cost_usd",
)
STATEWIDE = ("us_president", "us_senate", "governor")


def goals(
    warehouse: Path,
    *,
    by: str = "contest",
    state: str | None = None,
    contest: str | None = None,
    office: str | None = None,
    limit: int | None = None,
    schema: str = "main",
) -> list[dict[str, Any]]:
    """Rows of ``district_vote_goals`` at one geography type, as dictionaries of ``SHOWN`` columns.

    ``schema``: ``main`` in a release, ``marts`` in a warehouse under construction.
    """
    conditions, values = ["g.geography_type = ?"], [by]
    for column, value in (("g.state", state), ("g.contest_id", contest), ("c.office_code", office)):
        if value:
            conditions.append(f"{column} = ?")
            values.append(value)
    query = (
        f"select {', '.join('g.' + c for c in SHOWN)} from {schema}.district_vote_goals as g "
        f"inner join {schema}.contests as c on g.contest_id = c.contest_id "
        f"where {' and '.join(conditions)} order by g.contest_id, g.geography_id"
        + (f" limit {int(limit)}" if limit else "")
    )
    with open_read_only(warehouse) as con:
        rows = con.execute(query, values).fetchall()
    return [dict(zip(SHOWN, row, strict=True)) for row in rows]


def contest_lines(warehouse: Path, offices: Sequence[str] = STATEWIDE, schema: str = "main") -> list[dict[str, Any]]:
    """The statewide contests' own lines: what most people ask first."""
    return [row for office in offices for row in goals(warehouse, office=office, schema=schema)]


def geography_types(warehouse: Path) -> list[str]:
    """The geography types that the table holds."""
    with open_read_only(warehouse) as con:
        found = con.execute("select distinct geography_type from district_vote_goals order by 1").fetchall()
    return [kind for (kind,) in found]


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """The headline columns as a Markdown table."""
    columns = (
        ("contest_id", "contest"),
        ("registered", "registered"),
        ("expected_turnout", "expected turnout"),
        ("win_number", "win number"),
        ("vote_goal", "vote goal"),
        ("base_vote", "base vote"),
        ("vote_deficit", "deficit"),
        ("uncovered_deficit", "not covered"),
    )
    lines = ["| " + " | ".join(title for _, title in columns) + " |"]
    lines.append("| --- |" + " ---: |" * (len(columns) - 1))
    for row in rows:
        cells = [str(row["contest_id"])] + ["" if row[name] is None else f"{row[name]:,}" for name, _ in columns[1:]]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def chart_png(rows: Sequence[dict[str, Any]]) -> bytes:
    """Base vote against goal per contest: a bar for what comes by itself, a tick for the goal."""
    import altair as alt

    data = [
        {
            "contest": str(r["contest_id"]).split(":", 1)[1].replace(":", " "),
            "base vote": int(r["base_vote"]),
            "vote goal": int(r["vote_goal"]),
            "expected turnout": int(r["expected_turnout"]),
        }
        for r in rows
    ]
    base = alt.Chart(alt.Data(values=data)).encode(
        y=alt.Y("contest:N", title=None, sort=None, axis=alt.Axis(labelLimit=240))
    )
    turnout = base.mark_bar(color="#d9dde3", height=18).encode(
        x=alt.X("expected turnout:Q", title="votes", axis=alt.Axis(format="~s"))
    )
    reliable = base.mark_bar(color="#3b6fb6", height=10).encode(x="base vote:Q")
    goal = base.mark_tick(color="#c0392b", thickness=3, size=24).encode(x="vote goal:Q")
    chart = (turnout + reliable + goal).properties(
        width=560,
        height=max(120, 34 * len(data)),
        title=alt.Title(
            "Where each contest stands",
            subtitle="grey: expected turnout · blue: base vote · red: vote goal",
            anchor="start",
        ),
    )
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(chart.to_json(), scale=1.5)
    return png
