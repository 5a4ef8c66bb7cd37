"""Links every record of a person to a voter or to nobody: the steps in order, and the version that comes out.

Belongs here: what is done when, what a version depends on and what its card says. Does not belong here: keys
(`keys`), scores (`comparisons`, `weights`, `pairs`), answers (`resolve`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.models.registry import ModelVersion, code_digest, digest, store, stored

from . import keys, measure, pairs, resolve, weights
from .comparisons import COMPARISONS

if TYPE_CHECKING:
    import duckdb
    import polars as pl

HERE = Path(__file__).resolve().parent
LINKS, WEIGHTS = "identity", "identity_weights"
CODE = tuple(HERE / f"{name}.py" for name in ("names", "keys", "comparisons", "pairs", "weights", "resolve", "link"))
# The files may grow or shrink by this much before the weights are estimated anew.
MOST_DRIFT = 0.1
# Below so many records left over by the keys, the share of them that are voters is taken to be this.
LEAST_LEFT, USUAL_SHARE = 300, 0.6
# Versions kept in the store: one a day, each as long as the records are many.
KEPT = 5
RECORDS, VOTERS = "intermediate.int_identity__records", "intermediate.int_identity__voters"


def link_people(con: duckdb.DuckDBPyConnection, home: Path) -> list[ModelVersion]:
    """The versions of weights and links for the records in the build database, made now or found in the store.

    `con`: the build database after ``dbt build --select +tag:features``. The same records and voters give the same
    links; what the model has learnt stands until the files have changed by a tenth.
    """
    private = home / "models" / LINKS
    # A record's key may be an e-mail address; the weights know how often each name occurs.
    for folder in (private, home / "models" / WEIGHTS):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    with _workspace(con) as work:
        model = _weights(work, home)
        depends_on = [code_digest(*CODE), model.version, _contents(work, "records"), _contents(work, "voters")]
        known = [found for found in stored(home, LINKS) if found.card.get("depends_on") == digest(depends_on)]
        if known:
            return [model, known[0]]
        _link(work, model)
        made = store(
            home, LINKS, depends_on, _read(work, "from links", private), _card(work, home, model, digest(depends_on))
        )
    _forget(home)
    return [model, made]


@contextmanager
def _workspace(con: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A second cursor with a database of its own in memory; the build database is read, never written."""
    build = con.execute("select current_database()").fetchall()[0][0]
    work = con.cursor()
    work.execute("attach ':memory:' as linkage")
    try:
        work.execute("use linkage")
        work.execute(f'create view records as from "{build}".{RECORDS}')
        work.execute(f'create view voters as from "{build}".{VOTERS}')
        work.execute("create view reachable as from voters where not is_protected")
        yield work
    finally:
        work.execute(f'use "{build}"')
        work.execute("detach linkage")
        work.close()


def _weights(work: duckdb.DuckDBPyConnection, home: Path) -> ModelVersion:
    """The weights in use: those stored, unless code or files have changed too much."""
    counts = {
        name: int(work.execute(f"select count(*) from {name}").fetchall()[0][0]) for name in ("records", "voters")
    }
    basis = {"code": code_digest(*CODE), "splink": version_of("splink")}
    for version in stored(home, WEIGHTS):
        then = version.card["rows"]
        near = all(abs(counts[name] - then[name]) <= MOST_DRIFT * then[name] for name in counts)
        if version.card.get("basis") == digest(basis) and near:
            return version
    weights.count_names(work)
    chances = weights.chances(work)
    pairs.prepare(work, "records", "reachable")
    found, seen = weights.estimate(work, chances)
    share = USUAL_SHARE
    if counts["records"]:
        keys.link_by_key(work)
        left = _score_rest(work, found, counts["voters"])
        share = pairs.expected_share(work, left, USUAL_SHARE) if left >= LEAST_LEFT else USUAL_SHARE
        work.execute("drop table key_candidates; drop table key_links; drop table scored; drop table rest")
    rows = [
        {"kind": "level", "name": f"{item.name}.{level.name}", "m": found[item.name][level.name][0],
         "value": found[item.name][level.name][1]}
        for item in COMPARISONS for level in item.levels
    ]  # fmt: skip
    frame = _frame(
        [*rows, {"kind": "share", "name": "of_records_left", "m": None, "value": share}], work, home / "models" / LINKS
    )
    return store(home, WEIGHTS, [basis, digest(frame.rows())], frame, {
        "purpose": "rank",
        "target": "how much each outcome of comparing a record with a voter says about their being one person",
        "method": "u counted among the voters; m by expectation maximisation (Splink), leaning on stated priors",
        "rows": counts,
        "true_pairs_learnt_from": seen,
        "share_of_records_left_that_are_voters": share,
        "basis": digest(basis),
    })  # fmt: skip


