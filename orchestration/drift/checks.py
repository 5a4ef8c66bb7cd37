"""Drift as checks of the gate, and the judgement as their results.

Belongs here: turning what is watched and what was found into what the gate record holds. Does not belong here:
judging (`judge`), keeping warnings (`standing`). Slices are named, people never are: a slice is an area, a party, a
status, an election or a source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestration.drift.judge import JUDGED
from orchestration.drift.measures import ERROR_SPREADS, PACES, WARN_SPREADS, WATCHED
from orchestration.drift.profile import PROFILE
from orchestration.drift.standing import STANDS_DAYS, Warned
from orchestration.gates.checks import DRIFT_PREFIX, Check, CheckResult, Severity, Status

if TYPE_CHECKING:
    import duckdb

# A profile is no table of a release; the name only has the form of one.
SUBJECT = "drift.profile"
STANDING = f"{DRIFT_PREFIX}standing_warnings.error"
SHOWN = 5  # slices a message names; the record's count says how many there are
_LEVELS = {"error": Severity.ERROR, "warn": Severity.WARN}
# Without these there is no release: a profile that lacks them was not counted.
_NEEDED = frozenset(w.name for w in WATCHED if w.is_everywhere)
_SOURCES = {
    "source_stopped_by_source": ("feeds", "a source that delivered no longer does"),
    "source_frozen_by_state": ("voter file", "a delivery is new and its rows are those of the one before"),
}


def check_id(name: str, level: str) -> str:
    """The id of the check of one kind of slice at one level."""
    return f"{DRIFT_PREFIX}{name}.{level}"


def drift_checks() -> list[Check]:
    """Two checks for each kind of slice that is watched, and one on warnings nobody acknowledged.

    None may be waived: an override would let every slice of a check pass, an acknowledgement names those that may.
    """
    watched = {w.name: (w.owner, f"{w.what}, against history: {PACES[w.pace].reason}") for w in WATCHED}
    bounds: dict[str, object] = {w.name: asdict(PACES[w.pace]) for w in WATCHED}
    made = [
        Check(
            check_id=check_id(name, level),
            table=SUBJECT,
            kind="drift",
            params={"what": name, "level": level, "pace": bounds.get(name, {}),
                    "spreads": ERROR_SPREADS if level == "error" else WARN_SPREADS,
                    # A campaign may lack a feed, and a first release has nothing earlier.
                    **({} if name in _NEEDED else {"allow_empty": True})},
            severity=severity,
            reason=reason,
            owner=owner,
            waivable=False,
        )
        for name, (owner, reason) in {**watched, **_SOURCES}.items()
        for level, severity in _LEVELS.items()
    ]  # fmt: skip
    standing = Check(
        check_id=STANDING, table=SUBJECT, kind="drift",
        params={"what": "standing_warnings", "level": "error", "days": STANDS_DAYS, "allow_empty": True},
        reason=f"a warning that stands for {STANDS_DAYS} days is acknowledged by somebody or is an error",
        owner="data", waivable=False,
    )  # fmt: skip
    return [*made, standing]


def answers(con: duckdb.DuckDBPyConnection, warned: Sequence[Warned], now: datetime) -> dict[str, CheckResult]:
    """The result of every check of kind drift, by its id, from the judgement in ``con``."""
    since = {w.key: w for w in warned}
    counted = _counts(con, f"select measure || '_by_' || slice_kind, count(*) from {PROFILE} group by all")
    judged = _counts(
        con, f"select measure || '_by_' || slice_kind, count(distinct slice_value) from {JUDGED} group by all"
    )
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in outside(con):
        found.setdefault((f"{row['measure']}_by_{row['slice_kind']}", row["level"]), []).append(row)
    results = []
    for check in drift_checks():
        if check.check_id == STANDING:
            results.append(_standing(warned, now))
            continue
        name, level = check.text("what"), check.text("level")
        rows = found.get((name, level), [])
        results.append(_result(check, name, rows, judged.get(name, 0), counted.get(name, 0), since))
    return {result.check_id: result for result in results}


def outside(con: duckdb.DuckDBPyConnection, relation: str = JUDGED) -> list[dict[str, Any]]:
    """Every judged row that is not in its band, the worst first: errors, then by how much of it is missing or extra."""
    cursor = con.execute(
        f"select *, abs(coalesce(observed, 0) - expected) / greatest(expected, 1) as how_far from {relation}"
        " where level <> 'ok' order by level = 'error' desc, level = 'warn' desc,"
        " abs(coalesce(observed, 0) - expected) desc, measure, slice_kind, slice_value, against"
    )
    names = [d[0] for d in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _counts(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, int]:
    return {str(name): int(count) for name, count in con.execute(sql).fetchall()}


def allowed(row: Mapping[str, Any], level: str) -> str:
    """The band of a row at a level, in words."""
    low, high = row[f"low_{level}"], row[f"high_{level}"]
    if low is None and high is None:
        return "a delivery" if row["measure"] == "source_stopped" else "any"
    if high is None:
        return f"at least {low:,}"
    return f"at most {high:,}" if low is None else f"{low:,} to {high:,}"


def _result(
    check: Check, name: str, rows: Sequence[Mapping[str, Any]], judged: int, counted: int, since: Mapping[Any, Warned]
) -> CheckResult:
    level = check.text("level")
    slices = list(dict.fromkeys(r["slice_value"] for r in rows))
    said = [_said(row, level, since) for row in rows[:SHOWN]]
    if len(rows) > SHOWN:
        said.append(f"and {len(rows) - SHOWN} more")
    status = Status.PASS if not rows else Status.FAIL if check.severity is Severity.ERROR else Status.WARN
    if name in _NEEDED and not counted:
        status, said = Status.ERROR, ["the profile counted nobody"]
    worst = rows[0] if rows else None
    message = f"{'; '.join(said)}. {worst['todo']} (owner: {worst['owner']})" if worst else "; ".join(said)
    return CheckResult(
        check_id=check.check_id,
        table=SUBJECT,
        status=status,
        severity=check.severity,
        evaluated=judged or counted,
        unexpected=len(slices),
        observed=f"{worst['shown']}: {_count(worst['observed'])}" if worst else f"0 of {judged} slices outside",
        expected=allowed(worst, level) if worst else ("in its band" if judged else "nothing earlier to compare with"),
        message=message,
    )


def _said(row: Mapping[str, Any], level: str, since: Mapping[Any, Warned]) -> str:
    against = {"last": "the last", "oldest": "the oldest kept"}[row["against"]]
    text = (
        f"{row['shown']} has {_count(row['observed'])}, allowed {allowed(row, level)} "
        f"after {_count(row['expected'])} expected from {against} ({row['days']} days, {row['basis']})"
    )
    warned = since.get((row["measure"], row["slice_kind"], row["slice_value"]))
    if level == "warn" and warned is not None:
        text += f", since {warned.first_seen[:10]}, an error from {warned.expires:%Y-%m-%d}"
    return text


def _standing(warned: Sequence[Warned], now: datetime) -> CheckResult:
    overdue = [w for w in warned if w.expires <= now]
    said = [f"{w.measure}_by_{w.slice_kind}:{w.slice_value} since {w.first_seen[:10]}" for w in overdue[:SHOWN]]
    if len(overdue) > SHOWN:
        said.append(f"and {len(overdue) - SHOWN} more")
    return CheckResult(
        check_id=STANDING,
        table=SUBJECT,
        status=Status.FAIL if overdue else Status.PASS,
        severity=Severity.ERROR,
        evaluated=len(warned),
        unexpected=len(overdue),
        observed=f"{len(overdue)} of {len(warned)} open warnings",
        expected=f"none older than {STANDS_DAYS} days",
        message=f"{'; '.join(said)}. Correct it or acknowledge it with a reason (owner: data)" if overdue else "",
    )


def _count(value: int | None) -> str:
    return "nothing" if value is None else f"{value:,}"
