"""The orchestrator's SQLite event log, with its connections kept open.

The stock one makes an engine and a connection for every event and folds the write-ahead log back
each time it closes one; with some 2,400 events that was half of a small refresh (measured
2026-11-23: 51 of 129 s on a busy machine). Belongs here: how connections are kept, and letting a run's file go.
Does not belong here: what is stored.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine, event

# The index and the runs last looked at; a webserver shows few at a time.
KEPT = 8


class KeptOpenEventLog(SqliteEventLogStorage):
    """As the stock storage, file for file; only the connections live longer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(*args, **kwargs)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> KeptOpenEventLog:
        """Make one from the settings in ``dagster.yaml``."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            event.listen(engine, "connect", _do_not_wait_for_the_disk)
            self._engines[shard] = engine
            while len(self._engines) > KEPT:
                self._engines.popitem(last=False)[1].dispose()
        self._engines.move_to_end(shard)
        return self._engines[shard]

    def forget_run(self, run_id: str) -> None:
        """Remove a run's own file; its events must have been deleted before."""
        with self._db_lock:
            if engine := self._engines.pop(run_id, None):
                engine.dispose()
            self._initialized_dbs.discard(run_id)
            for suffix in ("", "-wal", "-shm"):
                Path(self._base_dir, f"{run_id}.db{suffix}").unlink(missing_ok=True)

    def dispose(self) -> None:
        """Close every connection."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    # With a write-ahead log NORMAL cannot corrupt the file. A power cut may lose the last events,
    # never a release or a delivery: those are not kept here.
    connection.execute("pragma synchronous = normal")
