"""The steps of a refresh, in order, as plain functions.

Whoever starts a refresh (schedule, sensor, UI, command line) runs the same Dagster job, whose
assets call these functions and nothing else. Belongs here: the order of things and what one step
hands to the next. Does not belong here: how a step does its work (``ingest``, ``models``,
``gates``, ``publish``, dbt), or anything of Dagster's.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from orchestration import demands, transform
from orchestration import settings as config
from orchestration.contracts.checks import delivery_checks
from orchestration.contracts.load import load_contracts
from orchestration.contracts.model import Contract, Kind
from orchestration.faults import fault_point
from orchestration.progress import timed
from orchestration.withhold import withheld

if TYPE_CHECKING:
    import duckdb

    from orchestration.drift.watch import Watch
    from orchestration.gates.checks import CheckResult
    from orchestration.gates.record import GateRecord, Reconciliation
    from orchestration.ingest.run import DeliveryOutcome
    from orchestration.models.registry import ModelVersion
    from orchestration.publish.candidate import Sealed, SourceFreshness
    from orchestration.publish.releases import Release


SETTLE = 0.25  # seconds a file that has just changed must rest before it is taken
DBT_PARTS = ("features", "goals")  # before and after the fits
SHARED_FOLDERS = ("dbt", "ingest")  # in build/, beside the folders of runs
PATIENCE = 120.0  # seconds a publish waits for a rollback; checking the release to go back to takes it seconds
UNNAMED = "unnamed"  # until the model versions are known, which are part of a release's name


Done = TypeVar("Done")


class DeliveriesRefused(RuntimeError):
    """At least one delivery was refused and its contract does not allow to go on without it."""


class NothingToBuild(RuntimeError):
    """No voter file has ever been accepted, so there is nothing to publish."""


@dataclass(frozen=True)
class Run:
    """One refresh: who started it, when, and where it works."""

    run_id: str
    who: str
    started_at: datetime
    settings: config.Settings

    @property
    def folder(self) -> Path:
        """This run's own build folder."""
        return self.settings.paths.build / self.run_id

    @property
    def database(self) -> Path:
        """The warehouse under construction (through the stable link, see ``transform``)."""
        return transform.build_database(self.settings)

    @property
    def candidate(self) -> Path:
        """Where the sealed files wait for the gate."""
        return self.folder / "candidate"


