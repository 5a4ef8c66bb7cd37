"""Drift: what a release counts, held against the releases and deliveries before it.

Belongs here: the profile of a candidate (counts by slice, never a person), bands learned from history, the
judgement, standing warnings and what a named person acknowledged. Does not belong here: rules about single rows
(contracts, dbt tests), the order of a refresh (``refresh``), judging a record (``gates``).
"""
