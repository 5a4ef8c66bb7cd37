"""Time whole commands at a number of voters, beside the floor, each in a process of its own.

Run as ``make bench N=1000000``. Prints a Markdown table and writes it to ``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from benchmarks import floor
from orchestration import demands

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One command: wall and CPU seconds, peak memory of its largest process in MB, voters per second."""

    step: str
    wall: float
    cpu: float
    peak_mb: float
    voters_per_second: float
    to_floor: float | None


def _timed(arguments: list[str], home: Path) -> tuple[float, float, float, str]:
    """Run ``winnumber``; wall, CPU, peak MB of the largest process in its tree, and what it said."""
    environment = {**os.environ, "WINNUMBER_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    command = [str(Path(sys.executable).with_name("winnumber")), *arguments]
    said = home.parent / "said.txt"
    started = perf_counter()
    with said.open("w") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    wall = perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{said.read_text()}")
    # wait4 counts children that the process itself has waited for.
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said.read_text()


def run(voters: int, states: str, seed: int, home: Path, threads: int) -> list[Figure]:
    """Sample, first refresh, unchanged refresh, refresh of a changed day; with the floor."""
    figures: list[Figure] = []
    floor_seconds = 0.0

    def measure(step: str, arguments: list[str], compare: bool = True) -> str:
        wall, cpu, peak, said = _timed(arguments, home)
        ratio = wall / floor_seconds if compare and floor_seconds else None
        figures.append(Figure(step, wall, cpu, peak, voters / wall, ratio))
        print(f"{step}: {wall:.1f} s wall, {cpu:.1f} s CPU, {peak:,.0f} MB", flush=True)
        return said

    sample = ["sample", "--states", states, "--voters", str(voters), "--days", "2", "--seed", str(seed)]
    measure("make a sample of two days", sample, compare=False)
    later = home.parent / "later"
    later.mkdir()
    days = sorted({p.name for p in (home / "landing" / "nc_voters").iterdir()})
    for folder in sorted((home / "landing").glob(f"*/{days[1]}")):
        (later / folder.parent.name).mkdir(exist_ok=True)
        shutil.move(folder, later / folder.parent.name / folder.name)
    for contract in floor.sources(demands.delivered()):
        if (home / "landing" / contract.id).is_dir():
            floor_seconds += floor.seconds(home / "landing", contract, threads)
    figures.append(Figure("floor", floor_seconds, 0.0, 0.0, voters / floor_seconds, 1.0))
    print(f"floor: {floor_seconds:.1f} s", flush=True)
    said = measure("first refresh", ["refresh"])
    print(said)
    measure("refresh of an unchanged day", ["refresh"])
    for folder in later.glob("*/*"):
        shutil.move(folder, home / "landing" / folder.parent.name / folder.name)
    said = measure("refresh of the next day", ["refresh"])
    print(said)
    return figures


def table(figures: list[Figure]) -> str:
    """The figures as Markdown."""
    lines = [
        "| step | wall s | CPU s | peak MB | voters/s | wall ÷ floor |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for f in figures:
        ratio = "" if f.to_floor is None else f"{f.to_floor:.1f}"
        lines.append(
            f"| {f.step} | {f.wall:.1f} | {f.cpu:.1f} | {f.peak_mb:,.0f} | {f.voters_per_second:,.0f} | {ratio} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Parse arguments, run, print and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voters", type=int, default=100_000)
    parser.add_argument("--states", default="nc,oh,fl,va,pa")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="winnumber-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        figures = run(arguments.voters, arguments.states, arguments.seed, home, arguments.threads)
    print(table(figures))
    RESULTS.mkdir(exist_ok=True)
    kept = {
        "voters": arguments.voters,
        "threads": arguments.threads,
        "python": platform.python_version(),
        "peak_mb_of_all": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "figures": [asdict(f) for f in figures],
    }
    (RESULTS / f"{arguments.voters}.json").write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
