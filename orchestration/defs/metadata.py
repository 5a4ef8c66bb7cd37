"""What a person sees on an asset's page: column schema, the goals table and its chart."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from orchestration.contracts.model import Column


def column_schema(columns: Iterable[Column]) -> dg.TableSchema:
    """A contract's columns as Dagster's table schema, with the PII family as a tag."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                c.name,
                type=c.logical_type,
                description=c.description or None,
                tags={"pii": c.pii.value} if c.pii.value != "none" else {},
                constraints=dg.TableColumnConstraints(nullable=not c.required, unique=False),
            )
            for c in columns
        ]
    )


def picture(png: bytes) -> dg.MarkdownMetadataValue:
    """A PNG shown inline."""
    return dg.MetadataValue.md(f"![chart](data:image/png;base64,{base64.b64encode(png).decode()})")


def goals_pictures(warehouse: Path, schema: str = "main") -> dict[str, dg.MarkdownMetadataValue]:
    """The contest lines of the goal table as a Markdown table, and as a picture."""
    from orchestration.goals import chart_png, contest_lines, markdown

    lines = contest_lines(warehouse, schema=schema)
    return {"goals": dg.MetadataValue.md(markdown(lines)), "chart": picture(chart_png(lines))}
