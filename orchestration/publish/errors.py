"""Errors of sealing, gating and publishing.

Belongs here: the exception types that callers tell apart (the command line maps each to its own exit
code). Does not belong here: any decision about when they are raised.
"""

from __future__ import annotations

from collections.abc import Sequence


class GateRefused(Exception):
    """A candidate may not be published. `causes` names each reason; counts only, never a value."""

    def __init__(self, causes: Sequence[str]) -> None:
        self.causes: tuple[str, ...] = tuple(causes)
        shown = "\n".join(f"  - {cause}" for cause in self.causes)
        super().__init__(f"the gate refused this candidate for {len(self.causes)} reason(s):\n{shown}")


class Busy(Exception):
    """Another process holds the single-writer lock."""


class NonDeterministicRelease(Exception):
    """The same release id was built twice with different content: an internal error, not an operator's."""


class DamagedRelease(Exception):
    """A release on disk is no longer the bytes its gate record names."""


class NoSuchRelease(Exception):
    """A release was asked for that is not kept here, or nothing has been published yet."""
