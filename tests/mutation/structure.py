"""Corruptions that no check was asked for: what happens to whole tables. Some check must catch each of them.

Belongs here: a row twice, a file twice, no rows, over every table that the project declares. Does not belong here:
corruptions made for one check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from orchestration.contracts.checks import delivery_checks
from orchestration.gates.counting import quote_relation
from orchestration.refresh import candidate_checks

from .account import Account, Guard, gate_guards, test_guards
from .derived import Corruption
from .evaluate import Outcome
from .world import World

FAMILY = "whole tables"


def of_structure(world: World) -> Account:
    """The account of the corruptions of whole tables."""
    candidate = [check for check in candidate_checks() if check.kind != "lineage"]
    delivered = [check for contract in world.delivered.values() for check in delivery_checks(contract)]
    places = {check.table.rsplit(".", 1)[-1]: quote_relation(check.table) for check in candidate}
    account = Account()
    account.add(_caught(world, _of_published(world, places), gate_guards(world, candidate, {})))
    account.add(_caught(world, _of_delivered(world), gate_guards(world, delivered, {})))
    account.add(_caught(world, _of_models(world), test_guards(world, world.data_tests.values(), {})))
    return account


def _of_published(world: World, places: dict[str, str]) -> Iterator[Corruption]:
    for contract in world.published.values():
        for table in contract.tables:
            place = places[table.name]
            yield Corruption(f"a row of {place} twice", (f"insert into {place} from {place} limit 1",), place)
            yield Corruption(f"every row of {place} twice", (f"insert into {place} from {place}",), place)
            if not table.may_be_empty:
                yield Corruption(f"no row in {place}", (f"delete from {place}",), place)


def _of_delivered(world: World) -> Iterator[Corruption]:
    for contract in world.delivered.values():
        for table in contract.tables:
            place = f'accepted."{table.name}"'
            yield Corruption(f"the file of {table.name} twice", (f"insert into {place} from {place}",), place)
            if not table.may_be_empty:
                yield Corruption(f"a file of {table.name} without rows", (f"delete from {place}",), place)


def _of_models(world: World) -> Iterator[Corruption]:
    for place in sorted(world.models):
        yield Corruption(f"every row of {place} twice", (f"insert into {place} from {place}",), place)


def _caught(world: World, corruptions: Iterable[Corruption], guards: Sequence[Guard]) -> Account:
    account = Account()
    for corruption in corruptions:
        account.corruptions += 1
        table = corruption.relation.replace('"', "").rsplit(".", 1)[-1]
        # Those about rows and keys first: they are the likely ones.
        asked = sorted(
            (guard for guard in guards if table in guard.reads),
            key=lambda guard: not any(word in guard.name for word in ("unique", "rows", "key", "once", "empty")),
        )
        with world.corrupted(corruption.statements):
            if not any(guard.ask() is Outcome.FAULT for guard in asked):
                account.uncaught.append(f"{FAMILY}: {corruption.name}: none of {len(asked)} checks catches it")
    return account
