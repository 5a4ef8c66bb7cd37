"""The seed that decides where faults strike, and the slice of them that a default run takes."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import TypeVar

import pytest

SEED = int(os.environ.get("WINNUMBER_FAULT_SEED") or 1)
Case = TypeVar("Case")


def seeded(name: str) -> random.Random:
    """Random numbers of this seed for the test called ``name``, the same in every process."""
    return random.Random(f"{SEED} {name}")


def some_by_default(cases: Sequence[Case], count: int, name: str) -> list[object]:
    """Every case as a parameter; all but ``count`` of them, drawn by the seed, are for `make test-faults` only."""
    drawn = set(seeded(name).sample(range(len(cases)), count))
    return [
        pytest.param(case, id=f"{case}") if i in drawn else pytest.param(case, id=f"{case}", marks=pytest.mark.faults)
        for i, case in enumerate(cases)
    ]
