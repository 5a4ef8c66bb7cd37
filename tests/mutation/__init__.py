"""A mutation test for every check: each is broken by a small corruption of a sound world, and catches it.

Belongs here: which checks there are (asked of the project itself, never listed by hand), what breaks each of them
(`derived` from its kind, or written by hand in `tests/pipeline/corruptions`), and the account of both: checks without
a killer, corruptions without a catcher, and for each check how many others would catch the same corruption.
Does not belong here: what a check should demand. `python -m tests.mutation --home <refreshed home>` prints the account.
"""