@dataclass
class Report:
    """What a refresh did, written after every step; the command line's exit code follows from it."""

    run_id: str
    who: str
    started_at: str
    refused: list[dict[str, str]] = field(default_factory=list)
    held: list[dict[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    inputs_hash: str | None = None
    model_versions: dict[str, str] = field(default_factory=dict)
    release_id: str | None = None
    data_as_of: str | None = None
    gate: str | None = None
    gate_causes: list[str] = field(default_factory=list)
    published: str | None = None
    release_path: str | None = None
    finished_at: str | None = None

    def write(self, folder: Path) -> None:
        """Write it into the run's folder."""
        from orchestration.publish.files import write_atomically

        folder.mkdir(parents=True, exist_ok=True)
        fault_point("report.write")
        write_atomically(folder / "report.json", json.dumps(asdict(self), indent=1).encode())

    @classmethod
    def read(cls, folder: Path) -> Report | None:
        """The report in ``folder``, or None when the run wrote none."""
        path = folder / "report.json"
        return cls(**json.loads(path.read_text())) if path.exists() else None


@withheld
def begin(run: Run) -> None:
    """Make the run's folder, point ``build/active`` at it, drop old builds, put strays in their place."""
    from orchestration.ingest.recognise import place_strays

    demands.refuse_unready(run.settings)
    build = run.settings.paths.build
    for private in (run.settings.paths.archive, build):
        # Both hold people's records as received; readers need neither.
        private.mkdir(parents=True, exist_ok=True)
        private.chmod(0o700)
    run.folder.mkdir(parents=True, exist_ok=True)
    for leftover in build.glob(".active.*"):
        leftover.unlink()  # of a run that died here: the caller holds the refresh's lock
    link = build / f".active.{os.getpid()}"
    link.symlink_to(run.folder.name)
    link.replace(build / "active")
    fault_point("run.linked")
    remarks = place_strays(run.settings.paths.home, demands.delivered())
    Report(run.run_id, run.who, _stamp(run.started_at), remarks=remarks).write(run.folder)
    _drop_old_builds(build, run, run.settings.operations.keep_builds)


def update(run: Run, **changes: Any) -> Report:
    """Change fields of the run's report on disk."""
    report = Report.read(run.folder) or Report(run.run_id, run.who, _stamp(run.started_at))
    for name, value in changes.items():
        setattr(report, name, value)
    report.write(run.folder)
    return report


@withheld
def ingest(run: Run, contract: Contract) -> list[DeliveryOutcome]:
    """Receive, parse and gate what has landed for one source; refusals go into the report."""
    from orchestration.ingest.run import ingest_source

    with timed(f"ingest {contract.id}") as step:
        outcomes = ingest_source(
            run.settings.paths.home,
            contract,
            threads=run.settings.engine.threads,
            memory_limit=run.settings.engine.memory_limit,
            settle=SETTLE,
        )
        fresh = [o for o in outcomes if o.seconds > 0]
        step.rows = sum(o.lines for o in fresh)
        step.note = "" if fresh else "nothing new"
    told = [str(o.cause) for o in outcomes if o.status in ("waiting", "passed_over")]
    if told:
        report = update(run)
        update(run, remarks=[*report.remarks, *told])
    refused = [o for o in outcomes if o.status == "refused"]
    if refused:
        report = update(run)
        target = report.held if contract.on_refusal == "hold_last_good" else report.refused
        target.extend({"source": o.source, "delivery": o.delivery_id, "cause": o.cause or ""} for o in refused)
        report.write(run.folder)
    return outcomes


@dataclass(frozen=True)
class Build:
    """What the warehouse under construction is made from."""

    inputs_hash: str
    data_as_of: date
    in_use: tuple[dict[str, Any], ...]


@withheld
def open_build(run: Run) -> Build:
    """Create the warehouse with the accepted rows and the campaign's choices in it.

    Raises ``DeliveriesRefused`` when a delivery of this run was refused, ``NothingToBuild`` when
    no voter file was ever accepted.
    """
    import duckdb

    from orchestration.compliance.uses import write_permitted_uses
    from orchestration.identity.person_key import write_person_key
    from orchestration.ingest.run import deliveries_in_use, open_accepted
    from orchestration.outreach.deployments import write_deployments

    report = Report.read(run.folder)
    if report is not None and report.refused:
        named = "; ".join(f"{r['source']}: {r['cause']}" for r in report.refused)
        raise DeliveriesRefused(f"{len(report.refused)} delivery(ies) refused, nothing is built: {named}")
    contracts = demands.delivered()
    home = run.settings.paths.home
    in_use = deliveries_in_use(home, contracts)
    voters = [d["snapshot_date"] for d in in_use if contracts[d["source"]].kind is Kind.VOTERS]
    if not voters:
        raise NothingToBuild(
            f"{run.settings.paths.landing}: no voter file has been accepted yet; "
            "drop one there or make a sample with `winnumber sample`"
        )
    as_of = max(voters)
    inputs = _inputs_hash(run.settings, in_use)
    database = run.folder / "warehouse.duckdb"
    for leftover in run.folder.glob("warehouse.duckdb*"):
        leftover.unlink()
    with duckdb.connect(str(database)) as con:
        con.execute(f"set memory_limit = '{run.settings.engine.memory_limit}'")
        open_accepted(con, home, contracts)
        config.write_config(con, run.settings, data_as_of=as_of, release_id=UNNAMED)
        _write_in_use(con, in_use)
        write_person_key(con, home)
        write_permitted_uses(con, contracts)
        remarks = write_deployments(con, home)
    fault_point("build.opened")
    update(
        run,
        inputs_hash=inputs,
        data_as_of=as_of.isoformat(),
        remarks=[*(report.remarks if report else []), *remarks],
    )
    return Build(inputs, as_of, tuple(in_use))


@withheld
def fit(run: Run) -> list[ModelVersion]:
    """Fit the models and link the people whose inputs changed; show the newest versions to dbt."""
    import duckdb

    from orchestration.identity.link import link_people
    from orchestration.models.fit import fit_all
    from orchestration.models.fit_projection import fit_projection
    from orchestration.models.registry import open_models

    with timed("fit models") as step, duckdb.connect(str(run.folder / "warehouse.duckdb")) as con:
        con.execute(f"set memory_limit = '{run.settings.engine.memory_limit}'")
        con.execute(f"set threads = {run.settings.engine.threads}")
        linked = link_people(con, run.settings.paths.home)
        versions = fit_all(con, run.settings.paths.home, run.settings, linked[-1].folder / "identity_links.parquet")
        versions += fit_projection(con, run.settings.paths.home, run.settings, transform.PROJECT_DIR / "seeds")
        versions += linked
        open_models(con, run.settings.paths.home, versions)
        step.note = ", ".join(v.version + ("" if v.is_new else " (unchanged)") for v in versions)
        fault_point("fit.named")
        _name_release(run, con, {v.name: v.version for v in versions})
    return versions


def _name_release(run: Run, con: duckdb.DuckDBPyConnection, versions: dict[str, str]) -> None:
    """Name the release after everything it is made from: the same inputs give the same name."""
    report = Report.read(run.folder)
    if report is None or report.inputs_hash is None or report.data_as_of is None:
        raise NothingToBuild("there is no warehouse under construction; run the job daily_refresh")
    said = json.dumps([report.inputs_hash, sorted(versions.items())])
    day = date.fromisoformat(report.data_as_of)
    release_id = f"{day:%Y%m%d}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"
    con.execute("update config.campaign set release_id = ?", [release_id])
    update(run, release_id=release_id, model_versions=versions)


def keep_dbt_results(run: Run, part: str, results: dict[str, Any]) -> None:
    """Keep what dbt said of its tests (names, verdicts, counts) for the gate record."""
    kept = [
        {"name": transform.test_name(r["unique_id"]), "status": r["status"], "failures": r.get("failures") or 0}
        for r in results["results"]
        if r["unique_id"].startswith("test.")
    ]
    (run.folder / f"dbt_{part}.json").write_text(json.dumps(kept, indent=1))


def dbt_results(run: Run) -> list[dict[str, Any]]:
    """Every dbt test result of this run; raises FileNotFoundError when a part did not run."""
    return [result for part in DBT_PARTS for result in json.loads((run.folder / f"dbt_{part}.json").read_text())]


def failed_dbt_tests(folder: Path) -> list[dict[str, Any]]:
    """The dbt tests of the run in ``folder`` that failed or could not be run."""
    found = [t for path in sorted(folder.glob("dbt_*.json")) for t in json.loads(path.read_text())]
    return [t for t in found if t["status"] in ("fail", "error")]


def in_use(run: Run, contract: Contract) -> list[dict[str, Any]]:
    """The deliveries of one source that are in use now."""
    from orchestration.ingest.run import deliveries_in_use

    return deliveries_in_use(run.settings.paths.home, {contract.id: contract})


def newest_results(run: Run, contract: Contract) -> list[CheckResult]:
    """What each check of the source last found: the worst over the deliveries in use and the newest one."""
    from orchestration.gates.checks import CheckResult, Severity, Status
    from orchestration.ingest.ledger import Ledger

    order = ("pass", "warn", "fail", "error")
    worst: dict[str, dict[str, Any]] = {}
    with Ledger(run.settings.paths.home / "ledger.sqlite") as ledger:
        looked_at = {d["delivery_id"] for d in in_use(run, contract)}
        looked_at |= {d.id for d in ledger.deliveries(contract.id, limit=1)}
        for delivery in sorted(looked_at):
            for found in ledger.check_results(delivery):
                known = worst.get(found["check_id"])
                if known is None or order.index(found["status"]) > order.index(known["status"]):
                    worst[found["check_id"]] = found
    tables = {check.check_id: check.table for check in delivery_checks(contract)}
    return [
        CheckResult(
            check_id, tables[check_id], Status(f["status"]), Severity(f["severity"]), f["evaluated"] or 0,
            f["unexpected"] or 0, f["observed"] or "", f["expected"] or "", f["message"] or "",
        )
        for check_id, f in sorted(worst.items())
        if check_id in tables
    ]  # fmt: skip


def judged(run: Run) -> dict[str, CheckResult]:
    """What the rules of law say of the SQL this run was built with, by check id."""
    from orchestration.compliance.checks import answers, judge_project

    targets = [run.folder / f"dbt_{part}" for part in DBT_PARTS]
    judgement = judge_project(targets[-1] / "manifest.json", targets, load_contracts(), run.started_at.date())
    return answers(judgement)


def _watch(run: Run, release_id: str) -> Watch:
    from orchestration.drift.watch import Watch

    home = run.settings.paths.home
    return Watch(home, run.folder / "warehouse.duckdb", run.folder, release_id, run.started_at)


@withheld
def seal(run: Run) -> Sealed:
    """Copy the published tables into the candidate's files and fingerprint them."""
    from orchestration.drift.watch import look
    from orchestration.publish.candidate import ReleaseInfo, TableSpec
    from orchestration.publish.seal import seal as write

    report = Report.read(run.folder)
    if report is None or report.release_id is None or report.data_as_of is None:
        raise NothingToBuild("there is no warehouse under construction to seal; run the job daily_refresh")
    files = {
        name: [TableSpec(f"marts.{c.id}", c.id, c.tables[0].key) for c in contracts]
        for name, contracts in demands.files().items()
    }
    sources = _freshness(run, report)
    with timed("count and compare") as step:
        acknowledged = look(_watch(run, report.release_id), demands.delivered())
        step.note = f"{len(acknowledged)} acknowledged changes" if acknowledged else ""
    info = ReleaseInfo(
        release_id=report.release_id,
        run_id=run.run_id,
        built_at=run.started_at,
        data_as_of=date.fromisoformat(report.data_as_of),
        code_hash=transform.code_hash(),
        config_hash=demands.config_hash(run.settings),
        contract_versions={c.id: c.version for c in demands.delivered().values()},
        model_versions=report.model_versions,
        sources=sources,
        notes=(*(f"held: {h['source']}: {h['cause']}" for h in report.held), *acknowledged),
    )
    with timed("seal candidate") as step:
        encrypt = run.settings.operations.encryption != "none"
        sealed = write(run.folder / "warehouse.duckdb", files, run.candidate, info, encrypt=encrypt)
        step.note = ", ".join(f.name for f in sealed.databases)
    return sealed


@withheld
def audit(run: Run) -> GateRecord:
    """Run every check on the sealed files and write the gate record beside them."""
    from orchestration.drift.watch import results
    from orchestration.gates.audit import audit as examine
    from orchestration.gates.record import DbtTest
    from orchestration.gates.signing import signing_key
    from orchestration.publish.candidate import measure

    sealed = measure(run.candidate)
    tests = [DbtTest(t["name"], t["status"], t["failures"]) for t in dbt_results(run)]
    with timed("gate candidate") as step:
        record = examine(
            sealed,
            demands.candidate_checks(),
            key=signing_key(run.settings.paths.home),
            run_id=run.run_id,
            created_at=datetime.now(UTC),
            dbt_tests=tests,
            required_tests=demands.dbt_tests(run.settings),
            reconciliations=_reconciled(run),
            code_hash=transform.code_hash(),
            config_hash=demands.config_hash(run.settings),
            overrides=demands.overrides(run.settings.paths.home, _stamp(datetime.now(UTC))),
            answers={**judged(run), **results(_watch(run, sealed.release_id))},
        )
        verdict = record.verdict
        step.note = f"{len(record.results)} checks, {len(tests)} dbt tests, {len(record.reconciliations)} totals: " + (
            "green" if verdict.green else "refused"
        )
    update(run, gate="green" if verdict.green else "refused", gate_causes=list(verdict.causes))
    return record


def _reconciled(run: Run) -> list[Reconciliation]:
    import duckdb

    from orchestration.gates.record import Reconciliation
    from orchestration.ingest.reconcile import reconcile

    with duckdb.connect(str(run.folder / "warehouse.duckdb"), read_only=True) as con:
        return [
            Reconciliation(totals.name, totals.received == totals.found, f"{totals.received:,}", f"{totals.found:,}")
            for totals in reconcile(con, run.settings.paths.home, demands.delivered())
        ]


def out_of_band(run: Run) -> str:
    """What drift found in this run's candidate, as a Markdown table; slices are named, people never."""
    from orchestration.drift.watch import markdown

    return markdown(run.folder)


def write_page(run: Run) -> Path | None:
    """Write the page that people read of this run, as things stand; None when that went wrong, which is a remark."""
    from orchestration.pages.gate_page import write_page as write

    try:
        return write(run.settings, run.run_id)
    except Exception as error:
        report = Report.read(run.folder)
        said = f"the report page could not be written: {type(error).__name__}; `winnumber report` tries again"
        if report is not None and said not in report.remarks:
            update(run, remarks=[*report.remarks, said])
        return None


@withheld
def publish(run: Run) -> Release:
    """Make the audited candidate the release that readers follow; refuses by itself what is not green."""
    from orchestration.drift.history import keep as keep_profile
    from orchestration.publish.candidate import GATE_JSON, read_release_id
    from orchestration.publish.errors import GateRefused
    from orchestration.publish.releases import publish as switch
    from orchestration.publish.releases import retain

    home = run.settings.paths.home
    try:
        with timed("publish") as step:
            keep_profile(home, run.folder, read_release_id(run.candidate))
            record_path = run.candidate / GATE_JSON
            release = _when_free(lambda: switch(run.candidate, record_path, home, by=run.who, run_id=run.run_id))
            step.note = f"{release.release_id} {release.status}"
    except GateRefused as refused:
        update(run, gate="refused", gate_causes=list(refused.causes))
        raise
    fault_point("publish.retain")
    _when_free(lambda: retain(home, run.settings.operations.keep_releases))
    update(
        run,
        published=release.status,
        release_path=str(release.path),
        finished_at=_stamp(datetime.now(UTC)),
    )
    let_go(run)
    return release


def _when_free(step: Callable[[], Done]) -> Done:
    """Do what needs the publish lock. A rollback holds it for moments: a built release is not thrown away for that."""
    from orchestration.publish.errors import Busy

    until = time.monotonic() + PATIENCE
    while True:
        try:
            return step()
        except Busy:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def let_go(run: Run) -> None:
    """Let go of deliveries past their retention and of old logs; what goes wrong there is a remark, no failure."""
    from orchestration.keeping.removal import carry_out, drop_old_logs
    from orchestration.keeping.retention import decide

    now = datetime.now(UTC)
    try:
        with timed("retention") as step:
            removed = carry_out(
                run.settings.paths.home, decide(run.settings.paths.home, demands.delivered(), now.date()), _stamp(now)
            )
            drop_old_logs(
                [transform.parsed(run.settings) / "logs"], now - timedelta(days=run.settings.operations.keep_event_days)
            )
            step.note = f"{removed.deliveries} deliveries" if removed.deliveries else "nothing to let go"
    except Exception as error:
        # The release is out by now: that something old was kept a day longer must not make it look failed.
        remarks = [f"retention was not carried out: {type(error).__name__}; run `winnumber retain`"]
    else:
        remarks = list(removed.remarks)
    report = Report.read(run.folder)
    if remarks and report is not None:
        update(run, remarks=[*report.remarks, *remarks])


def _freshness(run: Run, report: Report) -> tuple[SourceFreshness, ...]:
    from orchestration.ingest.run import deliveries_in_use
    from orchestration.publish.candidate import SourceFreshness

    held = {h["source"]: h["cause"] for h in report.held}
    newest: dict[str, dict[str, Any]] = {}
    for delivery in deliveries_in_use(run.settings.paths.home, demands.delivered()):
        known = newest.get(delivery["source"])
        if known is None or delivery["snapshot_date"] > known["snapshot_date"]:
            newest[delivery["source"]] = delivery
    return tuple(
        SourceFreshness(
            source,
            d["delivery_id"],
            d["snapshot_date"],
            held=source in held,
            note=held.get(source, ""),
        )
        for source, d in sorted(newest.items())
    )


def _inputs_hash(settings: config.Settings, in_use: Sequence[dict[str, Any]]) -> str:
    from orchestration.identity.person_key import key_mark
    from orchestration.outreach.deployments import exports_hash

    said = {
        "deliveries": sorted((d["delivery_id"], d["contract_hash"], d["history"]) for d in in_use),
        "settings": hashlib.sha256(settings.source.read_bytes()).hexdigest(),
        "code": transform.code_hash(),
        "exports": exports_hash(settings.paths.home),
        "person_key": key_mark(settings.paths.home),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _write_in_use(con: duckdb.DuckDBPyConnection, in_use: Iterable[dict[str, Any]]) -> None:
    columns = {
        "source": "varchar", "state": "varchar", "delivery_id": "varchar", "snapshot_date": "date",
        "lines_received": "bigint", "rows_accepted": "bigint", "rows_quarantined": "bigint",
        "contract_version": "varchar", "fresh_within_days": "integer",
    }  # fmt: skip
    con.execute(
        "create or replace table config.deliveries_in_use ("
        + ", ".join(f"{name} {kind}" for name, kind in columns.items())
        + ")"
    )
    rows = [[d.get(name) for name in columns] for d in in_use]
    con.executemany(f"insert into config.deliveries_in_use values ({', '.join('?' * len(columns))})", rows)


def _drop_old_builds(build: Path, run: Run, keep: int) -> None:
    # A run may have died before its first report.
    others = [p for p in build.iterdir() if p.is_dir() and not p.is_symlink() and p.name not in SHARED_FOLDERS]
    others = sorted((p for p in others if p != run.folder), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in others[keep:]:
        shutil.rmtree(old, ignore_errors=True)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
