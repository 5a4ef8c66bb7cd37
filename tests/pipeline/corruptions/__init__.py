"""What breaks each rule of the teams' published tables: one module per team with `CORRUPTIONS`, rule to SQL.

A key is the rule's name, or `<table>.<rule>` where tables share one.
"""
