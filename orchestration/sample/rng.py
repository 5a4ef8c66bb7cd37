"""Seeded random streams, one per named purpose, so that adding a purpose never moves another's numbers."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np


def stream(seed: int, *purpose: str | int) -> np.random.Generator:
    """A generator that depends on the seed and the purpose only (never on order of calls or threads)."""
    digest = blake2b(repr((seed, *purpose)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.SFC64(int.from_bytes(digest, "little")))


def apportion(total: int, weights: np.ndarray, least: int = 0) -> np.ndarray:
    """Integers adding to `total`, proportional to `weights` (largest remainder), each at least `least`."""
    weights = np.asarray(weights, dtype=np.float64)
    rest = total - least * len(weights)
    if rest < 0:
        raise ValueError(f"cannot give {least} each to {len(weights)} parts out of {total}")
    if weights.sum() <= 0:
        weights = np.ones(len(weights))
    exact = rest * weights / weights.sum()
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: rest - int(whole.sum())]] += 1
    return whole + least
