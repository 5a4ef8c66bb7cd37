"""Who is approached, for what, through which channel: universes, the files made of them, and the record of both.

Belongs here: reading and compiling `universes.yaml`, writing export files with suppression applied, the record of
exports. Does not belong here: SQL over the warehouse (``dbt_project``), the taking in of opt-outs (``ingest``).
"""
