"""The journal: every event of a run, append-only, in one SQLite file.

An event is written as one canonical line of JSON (sorted keys, no white space, no wall time, no path); the SHA-256 over
the lines is the run's `log_sha256`. State is a fold over events: whoever needs it subscribes.

A store is either `BatchStore` (virtual time: no threads, a batch in one transaction) or `GroupStore` (real time: one
writer thread, everything that waits at that moment shares a commit, acknowledged means durable).
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson

from robocell.clock import Clock
from robocell.errors import JournalError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, line TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pictures (seq INTEGER PRIMARY KEY, png BLOB NOT NULL);
"""


TOGETHER = 256
"""Lines that are digested at once: a hash's own start costs more than a line."""
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


class Event(NamedTuple):
    """One thing that happened.

    Attributes:
        seq: counts from 1 without a gap.
        t: seconds of the run's clock, rounded to a microsecond.
        kind: "state", "op.begin", "grant", …: see `control.events`.
        data: JSON values only.

    """

    seq: int
    t: float
    kind: str
    data: dict[str, Any]

    def line(self) -> str:
        """Return the canonical text of the event."""
        return _encoded(self.seq, self.t, self.kind, self.data)[:-1].decode()


def _encoded(seq: int, t: float, kind: str, data: dict[str, Any]) -> bytes:
    """Return an event's canonical text as it is digested: UTF-8, a newline at its end."""
    return orjson.dumps({"seq": seq, "t": t, "kind": kind, **data}, option=_CANONICAL)


class Store(Protocol):
    """Where lines go."""

    def put(self, seq: int, line: str, picture: bytes) -> None:
        """Take a line (and its picture, b"" for none); returns before it is durable.

        Raises:
            JournalError: an earlier write failed.

        """

    async def durable(self, seq: int) -> None:
        """Return as soon as every line up to `seq` would survive a power cut.

        Raises:
            JournalError: the write failed.

        """

    def close(self) -> None:
        """Write what is left and let go of the file.

        Raises:
            JournalError: the write failed.

        """


class Journal:
    """Append-only record of a run.

    Args:
        clock: stamps the events.
        store: where the lines go; None keeps only the digest (and what subscribers fold).

    """

    def __init__(self, clock: Clock, store: Store | None = None) -> None:
        self.last = 0
        self._clock = clock
        self._store = store
        self._digest = hashlib.sha256()
        self._undigested: list[bytes] = []
        self._readers: list[tuple[Callable[[Event], None], frozenset[str] | None]] = []
        self._told: dict[str, tuple[Callable[[Event], None], ...]] = {}  # who reads a kind; kinds are few
        self._now = self._stamp = 0.0  # many events share a moment: it is rounded once

    def subscribe(self, reader: Callable[[Event], None], kinds: Iterable[str] | None = None) -> None:
        """Call `reader(event)` for every event of some kinds from now on, in order; None: of all kinds."""
        self._readers.append((reader, None if kinds is None else frozenset(kinds)))
        self._told.clear()

    def _readers_of(self, kind: str) -> tuple[Callable[[Event], None], ...]:
        found = tuple(reader for reader, kinds in self._readers if kinds is None or kind in kinds)
        self._told[kind] = found
        return found

    def append(self, kind: str, /, *, picture: bytes = b"", **data: Any) -> None:
        """Write an event; `picture` (PNG) is kept beside the log and is no part of its digest.

        Raises:
            JournalError: the record cannot be written; no new command may be given.

        """
        self.last += 1
        now = self._clock.now()
        if now != self._now:
            self._now, self._stamp = now, round(now, 6)
        encoded = _encoded(self.last, self._stamp, kind, data)
        self._undigested.append(encoded)
        if len(self._undigested) >= TOGETHER:
            self._digest_all()
        if self._store is not None:
            self._store.put(self.last, encoded[:-1].decode(), picture)
        readers = self._told.get(kind)
        if readers is None:
            readers = self._readers_of(kind)
        if readers:
            event = Event(self.last, self._stamp, kind, data)
            for reader in readers:
                reader(event)

    async def durable(self) -> None:
        """Return as soon as everything appended so far is durable (see `Store.durable`)."""
        if self._store is not None:
            await self._store.durable(self.last)

    @property
    def sha256(self) -> str:
        """The digest of the canonical log so far."""
        self._digest_all()
        return self._digest.hexdigest()

    def _digest_all(self) -> None:
        self._digest.update(b"".join(self._undigested))
        self._undigested.clear()

    def close(self) -> None:
        """Write what is left."""
        if self._store is not None:
            self._store.close()


def _connect(path: Path, *, shared: bool = False) -> sqlite3.Connection:
    try:
        base = sqlite3.connect(path, isolation_level=None, check_same_thread=not shared)
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA synchronous=FULL")
        base.executescript(_SCHEMA)
    except sqlite3.Error as error:
        raise JournalError(f"cannot open the journal: {error}") from error
    return base


Row = tuple[int, str, bytes]


