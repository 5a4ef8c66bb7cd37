"""What breaks the checks that no generic corruption breaks: one module per team. `tests/mutation` tries them all.

`CORRUPTIONS`: rule of the candidate to SQL on the release's tables (no schema). `DELIVERED`: rule of a delivery to SQL
on `accepted`. `DATA_TESTS`: dbt test to SQL on the warehouse dbt built (schemas and all). A key is the check's whole
id, or what follows its table where several tables share a rule; a value is one corruption, or a tuple of several that
are each caught. A corruption changes just one table, and as little of it as breaks the rule.
"""
