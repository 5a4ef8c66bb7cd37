"""The pictures of the backtest page, as inline SVG.

Belongs here: drawing. The drawing library is imported when the first picture is drawn.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import altair as alt

MOST_INTERVALS = 150
FEW_STATES = 10
GIVEN = {"state_result": "state's result given", "nothing": "nothing given"}


def figures(counties: pl.DataFrame) -> list[tuple[str, str, str]]:
    """Heading, caption and SVG of each picture. ``counties``: ``Backtest.counties``."""
    return [
        (
            "Do the intervals hold what they promise?",
            "Part of the counties whose outcome lay inside an interval, against the probability the interval was made "
            "for. On the line: as promised; above: too wide that year; below: too narrow. Counties of one year miss "
            "together, so single years scatter about the line.",
            _svg(_calibration(counties)),
        ),
        (
            "Where the misses are: by state",
            "Error of each county's share in points, forecast less outcome, given the state's result; size by votes.",
            _svg(_by_state(counties)),
        ),
        (
            "Where the misses are: by size",
            "The same errors against the county's votes.",
            _svg(_by_size(counties)),
        ),
        (
            "Intervals against outcomes",
            "80 % intervals of the share, in points, with nothing known of the election, and what came out (dot; red "
            f"when outside), the {MOST_INTERVALS} largest counties of each year in order of the forecast.",
            _svg(_intervals(counties)),
        ),
    ]


def _calibration(counties: pl.DataFrame) -> alt.TopLevelMixin:
    import altair as alt

    from .run import LEVELS

    held = pl.concat(
        counties.group_by("year", "measure", "given")
        .agg(held=(pl.col("inside") <= level + 1e-9).mean())
        .with_columns(promised=pl.lit(level))
        for level in LEVELS
    ).with_columns(
        panel=pl.col("measure") + pl.lit(", ") + pl.col("given").replace(GIVEN), year=pl.col("year").cast(str)
    )
    data = alt.Data(values=held.sort("panel", "year", "promised").to_dicts())
    unit = alt.Scale(domain=[0, 1])
    line = (
        alt.Chart()
        .mark_line(point=alt.OverlayMarkDef(size=18), strokeWidth=1.4)
        .encode(
            x=alt.X("promised:Q", scale=unit, axis=alt.Axis(format="%", title="promised")),
            y=alt.Y("held:Q", scale=unit, axis=alt.Axis(format="%", title="held")),
            color=alt.Color("year:N", scale=alt.Scale(scheme="viridis")),
        )
    )
    right = alt.Chart().mark_line(color="#999", strokeDash=[4, 3]).encode(x="promised:Q", y="promised:Q")
    return (
        alt.layer(right, line, data=data)
        .properties(width=230, height=210)
        .facet(facet=alt.Facet("panel:N", title=None), columns=2)
    )


def _by_state(counties: pl.DataFrame) -> alt.TopLevelMixin:
    import altair as alt

    data = alt.Data(values=_share_errors(counties))
    height = 34 if counties["state"].n_unique() <= FEW_STATES else 14
    return (
        alt.Chart(data)
        .mark_circle(opacity=0.45)
        .encode(
            x=alt.X("error:Q", axis=alt.Axis(title="forecast less outcome, points")),
            y=alt.Y("state:N", axis=alt.Axis(title=None)),
            yOffset=alt.YOffset("offset:Q"),
            size=alt.Size("votes:Q", scale=alt.Scale(range=[6, 260]), legend=None),
            color=alt.Color("state:N", legend=None),
        )
        .properties(width=620, height=alt.Step(height))
        .facet(row=alt.Row("year:N", title=None))
    )


def _by_size(counties: pl.DataFrame) -> alt.TopLevelMixin:
    import altair as alt

    base = alt.Chart(alt.Data(values=_share_errors(counties)))
    few = counties["state"].n_unique() <= FEW_STATES
    colour = alt.Color("state:N", title=None) if few else alt.value("#4c78a8")
    return (
        base.mark_circle(opacity=0.5, size=16)
        .encode(
            x=alt.X("votes:Q", scale=alt.Scale(type="log"), axis=alt.Axis(title="votes", format="~s", tickCount=5)),
            y=alt.Y("error:Q", axis=alt.Axis(title="points")),
            color=colour,
        )
        .properties(width=220, height=170)
        .facet(facet=alt.Facet("year:N", title=None), columns=3)
    )


def _intervals(counties: pl.DataFrame) -> alt.TopLevelMixin:
    import altair as alt

    shown = (
        counties.filter((pl.col("measure") == "share") & (pl.col("given") == "nothing"))
        .filter(pl.col("votes").rank("ordinal", descending=True).over("year") <= MOST_INTERVALS)
        .with_columns(
            (pl.col("actual", "low", "high") * 100).round(2),
            place=pl.col("forecast").rank("ordinal").over("year"),
            outside=(pl.col("actual") < pl.col("low")) | (pl.col("actual") > pl.col("high")),
        )
        .select("year", "place", "actual", "low", "high", "outside")
        .sort("year", "place")
    )
    data = alt.Data(values=shown.to_dicts())
    x = alt.X("place:Q", axis=None)
    title = alt.Axis(title="share, points")
    bar = (
        alt.Chart()
        .mark_rule(color="#9db7d9", strokeWidth=2)
        .encode(x=x, y=alt.Y("low:Q", axis=title, scale=alt.Scale(domain=[0, 100])), y2="high:Q")
    )
    colour = alt.condition("datum.outside", alt.value("#c0392b"), alt.value("#1b1b1b"))
    dot = alt.Chart().mark_circle(size=12, opacity=1).encode(x=x, y=alt.Y("actual:Q", axis=title), color=colour)
    return alt.layer(bar, dot, data=data).properties(width=620, height=170).facet(row=alt.Row("year:N", title=None))


def _share_errors(counties: pl.DataFrame) -> list[dict[str, object]]:
    shown = counties.filter((pl.col("measure") == "share") & (pl.col("given") == "state_result"))
    return (
        shown.sort("year", "state", "county_fips")
        # A fixed scatter within the state's line, so that the picture is the same every time.
        .with_columns(offset=(pl.int_range(pl.len()).over("year", "state") * 7) % 11)
        .select("year", "state", pl.col("error").round(3), pl.col("votes").cast(pl.Int64), "offset")
        .to_dicts()
    )


def _svg(chart: alt.TopLevelMixin) -> str:
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(chart.to_json())
    return re.sub(r"^<\?xml[^>]*\?>", "", drawn)
