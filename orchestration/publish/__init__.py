"""Publishing: seal a candidate, fingerprint it, make it current by one pointer switch, roll back, retain.

Pure functions over paths; no Dagster, no dbt, no Great Expectations. Nothing is imported here, so that
`gates.record` and `publish.releases` can each use the other's types without a cycle.
"""
