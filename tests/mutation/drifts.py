"""The checks that are held against the releases before: each is broken by a count just outside its band.

Belongs here: trying the killers of `tests/support/drift_corruptions` on a synthetic electorate with a history. Does not
belong here: the killers themselves, judging.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.demands import candidate_checks
from orchestration.drift import judge
from orchestration.drift.checks import STANDING, answers
from orchestration.drift.standing import STANDS_DAYS, Warned
from orchestration.gates.checks import Status

from .account import Account, Proof
from .by_hand import load

FAMILY = "drift"
SUPPORT = Path(__file__).resolve().parents[1] / "support"
MISSING = f"no corruption is its killer: add one to KILLERS in {SUPPORT / 'drift_corruptions.py'}"
NOW = datetime(2026, 9, 2, tzinfo=UTC)
OLD = Warned("voters", "county", "NC:37001", (NOW - timedelta(days=STANDS_DAYS)).isoformat(), None)


def of_drift(matrix: bool = False) -> Account:
    """The account of every check of kind drift.

    Without `matrix` only that each has its killer: `tests/unit/drift/test_drift_is_caught.py` tries each of them in
    every run of the tests, and does not ask who else fires.
    """
    return _tried() if matrix else _named()


def _named() -> Account:
    killers = load(SUPPORT / "drift_corruptions.py").KILLERS
    identities = [check.check_id for check in candidate_checks() if check.kind == "drift"]
    known = {name: f"{name}: just outside its band" for name in (*killers, STANDING)}
    return Account([Proof(FAMILY, name, known.get(name), why=MISSING) for name in identities], [], len(known))


def _tried() -> Account:
    worlds, corruptions = load(SUPPORT / "drift_worlds.py"), load(SUPPORT / "drift_corruptions.py")
    _, con = worlds.lived(8, counties=25)
    sound = _answered(con, [])
    account = Account()
    for check in candidate_checks():
        if check.kind != "drift":
            continue
        identity = check.check_id
        if identity != STANDING and identity not in corruptions.KILLERS:
            account.proofs.append(Proof(FAMILY, identity, None, why=MISSING))
            continue
        account.corruptions += 1
        con.execute("begin")
        try:
            if identity != STANDING:
                corruptions.KILLERS[identity].change(con)
            now = _answered(con, [OLD] if identity == STANDING else [])
        finally:
            con.execute("rollback")
        caught = {name for name, status in now.items() if status is not Status.PASS}
        dead = sound[identity] is Status.PASS and identity in caught
        why = f"it is {sound[identity]}, then {now[identity]}"
        killer = f"{identity}: just outside its band" if dead else None
        account.proofs.append(Proof(FAMILY, identity, killer, tuple(sorted(caught - {identity})), why))
    return account


def _answered(con: Any, warned: list[Warned]) -> dict[str, Status]:
    judge.judge(con)
    return {name: result.status for name, result in answers(con, warned, NOW).items()}
