"""The law and the states' conditions as rules: what may descend from what, and who may be reached.

`columns` reads one query into a `query.Query`, `lineage` puts a whole dbt `project` together, `rules` names each
rule with its law, `judge` holds the lineage against them, `exceptions` are what they let pass, `checks` turns the
outcome into results of the gate. `uses` and `platforms` are tables that other folders consult. Belongs here: rules
and their evaluation on what is declared and compiled. Does not belong here: looking at people's rows (dbt tests and
published contracts do), acting on a finding (the gate does). Imports neither Dagster nor dbt; sqlglot only where
queries are read.
"""
