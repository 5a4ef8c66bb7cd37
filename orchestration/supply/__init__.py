"""What this project is installed from: the lock, what is really there, and what is known to be wrong with some of it.

Works offline and from what is installed. Belongs here: comparing and reading. Does not belong here: resolving or
installing anything (`make lock`, `make setup`).
"""
