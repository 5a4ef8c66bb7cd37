"""Is this installation sound? Every look says what was looked at, what was found, and what to do about it.

Belongs here: looking. Does not belong here: mending anything, and printing (`cli`). Nothing here changes a home.
"""
