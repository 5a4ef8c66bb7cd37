"""The account: which corruption kills which check, who else would have caught it, and what is left over.

Belongs here: trying corruptions on the checks of each gate and keeping what came of it. Does not belong here: making
corruptions, answering checks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from orchestration.contracts.checks import delivery_checks
from orchestration.demands import candidate_checks
from orchestration.gates.checks import Check

from . import by_hand
from .derived import Corruption, ways, ways_of_test
from .evaluate import Outcome, UnknownKind, ask, ask_test
from .world import DataTest, World

# Kinds of check whose answer is handed in, with the family that breaks them: `laws`, `drifts`.
ANSWERED = ("lineage", "drift")


@dataclass(frozen=True)
class Proof:
    """What became of one check. `killer` None: nothing was found that breaks it, for the reason in `why`.

    `others`: the checks of the same gate that the killer breaks as well; None where nobody asked them.
    """

    family: str
    check_id: str
    killer: str | None
    others: tuple[str, ...] | None = None
    why: str = ""

    @property
    def alone(self) -> bool:
        """Whether the killer breaks this check and no other."""
        return self.killer is not None and self.others == ()


@dataclass
class Account:
    """All proofs, and the corruptions that no check caught."""

    proofs: list[Proof] = field(default_factory=list)
    uncaught: list[str] = field(default_factory=list)
    corruptions: int = 0

    @property
    def without_killer(self) -> list[str]:
        """The checks that nothing breaks, each with the reason."""
        return [f"{p.family}: {p.check_id}: {p.why}" for p in self.proofs if p.killer is None]

    def totals(self) -> dict[str, dict[str, int]]:
        """Per family: checks, killers, alone (only where others were asked)."""
        families = dict.fromkeys(p.family for p in self.proofs)
        return {name: _counted([p for p in self.proofs if p.family == name]) for name in families} | {
            "all": _counted(self.proofs)
        }

    def add(self, other: Account) -> None:
        """Take in another account."""
        self.proofs += other.proofs
        self.uncaught += other.uncaught
        self.corruptions += other.corruptions


def _counted(proofs: Sequence[Proof]) -> dict[str, int]:
    found = Counter(checks=len(proofs), killers=sum(p.killer is not None for p in proofs))
    if any(p.others is not None for p in proofs):
        found["alone"] = sum(p.alone for p in proofs)
    return dict(found)


@dataclass(frozen=True)
class Guard:
    """A check in the terms of this module: how it is asked, which tables it reads, what may break it."""

    name: str
    ask: Callable[[], Outcome]
    reads: frozenset[str]
    ways: Callable[[], Iterator[Corruption]]


def gate_guards(world: World, checks: Iterable[Check], hand: Mapping[str, Sequence[Corruption]]) -> list[Guard]:
    """The checks of a gate on rows."""
    made = []
    for check in checks:
        said = [check.table, *(str(value) for value in check.params.values())]
        names = frozenset(re.findall(r"\w+", " ".join(said)))
        made.append(
            Guard(
                check.check_id,
                lambda check=check: ask(world.con, check),
                names,
                lambda check=check: chain(hand.get(check.check_id, ()), ways(world, check)),
            )
        )
    return made


def test_guards(world: World, tests: Iterable[DataTest], hand: Mapping[str, Sequence[Corruption]]) -> list[Guard]:
    """dbt's data tests."""
    return [
        Guard(
            test.name,
            lambda test=test: ask_test(world.con, test),
            frozenset(relation.split(".")[1] for relation in test.relations),
            lambda test=test: chain(hand.get(test.name, ()), ways_of_test(world, test)),
        )
        for test in tests
    ]


def prove(world: World, family: str, guards: Sequence[Guard], matrix: bool) -> Account:
    """Find each guard's killer; with `matrix` the one that fewest others catch, and who they are."""
    account = Account()
    for guard in guards:
        account.add(_prove_one(world, family, guard, guards if matrix else ()))
    return account


def _prove_one(world: World, family: str, guard: Guard, others: Sequence[Guard]) -> Account:
    account = Account()
    best: Proof | None = None
    why = "no corruption breaks it: the check guards nothing, or tests/mutation lacks a way to break it"
    try:
        if (found := guard.ask()) is not Outcome.SOUND:
            account.proofs.append(Proof(family, guard.name, None, why=f"it is {found} in the sound world"))
            return account
        for corruption in guard.ways():
            if best is not None and not corruption.must_be_caught and (not others or best.alone):
                continue
            account.corruptions += corruption.must_be_caught
            outcome = _outcome(world, guard, corruption)
            if outcome is not Outcome.FAULT:
                if corruption.must_be_caught:
                    account.uncaught.append(f"{family}: {corruption.name}: the check is {outcome}")
                continue
            also = _also(world, guard, corruption, others) if others else None
            if best is None or (also is not None and best.others is not None and len(also) < len(best.others)):
                account.corruptions += best is None and not corruption.must_be_caught
                best = Proof(family, guard.name, corruption.name, also)
    except UnknownKind as unknown:
        why = str(unknown)
    account.proofs.append(best or Proof(family, guard.name, None, why=why))
    return account


def _outcome(world: World, guard: Guard, corruption: Corruption) -> Outcome:
    with world.corrupted(corruption.statements):
        return guard.ask()


def _also(world: World, guard: Guard, corruption: Corruption, guards: Sequence[Guard]) -> tuple[str, ...]:
    """The other guards that read the changed table and find fault, or can no longer be asked."""
    table = corruption.relation.replace('"', "").split(".")[-1]
    waiting = [other for other in guards if other.name != guard.name and table in other.reads]
    caught: list[str] = []
    while waiting:
        with world.corrupted(corruption.statements):
            # A failed conversion ends the transaction: begin again with the next one.
            while waiting:
                other = waiting.pop(0)
                outcome = other.ask()
                if outcome is not Outcome.SOUND:
                    caught.append(other.name)
                if outcome is Outcome.UNANSWERED:
                    break
    return tuple(caught)


def of_made(world: World, matrix: bool = False) -> Account:
    """The account of what is asked of the rows that are made: candidate and data tests."""
    checks = [check for check in candidate_checks() if check.kind not in ANSWERED]
    account = _of_family(world, "candidate", by_hand.PUBLISHED, lambda hand: gate_guards(world, checks, hand), matrix)
    tests = world.data_tests.values()
    account.add(_of_family(world, "dbt", by_hand.DATA_TESTS, lambda hand: test_guards(world, tests, hand), matrix))
    return account


def of_deliveries(world: World, matrix: bool = False) -> Account:
    """The account of what is asked of the rows of each delivery; the world must have been narrowed."""
    checks = [check for contract in world.delivered.values() for check in delivery_checks(contract)]
    return _of_family(world, "delivery", by_hand.DELIVERED, lambda hand: gate_guards(world, checks, hand), matrix)


def _of_family(
    world: World,
    family: str,
    which: str,
    made: Callable[[Mapping[str, Sequence[Corruption]]], list[Guard]],
    matrix: bool,
) -> Account:
    hand, left_over = by_hand.for_checks(which, [guard.name for guard in made({})])
    account = Account()
    account.uncaught += [f"{family}: {which}[{key!r}] in {by_hand.FOLDER} is of no check" for key in left_over]
    account.add(prove(world, family, made(hand), matrix))
    return account
