"""A dbt model as plain SQL over tables of a DuckDB connection, without dbt."""

from __future__ import annotations

from pathlib import Path

import duckdb
import jinja2

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project"


def model_sql(path: str) -> str:
    """The SQL of a model (a path below ``models``) in which refs and sources are plain table names."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(PROJECT))  # noqa: S701
    found: dict[str, object] = {}

    class Adapter:
        def dispatch(self, name: str, _: str) -> object:
            return found[f"default__{name}"]

    environment.globals |= {
        "adapter": Adapter(),
        "ref": str,
        "source": lambda _, table: table,
        "config": lambda **_: "",
    }
    for file in ("dialect", "contact", "revocation", "restatement", "replies", "pooling"):
        module = environment.get_template(f"macros/{file}.sql").make_module()
        found |= {name: value for name, value in vars(module).items() if not name.startswith("_")}
        environment.globals |= found
    return environment.get_template(f"models/{path}").render()


def estimates(con: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    """The rows of int_message__estimates over the connection's table int_message__cells."""
    result = con.execute(
        f"select * from ({model_sql('intermediate/message/int_message__estimates.sql')})"
        " order by campaign_id, segment, message"
    )
    names = [d[0] for d in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
