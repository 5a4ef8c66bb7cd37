"""Pairs of a record and a voter that may be one person, scored by Splink, and what that makes of each record.

Belongs here: choosing the voters worth looking at, running Splink over them, and turning a record's candidates into
probabilities that add up: a record is one of its candidates or none of them.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from .comparisons import BLOCKS, COLUMNS, LEAST_FREQUENCY, Weights, splink_settings

if TYPE_CHECKING:
    import duckdb

# Candidates below these odds (as a power of two, beside a prior of one in so many voters) change no answer.
LEAST_WEIGHT = -9.0
# Holders of a full name up to which the name alone may bring two rows together.
MOST_NAMESAKES = 3
# What Splink calls the two sides.
LEFT, RIGHT = "a_record", "b_voter"
FULL_NAME = "case when first_root is not null and last_name is not null then first_root || '|' || last_name end"


def prepare(con: duckdb.DuckDBPyConnection, left: str, right: str) -> None:
    """Write `left_rows` and `right_rows`: the columns that are compared, of records `left` and voters `right`.

    Only voters that share some blocking key with a record are kept.
    """
    con.execute(
        f"""create or replace table full_names as
        select {FULL_NAME} as rare_name from {right}
        group by rare_name having count(*) <= {MOST_NAMESAKES} and rare_name is not null"""
    )
    picked = ", ".join(name for name in COLUMNS if name not in ("zip3", "rare_name"))
    for table, source, key in (("left_rows", left, "record_id"), ("all_right", right, "voter_id")):
        con.execute(
            f"""create or replace table {table} as
            with named as (
                select {key} as row_id, {picked}, left(zip5, 3) as zip3, {FULL_NAME} as full_name from {source}
            )
            select named.* exclude (full_name), full_names.rare_name
            from named left join full_names on named.full_name = full_names.rare_name"""
        )
    sharing = " union ".join(
        "select r.row_id from all_right as r semi join left_rows as l on "
        + " and ".join(f"r.{name} = l.{name}" for name in block)
        for block in BLOCKS
    )
    con.execute(f"create or replace table right_rows as from all_right semi join ({sharing}) using (row_id)")
    con.execute("drop table all_right; drop table full_names")


def register_frequencies(con: duckdb.DuckDBPyConnection, linker: Any) -> None:
    """Tell Splink how frequent each name is, from `name_frequencies`; a name that is not there is rare."""
    for column in ("first_name", "last_name"):
        con.execute(
            f"""create or replace table frequency_of_{column} as
            with held as (select {column} from left_rows union select {column} from right_rows)
            select held.{column}, coalesce(f.frequency, {LEAST_FREQUENCY})::double as tf_{column}
            from held left join name_frequencies as f on f.kind = '{column}' and f.name = held.{column}
            where held.{column} is not null"""
        )
        linker.table_management.register_term_frequency_lookup(f"frequency_of_{column}", column)


def score(con: duckdb.DuckDBPyConnection, weights: Weights, voters: int) -> None:
    """Write `scored` (record_id, voter_id, evidence): the odds each pair adds to even odds of a match in the file.

    evidence: how many times likelier the pair is as one person than as two, over `voters`. Reads `left_rows`,
    `right_rows` and `name_frequencies`.
    """
    prior = 0.5 / max(voters, 1)
    if not _has_rows(con, "left_rows") or not _has_rows(con, "right_rows"):
        con.execute("create or replace table scored (record_id varchar, voter_id varchar, evidence double)")
        return
    linker = new_linker(con, splink_settings(weights, prior), "left_rows", "right_rows")
    register_frequencies(con, linker)
    predicted = linker.inference.predict(threshold_match_weight=LEAST_WEIGHT)
    # Splink's odds are prior odds times evidence; ours divide the evidence by the number of voters.
    factor = (1 - prior) / prior / max(voters, 1)
    con.execute(
        f"""create or replace table scored as
        select
            case when source_dataset_l = '{LEFT}' then row_id_l else row_id_r end as record_id,
            case when source_dataset_l = '{LEFT}' then row_id_r else row_id_l end as voter_id,
            round(pow(2, match_weight) * {factor}, 9) as evidence
        from {predicted.physical_name}"""
    )
    linker.table_management.delete_tables_created_by_splink_from_db()


def new_linker(con: duckdb.DuckDBPyConnection, settings: dict[str, Any], left: str, right: str) -> Any:
    """A Splink linker over two tables of this connection; it writes nowhere else and asks nobody."""
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    return Linker(
        [left, right], settings, db_api=DuckDBAPI(connection=con), set_up_basic_logging=False,
        input_table_aliases=[LEFT, RIGHT],
    )  # fmt: skip


def expected_share(con: duckdb.DuckDBPyConnection, records: int, start: float) -> float:
    """The share of the records that are somebody on file: the value that reproduces itself over `scored`."""
    import numpy as np

    rows = con.execute("select sum(evidence) as s from scored group by record_id order by record_id").fetchnumpy()["s"]
    share = start
    for _ in range(60):
        hits = share * rows / (1 - share + share * rows)
        share = min(max(float(np.sum(hits)) / max(records, 1), 0.02), 0.98)
    return round(share, 3)


def judge(con: duckdb.DuckDBPyConnection, share: float) -> None:
    """Write `judged` (record_id, voter_id, p, place): each candidate's probability given all others and none."""
    con.execute(
        f"""create or replace table judged as
        with odds as (
            select *, {share} * evidence as odds, {1 - share} + {share} * sum(evidence) over (partition by record_id)
                as everything
            from scored
        )
        select record_id, voter_id, round(odds / everything, 6) as p,
            row_number() over (partition by record_id order by odds desc, voter_id) as place
        from odds"""
    )


def _has_rows(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    return con.execute(f"select 1 from {table} limit 1").fetchone() is not None
