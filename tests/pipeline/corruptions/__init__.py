"""What breaks the teams' published rules and data tests: one module per team.

`CORRUPTIONS`: rule to SQL on the release's tables (no schema); a key is the rule's name, or `<table>.<rule>` where
tables share one. `DATA_TESTS`: name of an `assert_*` test to SQL on the warehouse dbt built (schemas and all).
"""
