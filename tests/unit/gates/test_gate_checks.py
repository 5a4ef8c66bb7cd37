"""A check is refused when it could not mean what its author thinks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from orchestration.gates.checks import KINDS, Check, Severity, suite_hash


def rows(check_id: str = "voters.has_rows", **changes: object) -> Check:
    return Check(
        **{"check_id": check_id, "table": "marts.voters", "kind": "row_count_between", "params": {"min": 1}, **changes}
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "is_nice"}, "unknown kind"),
        ({"kind": "not_null", "params": {}}, "needs column"),
        ({"params": {"min": 1, "maximum": 2}}, "does not take maximum"),
        ({"params": {}}, "needs min, max or both"),
        ({"kind": "unique", "params": {"columns": []}}, "empty list"),
        ({"kind": "in_set", "params": {"column": "a", "values": 3}}, "must be a list"),
        ({"table": "voters"}, "is not schema.table"),
        ({"table": "marts.voters; drop table x"}, "is not schema.table"),
        ({"check_id": "Voters Has Rows"}, "lower snake case"),
        (
            {
                "kind": "foreign_key",
                "params": {"columns": ["a", "b"], "other_table": "m.t", "other_columns": ["a"]},
            },
            "differ in number",
        ),
    ],
)
def test_a_check_with_unusable_parameters_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rows(**changes)


def test_the_suite_hash_ignores_order_and_wording_but_nothing_that_decides() -> None:
    a, b = rows("a.rows"), rows("b.rows")
    assert suite_hash([a, b]) == suite_hash([b, a])
    assert suite_hash([a, b]) == suite_hash([rows("a.rows", reason="reworded", owner="field"), b])
    assert suite_hash([a, b]) != suite_hash([a])
    assert suite_hash([a]) != suite_hash([rows("a.rows", params={"min": 2})])
    assert suite_hash([a]) != suite_hash([rows("a.rows", severity=Severity.WARN)])
    assert suite_hash([a]) != suite_hash([rows("a.rows", table="marts.other")])
    assert suite_hash([a]) != suite_hash([rows("a.rows", waivable=False)])


def test_importing_the_gates_does_not_load_great_expectations() -> None:
    program = (
        "import sys, orchestration.gates.gx, orchestration.gates.audit, orchestration.publish.releases; "
        "slow = {'great_expectations', 'sqlalchemy', 'duckdb', 'polars'} & set(sys.modules); "
        "assert not slow, slow"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_kind_allows_an_empty_table_only_on_request() -> None:
    assert all("allow_empty" in kind.optional for kind in KINDS.values())
