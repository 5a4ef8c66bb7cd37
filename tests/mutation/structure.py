"""Corruptions that no check was asked for: what happens to whole tables. Some check must catch each of them.

Belongs here: a row twice, a file twice, no rows, over every table that the project declares. Does not belong here:
corruptions made for one check.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from orchestration.contracts.checks import delivery_checks
from orchestration.contracts.model import Contract
from orchestration.demands import candidate_checks
from orchestration.gates.checks import Status
from orchestration.ingest.control_totals import ControlTotal, control_total_checks
from orchestration.ingest.result_sums import observed_totals
from orchestration.sqltext import qualified

from .account import ANSWERED, Account, Guard, gate_guards, test_guards
from .derived import Corruption
from .evaluate import Outcome
from .world import World

FAMILY = "whole tables"


def of_made_tables(world: World) -> Account:
    """The account of the corruptions of whole published tables and models."""
    candidate = [check for check in candidate_checks() if check.kind not in ANSWERED]
    places = {check.table.rsplit(".", 1)[-1]: qualified(check.table) for check in candidate}
    account = _caught(world, _of_published(world, places), gate_guards(world, candidate, {}))
    tests = test_guards(world, world.data_tests.values(), {})
    filled = (place for place in sorted(world.models) if world.one(f"select count(*) from {place}"))
    account.add(_caught(world, (twice(place) for place in filled), tests))
    return account


def of_delivered_tables(world: World, folder: Path) -> Account:
    """The account of the corruptions of whole deliveries; works in `folder`. The world must have been narrowed."""
    delivered = [check for contract in world.delivered.values() for check in delivery_checks(contract)]
    return _caught(world, _of_delivered(world), [*gate_guards(world, delivered, {}), *_totals(world, folder)])


def twice(place: str) -> Corruption:
    """Every row of a table twice."""
    return Corruption(f"every row of {place} twice", (f"insert into {place} from {place}",), place)


def _totals(world: World, folder: Path) -> Iterator[Guard]:
    """The control totals as guards: each table of results is held against what it summed to while it was sound."""
    for contract in world.delivered.values():
        if contract.domain != "results" or contract.control_totals is None:
            continue
        for table in contract.tables:
            day = world.one(f"select max(snapshot_date) from accepted.{table.name}")
            said = [
                ControlTotal(o.state, o.election_date, o.office_code, o.party_code, "A", o.votes, "the sound rows")
                for o in observed_totals(world.con, table.name, f"accepted.{table.name}", day)
            ]
            path = folder / f"{table.name}_totals.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(ControlTotal.__dataclass_fields__))
                writer.writeheader()
                writer.writerows(asdict(total) for total in said)
            yield Guard(
                f"{table.name}.control_totals",
                lambda c=contract, t=table.name, d=day, p=path: _held(world, c, t, d, p),
                frozenset({table.name}),
                lambda: iter(()),
            )


def _held(world: World, contract: Contract, table: str, day: date, totals: Path) -> Outcome:
    found = control_total_checks(contract, world.con, {table: f"accepted.{table}"}, day, totals_path=totals)
    return Outcome.FAULT if any(r.status is Status.FAIL for r in found) else Outcome.SOUND


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
            if table.reader is None:  # rows made out of another table's columns, which is doubled itself
                continue
            place = f'accepted."{table.name}"'
            yield Corruption(f"the file of {table.name} twice", (f"insert into {place} from {place}",), place)
            if not table.may_be_empty:
                yield Corruption(f"a file of {table.name} without rows", (f"delete from {place}",), place)


def _caught(world: World, corruptions: Iterable[Corruption], guards: Sequence[Guard]) -> Account:
    account = Account()
    for corruption in corruptions:
        account.corruptions += 1
        table = corruption.relation.replace('"', "").rsplit(".", 1)[-1]
        # Those about rows and keys first: they are the likely ones.
        likely = ("unique", "rows", "key", "once", "empty", "repeat")
        asked = sorted(
            (guard for guard in guards if table in guard.reads),
            key=lambda guard: not any(word in guard.name for word in likely),
        )
        with world.corrupted(corruption.statements):
            if not any(guard.ask() is Outcome.FAULT for guard in asked):
                account.uncaught.append(f"{FAMILY}: {corruption.name}: none of {len(asked)} checks catches it")
    return account
