"""The whole account, over every gate: what the tests look at and the command prints."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from .account import Account, of_deliveries, of_made
from .contents import of_content
from .drifts import of_drift
from .laws import of_law
from .quarantine import of_quarantine
from .structure import of_delivered_tables, of_made_tables
from .totals import of_certified, of_record, of_totals
from .world import narrow, open_world


def account_of(home: Path, matrix: bool = False) -> Account:
    """Every check of the project against the world of a refreshed home.

    matrix: also say which other checks each killer breaks, and look for the killer that breaks fewest; this takes
    several times as long.
    """
    world = open_world(home)
    with TemporaryDirectory() as made:
        folder = Path(made)
        account = of_made(world, matrix)
        account.add(of_made_tables(world))
        narrow(world)
        account.add(of_deliveries(world, matrix))
        account.add(of_delivered_tables(world, folder))
        account.add(of_quarantine(world, folder))
        account.add(of_content(world, folder))
        account.add(of_totals(world))
        account.add(of_certified(world))
        account.add(of_record(world))
        account.add(of_law())
        account.add(of_drift(matrix))
    return account
