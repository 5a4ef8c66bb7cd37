"""Gates: what a delivery or a sealed candidate must satisfy before anyone may read it.

`checks` says what is demanded, `gx` evaluates it inside DuckDB, `record` keeps the verdict and binds it
to the very bytes that were audited, `audit` ties the three together. Nothing is imported here:
Great Expectations takes seconds to load, and only `gx` may load it, when it is called.
"""
