"""Synthetic deliveries in the states' official layouts: any size, seeded, with the truth kept beside.

`write_sample` is the way in; `SamplePlan` says what to write. Nobody in a sample exists; candidates are invented.
"""

from __future__ import annotations

from .plan import SamplePlan, SampleReport
from .write import write_sample

__all__ = ["SamplePlan", "SampleReport", "write_sample"]