def _frame(rows: list[dict[str, Any]], work: duckdb.DuckDBPyConnection, folder: Path) -> pl.DataFrame:
    import polars as pl

    schema = {"kind": pl.String, "name": pl.String, "m": pl.Float64, "value": pl.Float64}
    names = _read(
        work, "select kind, name, null::double as m, frequency as value from name_frequencies order by all", folder
    )
    return pl.concat([pl.DataFrame(rows, schema=schema), names])


def _read(work: duckdb.DuckDBPyConnection, sql: str, folder: Path) -> pl.DataFrame:
    """The rows of a query, by way of a file in `folder`: nothing is gone through row by row."""
    import polars as pl

    path = folder / f".rows.{os.getpid()}.parquet"
    try:
        work.execute(f"copy ({sql}) to '{path}' (format parquet)")
        return pl.read_parquet(path)
    finally:
        path.unlink(missing_ok=True)


def _link(work: duckdb.DuckDBPyConnection, model: ModelVersion) -> None:
    """Write `links` with the weights of `model`."""
    path = str(model.folder / "identity_weights.parquet")
    rows = work.execute("select kind, name, m, value from read_parquet(?) where kind in ('level', 'share')", [path])
    found: dict[str, dict[str, tuple[float, float]]] = {item.name: {} for item in COMPARISONS}
    share = USUAL_SHARE
    for kind, name, m, value in rows.fetchall():
        if kind == "share":
            share = float(value)
        else:
            comparison, level = name.split(".")
            found[comparison][level] = (float(m), float(value))
    work.execute(
        """create or replace table name_frequencies as select kind, name, value as frequency
        from read_parquet(?) where kind in ('first_name', 'last_name')""",
        [path],
    )
    keys.link_by_key(work)
    keys.find_duplicates(work)
    _score_rest(work, found, _count(work, "voters"))
    pairs.judge(work, share)
    resolve.resolve(work)


def _score_rest(work: duckdb.DuckDBPyConnection, found: Any, voters: int) -> int:
    """Write `scored` for the records that no key has linked; returns how many those are."""
    work.execute("create or replace table rest as from records anti join key_links using (record_id)")
    pairs.prepare(work, "rest", "reachable")
    pairs.score(work, found, voters)
    return _count(work, "rest")


def _count(work: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(work.execute(f"select count(*) from {table}").fetchall()[0][0])


def _contents(work: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Rows and a digest of what they hold, in no order."""
    columns = [row[0] for row in work.execute(f"describe {table}").fetchall()]
    text = ", ".join(f"coalesce({column}::varchar, '')" for column in columns)
    sums = f"select count(*), sum(md5_number_lower(concat_ws(chr(31), {text}))::hugeint) from {table}"
    return [str(value) for value in work.execute(sums).fetchall()[0]]


def _card(work: duckdb.DuckDBPyConnection, home: Path, model: ModelVersion, depends_on: str) -> dict[str, Any]:
    return {
        "purpose": "link",
        "target": "which voter, if any, each record of the campaign's own feeds is",
        "weights": model.version,
        "method": "own id, e-mail, phone, name at an address; then Splink; a record is one candidate or none",
        "accepted_from": resolve.ACCEPTED,
        "review_from": resolve.REVIEWED,
        "expected": measure.expected(work),
        "measured": measure.measured(work, home / "truth" / "people_links.parquet"),
        "expected_is": "what the probabilities promise; who left no trace on a voter file is in no expected figure",
        "limits": [
            "Who moved and left no old address, phone or e-mail anywhere is not found; a namesake is not guessed.",
            "Protected voters are found by the feed's own voter id only.",
            "Father and son of one name at one address, without suffix or middle name, are left for review.",
        ],
        "depends_on": depends_on,
    }


def _forget(home: Path) -> None:
    """Drop all but the newest versions of the links."""
    versions = sorted((home / "models" / LINKS).glob("identity-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in versions[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