def _write(base: sqlite3.Connection, rows: list[Row]) -> None:
    base.execute("BEGIN")
    base.executemany("INSERT INTO events VALUES (?, ?)", [(seq, line) for seq, line, _ in rows])
    base.executemany("INSERT INTO pictures VALUES (?, ?)", [(seq, png) for seq, _, png in rows if png])
    base.execute("COMMIT")


def _release(base: sqlite3.Connection) -> None:
    """Close a finished journal as one plain file, which is then read without writing anything beside it."""
    try:
        base.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError:
        pass  # somebody is reading it: it stays as it is
    base.close()


class BatchStore:
    """A store for virtual time: a transaction for every `batch` events, in the loop's own thread."""

    def __init__(self, path: Path, batch: int = 1000) -> None:
        self._base = _connect(path)
        self._batch = batch
        self._rows: list[Row] = []

    def put(self, seq: int, line: str, picture: bytes) -> None:
        """See `Store.put`."""
        self._rows.append((seq, line, picture))
        if len(self._rows) >= self._batch:
            self._flush()

    async def durable(self, seq: int) -> None:
        """Return at once: a simulated run that is killed is simply run again."""

    def close(self) -> None:
        """See `Store.close`."""
        self._flush()
        _release(self._base)

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        try:
            _write(self._base, rows)
        except sqlite3.Error as error:
            raise JournalError(f"cannot write the journal: {error}") from error


class GroupStore:
    """A store for real time: one writer thread; whatever waits at that moment shares a commit.

    Must be made inside a running loop, which is told when lines are durable.
    """

    def __init__(self, path: Path, limit: int = 100_000) -> None:
        self._base = _connect(path, shared=True)
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._rows: list[Row] = []
        self._written = 0
        self._failure: JournalError | None = None
        self._closing = False
        self._turn = threading.Condition()
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._thread = threading.Thread(target=self._work, name="journal writer")
        self._thread.start()

    def put(self, seq: int, line: str, picture: bytes) -> None:
        """See `Store.put`."""
        with self._turn:
            if self._failure is not None:
                raise self._failure
            if len(self._rows) >= self._limit:
                raise JournalError(f"the disk is too slow: {self._limit} events wait to be written")
            self._rows.append((seq, line, picture))
            self._turn.notify()

    async def durable(self, seq: int) -> None:
        """See `Store.durable`."""
        with self._turn:
            if self._failure is not None:
                raise self._failure
            if seq <= self._written:
                return
            waiter = self._loop.create_future()
            self._waiters.append((seq, waiter))
        await waiter

    def close(self) -> None:
        """See `Store.close`."""
        with self._turn:
            self._closing = True
            self._turn.notify()
        self._thread.join()
        _release(self._base)
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        while True:
            with self._turn:
                while not self._rows and not self._closing:
                    self._turn.wait()
                rows, self._rows = self._rows, []
                if not rows:
                    return
            failure: JournalError | None = None
            try:
                _write(self._base, rows)
            except sqlite3.Error as error:
                failure = JournalError(f"cannot write the journal: {error}")
            with self._turn:
                if failure is None:
                    self._written = rows[-1][0]
                else:
                    self._failure = failure
                if not self._loop.is_closed():
                    self._loop.call_soon_threadsafe(self._acknowledge)
                if failure is not None:
                    return

    def _acknowledge(self) -> None:
        with self._turn:
            written, failure = self._written, self._failure
        waiting, self._waiters = self._waiters, []
        for seq, waiter in waiting:
            if waiter.done():
                continue
            if failure is not None:
                waiter.set_exception(failure)
            elif seq <= written:
                waiter.set_result(None)
            else:
                self._waiters.append((seq, waiter))


def read_lines(path: Path) -> Iterator[str]:
    """Yield the canonical lines of a journal file in order, as they were written.

    Raises:
        JournalError: the file is missing or no journal.

    """
    for (line,) in _rows(path, "SELECT line FROM events ORDER BY seq"):
        yield line


def read_events(path: Path) -> Iterator[Event]:
    """Yield the events of a journal file in order.

    Raises:
        JournalError: the file is missing or no journal.

    """
    for line in read_lines(path):
        try:
            data = orjson.loads(line)
            event = Event(data.pop("seq"), data.pop("t"), data.pop("kind"), data)
        except (orjson.JSONDecodeError, KeyError) as error:
            raise JournalError(f"{path.name} is no journal: {error}") from error
        yield event


def read_pictures(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the pictures (PNG) of a journal file, each with the number of its event, in order.

    Raises:
        JournalError: the file is missing or no journal.

    """
    yield from _rows(path, "SELECT seq, png FROM pictures ORDER BY seq")


def _rows(path: Path, query: str) -> Iterator[Any]:
    if not path.is_file():
        raise JournalError(f"there is no {path.name} in {path.parent}")
    try:
        base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            yield from base.execute(query)
        finally:
            base.close()
    except sqlite3.Error as error:
        raise JournalError(f"{path.name} is no journal: {error}") from error
