"""A step says how far it is to whoever listens, also when it breaks."""

from __future__ import annotations

import logging

import pytest

from orchestration.progress import Step, listening, report, timed


def test_a_step_tells_its_listener_rows_time_and_note() -> None:
    heard: list[Step] = []
    with listening(heard.append), timed("parse") as step:
        step.rows, step.note = 12, "two files"
    (told,) = heard
    assert (told.name, told.rows, told.note) == ("parse", 12, "two files")
    assert told.seconds >= 0


def test_a_step_that_breaks_is_told_and_its_error_goes_on() -> None:
    heard: list[Step] = []
    with pytest.raises(ValueError, match="broken"), listening(heard.append), timed("fit"):
        raise ValueError("broken")
    assert [s.name for s in heard] == ["fit"]


def test_the_innermost_listener_hears_and_the_outer_one_is_put_back() -> None:
    outer: list[Step] = []
    inner: list[Step] = []
    with listening(outer.append):
        with listening(inner.append):
            report(Step("a", None, 0.1))
        report(Step("b", None, 0.1))
    assert ([s.name for s in inner], [s.name for s in outer]) == (["a"], ["b"])


def test_without_a_listener_it_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="winnumber"):
        report(Step("seal", 3, 0.5))
    assert caplog.messages == ["seal: 0.5 s, 3 rows"]


def test_speed_is_shown_where_it_means_something() -> None:
    assert str(Step("a", 1_000, 0.1)) == "a: 0.1 s, 1,000 rows"
    assert str(Step("a", 1_000, 4.0, "x")) == "a: 4.0 s, 1,000 rows, 250 rows/s (x)"
    assert str(Step("a", None, 4.0)) == "a: 4.0 s"
    assert Step("a", 10, 0.0).rows_per_second is None
    assert Step("a", 0, 1.0).rows_per_second is None
    assert Step("a", 10, 2.0).rows_per_second == 5.0
