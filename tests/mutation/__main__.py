"""`python -m tests.mutation`: print the account of a refreshed home, or write it as JSON."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .account import Account
from .everything import account_of


def main() -> int:
    """Exit with 1 when a check has no killer or a corruption no catcher."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "--home", type=Path, default=Path("demo"), help="a home with a finished refresh (default: demo)"
    )
    parser.add_argument("--matrix", action="store_true", help="also ask which other checks each killer breaks")
    parser.add_argument("--json", type=Path, help="write the account there")
    said = parser.parse_args()
    account = account_of(said.home, said.matrix)
    if said.json is not None:
        said.json.write_text(json.dumps(document(account), indent=1) + "\n", encoding="utf-8")
    print(table(account))  # noqa: T201
    for title, lines in (
        ("Checks without a killer", account.without_killer),
        ("Corruptions without a catcher", account.uncaught),
    ):
        print(f"{title}: {len(lines)}")  # noqa: T201
        for line in lines:
            print(f"  {line}")  # noqa: T201
    return int(bool(account.without_killer or account.uncaught))


def table(account: Account) -> str:
    """The totals as lines of text: checks, killers, and how many killers break their check alone."""
    lines = [f"{'':24}{'checks':>8}{'killers':>9}{'alone':>7}"]
    for family, found in account.totals().items():
        lines.append(f"{family:24}{found['checks']:>8}{found['killers']:>9}{found.get('alone', '-'):>7}")
    lines.append(f"corruptions that must be caught: {account.corruptions}")
    return "\n".join(lines)


def document(account: Account) -> dict[str, object]:
    """The account as plain JSON values."""
    return {
        "totals": account.totals(),
        "corruptions": account.corruptions,
        "without_killer": account.without_killer,
        "uncaught": account.uncaught,
        "checks": [
            {"family": p.family, "check": p.check_id, "killer": p.killer, "others": p.others} for p in account.proofs
        ],
    }


if __name__ == "__main__":
    raise SystemExit(main())
