"""Static pages for people: one per release and per refused run, readable without a server.

Belongs here: gathering what a page says, drawing it, writing it. Does not belong here: judging anything, or any value
from a person's record: what is shown comes from gate records, reports and the ledger, which hold none.
"""
