"""Keeping a home: backup and restore, and letting go of what its contracts no longer keep.

Belongs here: work on a home's files as a whole. Does not belong here: what a delivery, a release or a check is
(`ingest`, `publish`, `gates`); nothing here knows the orchestrator.
"""
