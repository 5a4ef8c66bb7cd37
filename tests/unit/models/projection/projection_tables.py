"""County tables made by rule."""

from __future__ import annotations

import numpy as np
import polars as pl


def made_table(
    states: dict[str, int], years: tuple[int, ...] = (2000, 2004, 2008, 2012, 2016, 2020), seed: int = 5
) -> pl.DataFrame:
    """Counties per state with a lasting trend each and noise: votes are whole and every number is deterministic."""
    rng = np.random.default_rng(seed)
    rows = []
    for s, (state, counties) in enumerate(states.items()):
        for c in range(counties):
            size, odds, trend, growth = (
                rng.lognormal(9.5, 1),
                rng.normal(0, 0.7),
                rng.normal(0, 0.06),
                rng.normal(0, 0.03),
            )
            for k, year in enumerate(years):
                total = int(size * np.exp(0.04 * k + growth * k + rng.normal(0, 0.01))) + 20
                swing = 0.2 * np.sin(k) + 0.05 * np.sin(3 * k + s)
                two = int(total * 0.97)
                dem = int(two / (1 + np.exp(-(odds + trend * k + swing + rng.normal(0, 0.03)))))
                rows.append((year, state, f"{10 + s}{2 * c + 1:03d}", f"County {c}", dem, two - dem, total))
    names = ["year", "state", "county_fips", "county_name", "votes_dem", "votes_rep", "votes_total"]
    return pl.DataFrame(rows, schema=names, orient="row")
