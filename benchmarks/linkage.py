"""Times the linkage of donors to voters and measures it against the truth: `python -m benchmarks.linkage`.

A run makes voters and dirty donors in a database of its own (not timed), then times cleaning, estimating and linking,
and a second call that finds everything unchanged. Written to benchmarks/results/linkage-<voters>.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.linkage_world import donors, everybody, links_truth, load
from orchestration.identity.link import link_people
from orchestration.sample import SamplePlan

RESULTS = Path(__file__).resolve().parent / "results"
STATES = ("NC", "OH", "FL", "VA", "PA")
# What the README promises, at a million voters and a hundred thousand donors.
PRECISION, RECALL, SECONDS = 0.995, 0.90, 180


def measure(voters: int, share: float, seed: int, threads: int, memory: str) -> dict[str, Any]:
    """Seconds of each step and the quality of the links, for `voters` and `share` x `voters` donors."""
    people, crowd = everybody(SamplePlan(STATES, voters, 1, seed))
    records = donors(crowd, share)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        links_truth(records, crowd, home / "truth")
        del crowd
        with duckdb.connect(str(home / "warehouse.duckdb")) as con:
            con.execute(f"set threads = {threads}; set memory_limit = '{memory}'; set preserve_insertion_order = false")
            seconds = {"clean": _timed(lambda: load(con, people, records))}
            began = time.perf_counter()
            weights, links = link_people(con, home)
            seconds["estimate_and_link"] = round(time.perf_counter() - began, 1)
            seconds["again_unchanged"] = _timed(lambda: link_people(con, home))
    seconds["total"] = round(seconds["clean"] + seconds["estimate_and_link"], 1)
    return {
        "voters": len(people),
        "records": len(records),
        "threads": threads,
        "memory_limit": memory,
        "seconds": seconds,
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "measured": links.card["measured"],
        "expected": links.card["expected"],
        "true_pairs_learnt_from": weights.card["true_pairs_learnt_from"],
        "versions": {name: version(name) for name in ("duckdb", "splink", "polars")} | {
            "python": platform.python_version()
        },
    }  # fmt: skip


def _timed(call: Any) -> float:
    began = time.perf_counter()
    call()
    return round(time.perf_counter() - began, 1)


def main() -> None:
    """Measures, writes the result, and fails where a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voters", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, default=0.1, help="donors per voter")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="3GB")
    options = parser.parse_args()
    found = measure(options.voters, options.share, options.seed, options.threads, options.memory)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"linkage-{options.voters}.json"
    path.write_text(json.dumps(found, indent=1) + "\n")
    quality, seconds = found["measured"], found["seconds"]["total"]
    print(
        f"{found['voters']:,} voters, {found['records']:,} records: {seconds:.0f} s,"
        f" precision {quality['precision']:.4f}, recall {quality['recall']:.4f} ({path})"
    )
    if quality["precision"] < PRECISION or quality["recall"] < RECALL or seconds > SECONDS * options.voters / 1e6 + 30:
        raise SystemExit(f"promised: precision {PRECISION}, recall {RECALL}, {SECONDS} s for a million voters")


if __name__ == "__main__":
    main()
