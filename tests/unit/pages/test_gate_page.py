"""The page of a run says what failed, by how much, who is affected and what to type; alone, and with nothing secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from support.refused_runs import (
    BAD_RUN,
    BUILT,
    GOOD_RUN,
    KNOWN,
    REFUSED,
    RELEASE,
    SMALL,
    TOTALS,
    publish_good,
    refuse_next,
    settings_of,
)

from orchestration.contracts.load import load_contracts
from orchestration.gates.record import DbtTest, Reconciliation
from orchestration.gates.record_file import read_kept
from orchestration.pages import summary
from orchestration.pages.affected import Descent, descent
from orchestration.pages.charts import sparkline, trend
from orchestration.pages.gate_page import find_page, gather, write_page
from orchestration.pages.gate_view import view
from orchestration.pages.summary import Summary
from orchestration.refresh import Report

ZONE = ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a release and a refused run, each with its page."""
    home = tmp_path_factory.mktemp("pages") / "home"
    publish_good(home)
    write_page(settings_of(home), GOOD_RUN)
    refuse_next(home)
    _manifest(home)
    write_page(settings_of(home), BAD_RUN)
    return home


def _manifest(home: Path) -> None:
    """A graph in which the staffing plan is built on the goals, and a test looks at the goals."""
    children = {
        "source.winnumber.accepted.nc_voters": ["model.winnumber.district_vote_goals"],
        "model.winnumber.district_vote_goals": [
            "model.winnumber.field_staffing_plan", "test.winnumber.sums_add_up",
        ],
        "model.winnumber.field_staffing_plan": [],
        "model.winnumber.contests": [],
    }  # fmt: skip
    target = home / "build" / "dbt" / "manifest.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"child_map": children}))


def page_of(home: Path, name: str) -> str:
    return (home / "reports" / f"{name}.html").read_text()


