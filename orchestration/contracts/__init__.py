"""What may come in and what goes out, as typed objects read from ``data_contracts/``.

Belongs here: reading Open Data Contract Standard v3.1 YAML, the objects the rest of the code
works with, and everything derived from them (checks, dbt YAML, the data dictionary).
Does not belong here: reading delivered files (``ingest``), evaluating checks (``gates``).
"""
