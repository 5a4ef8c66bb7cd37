"""From files as received to accepted rows: receive, decode, parse, gate, keep.

Belongs here: everything between ``landing/`` and the schema ``accepted``, and the ledger of deliveries.
Does not belong here: what a file should look like (``contracts``), what rows mean (``dbt_project``).
"""