class Reader(HTMLParser):
    """The visible text, and everything that a browser would load or run."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.loads: list[str] = []
        self.open: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "line", "rect", "circle", "polyline", "i"):
            self.open.append(tag)
        if tag in ("script", "iframe", "object", "embed", "link", "img", "form", "base", "video", "audio"):
            self.loads.append(tag)
        self.loads += [v or "" for n, v in attrs if n in ("src", "srcset", "action", "data", "xlink:href")]
        self.loads += [n for n, _ in attrs if n.startswith("on")]
        self.loads += [v or "" for n, v in attrs if n == "href" and re.match(r"[a-z]+:|//", v or "")]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_a_refused_run_says_what_failed_by_how_much_and_what_readers_see(home: Path) -> None:
    said = Reader(page_of(home, "run-bbbbbbbb")).text
    assert "Refused: 2 checks failed" in said
    assert f"Readers still see release {RELEASE} , built Wed 02 Sep 2026, 05:10." in said
    for words in (
        "parts equal wholes", "observed 12 areas differ allowed 0 areas in the release before 9 rows",
        "3 of 9 broke it (33 %)", "parts and wholes differ in 12 areas",
        "observed 7 failing rows allowed 0 failing rows in the release before 0 failing rows",
        "winnumber gate --failed bbbbbbbb", f"winnumber override {TOTALS} --reason", REFUSED, "winnumber status",
    ):  # fmt: skip
        assert words in said, words


def test_who_let_a_failure_pass_why_and_until_when_is_said_and_it_is_no_failure(home: Path) -> None:
    given = view(gather(settings_of(home), BAD_RUN))
    assert [p.check for p in given.failed] == [TOTALS, "sums_add_up"]
    (waived,) = given.waived
    assert (waived.check, waived.let_pass_by, waived.let_pass_because, waived.until) == (
        KNOWN, "R. Operator", "two new precincts, confirmed with the county", "Fri 04 Sep 2026, 01:10",
    )  # fmt: skip
    assert [p.check for p in given.warned] == [SMALL]
    said = Reader(page_of(home, "run-bbbbbbbb")).text
    assert "Let pass by R. Operator until Fri 04 Sep 2026, 01:10: two new precincts" in said
    assert not [c for c in waived.commands if "override" in c]


def test_who_is_affected_follows_from_what_is_built_on_it(home: Path) -> None:
    failed = {p.check: p for p in view(gather(settings_of(home), BAD_RUN)).failed}
    assert failed[TOTALS].tables == ("district_vote_goals", "field_staffing_plan")
    assert failed["sums_add_up"].tables == ("district_vote_goals", "field_staffing_plan")
    owners = {r.owner for t in load_contracts()["field_staffing_plan"].tables for r in t.quality}
    assert owners <= set(failed[TOTALS].teams)


def test_a_green_page_is_named_after_its_release_and_says_what_changed(home: Path) -> None:
    said = Reader(page_of(home, RELEASE)).text
    assert said.startswith("Green · Worked example")
    assert "Published" in said
    assert f"Readers see release {RELEASE}" in said
    assert "What failed" not in said


def test_sources_that_are_late_come_first_with_why(home: Path) -> None:
    first, second = view(gather(settings_of(home), BAD_RUN)).sources
    assert (first.source, first.is_late, first.held, first.note) == ("van", True, True, "the newest was refused")
    assert (second.source, second.is_late) == ("nc_voters", False)
    assert "held back" in Reader(page_of(home, "run-bbbbbbbb")).text


def test_a_page_needs_nothing_but_itself(home: Path) -> None:
    for path in sorted((home / "reports").glob("*.html")):
        content = path.read_text()
        assert Reader(content).loads == [], path
        assert "default-src 'none'" in content
        assert not re.search(r"@import|url\(|https?://(?!www\.w3\.org)", content), path


def test_its_pictures_are_well_formed(home: Path) -> None:
    found = re.findall(r"<svg.*?</svg>", page_of(home, "run-bbbbbbbb"), re.S)
    assert len(found) >= 3
    for svg in found:
        ElementTree.fromstring(svg)  # noqa: S314  (our own text)


def test_what_publishing_refused_is_no_green_page_though_the_gate_let_it_pass(tmp_path: Path) -> None:
    publish_good(tmp_path)
    settings = settings_of(tmp_path)
    report = Report.read(tmp_path / "build" / GOOD_RUN)
    assert report is not None
    report.published, report.gate, report.gate_causes = None, "refused", ["check x was left out"]
    report.write(tmp_path / "build" / GOOD_RUN)
    given = view(gather(settings, GOOD_RUN))
    assert (given.verdict, given.other_causes) == ("refused", ("check x was left out",))
    assert write_page(settings, GOOD_RUN).name == "run-aaaaaaaa.html"
    assert not (tmp_path / "reports" / f"{RELEASE}.html").exists()
    assert summary.kept(tmp_path)[-1].outcome == "refused"
    assert "check x was left out" in Reader(page_of(tmp_path, "run-aaaaaaaa")).text


def test_a_page_keeps_its_name_from_the_gate_to_the_end(tmp_path: Path) -> None:
    publish_good(tmp_path)
    settings = settings_of(tmp_path)
    done = Report.read(tmp_path / "build" / GOOD_RUN)
    assert done is not None
    words = {**vars(done), "published": None, "finished_at": None}
    Report(**words).write(tmp_path / "build" / GOOD_RUN)
    first = write_page(settings, GOOD_RUN)
    assert summary.kept(tmp_path)[-1].outcome == "green"
    done.write(tmp_path / "build" / GOOD_RUN)
    assert write_page(settings, GOOD_RUN) == first
    assert (tmp_path / "reports" / f"{RELEASE}.html").read_bytes() == first.read_bytes()


def test_hostile_names_are_text_and_no_markup(tmp_path: Path) -> None:
    publish_good(tmp_path)
    run, evil = "cccccccc-evil", '<script>alert("x")</script>&{{ 7*7 }}'
    Report(
        run, evil, BUILT.isoformat(), gate_causes=[evil], remarks=[evil], held=[{"source": "van", "cause": evil}]
    ).write(tmp_path / "build" / run)
    content = write_page(settings_of(tmp_path), run).read_text()
    assert "<script" not in content
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;&amp;{{ 7*7 }}" in content
    assert Reader(content).loads == []


def test_a_refused_delivery_has_a_page_too_with_what_hangs_on_its_source(tmp_path: Path) -> None:
    publish_good(tmp_path)
    _manifest(tmp_path)
    run = "dddddddd-refused"
    refusal = {"source": "nc_voters", "delivery": "nc_voters/2026-09-02/x", "cause": "[undeclared_column] nc_voters"}
    Report(run, "cli", BUILT.isoformat(), refused=[refusal]).write(tmp_path / "build" / run)
    settings = settings_of(tmp_path)
    given = view(gather(settings, run))
    (problem,) = given.failed
    assert given.headline == "1 delivery was refused; nothing was built"
    assert problem.tables == ("district_vote_goals", "field_staffing_plan")
    assert "winnumber quarantine nc_voters/2026-09-02/x" in problem.commands
    assert write_page(settings, run).name == "run-dddddddd.html"


def test_a_run_that_stopped_without_a_verdict_says_so(tmp_path: Path) -> None:
    Report("eeeeeeee", "cli", BUILT.isoformat()).write(tmp_path / "build" / "eeeeeeee")
    given = view(gather(settings_of(tmp_path), "eeeeeeee"))
    assert (given.verdict, given.headline, given.serving) == ("stopped", "Stopped before the gate", "")
    assert "Nothing has ever been published" in Reader(write_page(settings_of(tmp_path), "eeeeeeee").read_text()).text


def test_no_value_of_a_person_is_on_a_page(home: Path) -> None:
    # What lies in the tables themselves never comes near a page: the rows hold a number each, '5' and '6' among them.
    for path in (home / "reports").glob("*"):
        assert "people.duckdb" not in path.read_text()
    given = view(gather(settings_of(home), BAD_RUN))
    record = json.loads((home / "build" / BAD_RUN / "candidate" / "gate.json").read_text())
    allowed = {r["observed"] for r in record["results"]} | {
        f"{t['failures']} failing rows" for t in record["dbt_tests"]
    }
    assert {p.observed for p in (*given.failed, *given.waived, *given.warned)} <= allowed


def test_everybody_may_open_a_page_and_only_the_owner_may_change_it(home: Path) -> None:
    assert (home / "reports").stat().st_mode & 0o777 == 0o755
    assert {p.stat().st_mode & 0o777 for p in (home / "reports").iterdir()} == {0o644}


def test_pages_are_found_by_release_by_run_and_newest_first(home: Path) -> None:
    settings = settings_of(home)
    names = {n: p.name for n in (None, RELEASE, "bbbbbbbb", BAD_RUN, GOOD_RUN) if (p := find_page(settings, n))}
    assert names == {
        None: "run-bbbbbbbb.html", RELEASE: f"{RELEASE}.html", "bbbbbbbb": "run-bbbbbbbb.html",
        BAD_RUN: "run-bbbbbbbb.html", GOOD_RUN: "run-aaaaaaaa.html",
    }  # fmt: skip
    assert find_page(settings, "nothing") is None
    assert "run-bbbbbbbb" in page_of(home, "index")
    with pytest.raises(LookupError, match="no such run is kept"):
        gather(settings, "unknown")


def test_the_trend_goes_over_the_last_fourteen_runs_and_outlives_their_builds(home: Path, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    publish_good(tmp_path)
    for n in range(1, 20):
        at = (BUILT - timedelta(days=n)).isoformat()
        summary.keep(tmp_path, Summary(f"run-{n:08d}", f"{n:08d}", "", at, "refused", 9, 1, unexpected={TOTALS: n}))
    refuse_next(tmp_path)
    given = gather(settings, BAD_RUN)
    assert len(given.runs) == summary.SHOWN
    assert given.runs[-1].run_id == BAD_RUN
    assert [r.unexpected.get(TOTALS) for r in given.runs[:3]] == [13, 12, 11]
    assert len(re.findall("<g>", view(given).trend)) == summary.SHOWN


def test_the_figures_count_dbt_warnings_and_totals_that_differ(home: Path) -> None:
    report = Report.read(home / "build" / BAD_RUN)
    record = read_kept(home / "build" / BAD_RUN / "candidate" / "gate.json", home)
    assert report is not None
    before = summary.summarise(report, record)
    off = Reconciliation("rows of goals", False, "50", "49")
    more = (*record.dbt_tests, DbtTest("opt_outs_can_be_read", "warn", 9))
    after = summary.summarise(report, replace(record, reconciliations=(off,), dbt_tests=more))
    assert (before.failed, before.warned, before.tests_failed) == (1, 1, 1)
    assert (after.failed, after.warned, after.tests_failed) == (2, 2, 1)


def test_old_pages_go_with_their_figures(tmp_path: Path) -> None:
    for n in range(summary.KEPT + 3):
        made = Summary(f"run-{n:03d}", f"{n}", "", (BUILT + timedelta(days=n)).isoformat(), "refused")
        (tmp_path / "reports").mkdir(exist_ok=True)
        (tmp_path / "reports" / f"{made.page}.html").touch()
        summary.keep(tmp_path, made)
    assert len(summary.kept(tmp_path)) == summary.KEPT
    assert not (tmp_path / "reports" / "run-002.html").exists()
    assert (tmp_path / "reports" / "run-003.html").exists()
    (tmp_path / "reports" / "run-010.json").write_text("damaged")
    assert len(summary.kept(tmp_path)) == summary.KEPT - 1


def numbers(svg: str, name: str) -> Iterator[float]:
    yield from (float(v) for v in re.findall(rf'{name}="([0-9.]+)"', svg))


def test_bars_are_as_high_as_their_counts_and_a_single_one_is_still_seen() -> None:
    runs = [
        Summary(str(n), str(n), "", BUILT.isoformat(), "refused", 1000, failed) for n, failed in enumerate((1, 50, 100))
    ]
    one, half, full = numbers("".join(re.findall(r'<rect class="failed"[^>]*>', trend(runs, ZONE))), "height")
    assert (one, half, full) == (4.0, 48.0, 96.0)
    assert "height" in trend([], ZONE)


def test_a_run_is_dated_by_the_clocks_of_the_campaign() -> None:
    late = Summary("1", "1", "", "2026-09-02T02:30:00+00:00", "refused", 1000, 1)
    assert re.findall(r">([^<>]*)</text>", trend([late], ZONE)) == ["1", "✗ 09-01", "22:30"]


def test_a_line_ends_at_its_last_count() -> None:
    assert "run by run: 0, 5, 10" in sparkline([0, 5, 10])
    assert 'cy="4.0"' in sparkline([0, 5, 10])
    assert 'cy="26.0"' in sparkline([10, 0])
    ElementTree.fromstring(sparkline([3]))  # noqa: S314


def test_without_a_graph_each_table_stands_for_itself(tmp_path: Path) -> None:
    published = {n: c for n, c in load_contracts().items() if c.domain == "published"}
    found = descent(tmp_path / "absent.json", published)
    assert found.tables(["contests", "nc_voters"]) == ["contests"]
    assert Descent().tables(["contests"]) == []
