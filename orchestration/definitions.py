"""Wiring only: what the orchestrator loads. Everything in it is made in ``orchestration.defs``."""

from orchestration.defs.build import definitions

defs = definitions()
