"""The record of a run on disk: written once at its end, read by reports, dashboards and tests.

============== =========================================================================================
file           what it holds
============== =========================================================================================
journal.sqlite every event and the pictures of rejects, written while the run goes on (`robocell.journal`)
events.jsonl   the same events as canonical lines; their SHA-256 is `log_sha256`
layout.json    where the cell's things stand, for the report's plan
report.html    one page for people that opens offline
truth.jsonl    in simulation: each part's defects, and the frames that show it
result.json    `Result`; written last, so that its presence means a whole record
============== =========================================================================================
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from robocell.errors import RecordError
from robocell.journal import Event, read_events, read_lines, read_pictures
from robocell.report.layout import Layout
from robocell.report.result import Result

JOURNAL, EVENTS, LAYOUT, REPORT, RESULT, TRUTH = (
    "journal.sqlite",
    "events.jsonl",
    "layout.json",
    "report.html",
    "result.json",
    "truth.jsonl",
)

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Record:
    """A run's record.

    Attributes:
        folder: where it is.
        result: what the run came to.
        layout: the cell from above.

    """

    folder: Path
    result: Result
    layout: Layout

    def events(self) -> Iterator[Event]:
        """Yield the events in order.

        Raises:
            JournalError: the journal is missing or no journal.

        """
        return read_events(self.folder / JOURNAL)

    def pictures(self) -> Iterator[tuple[int, bytes]]:
        """Yield the pictures (PNG), each with the number of its verdict's event, in order.

        Raises:
            JournalError: the journal is missing or no journal.

        """
        return read_pictures(self.folder / JOURNAL)

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.folder / REPORT

    def verify(self) -> None:
        """Compare the canonical log with the digest in the result.

        Raises:
            RecordError: the log is missing or was changed.

        """
        path = self.folder / EVENTS
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise RecordError(f"{path.name} cannot be read: {error.strerror}") from error
        if digest != self.result.log_sha256:
            raise RecordError(f"{path.name} is not the log of this run: its SHA-256 is {digest}")


def begin_record(folder: Path) -> Path:
    """Make the folder of a record, take away the record of an earlier run in it, and return where the journal goes.

    Raises:
        RecordError: the folder cannot be used.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (RESULT, REPORT, LAYOUT, EVENTS, TRUTH, JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm"):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise RecordError(f"the record's folder {folder} cannot be used: {error.strerror}") from error
    return folder / JOURNAL


def write_record(folder: Path, result: Result, layout: Layout) -> Record:
    """Write a run's record beside its closed journal, which `folder` holds already.

    Raises:
        JournalError: the folder has no journal.
        RecordError: the folder cannot be written.

    """
    from robocell.report.page import write_page

    record = Record(folder, result, layout)
    try:
        with (folder / EVENTS).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in read_lines(folder / JOURNAL))
        (folder / LAYOUT).write_text(layout.model_dump_json(indent=1) + "\n", encoding="utf-8")
        write_page(record)
        (folder / RESULT).write_text(result.to_json(), encoding="utf-8")
    except OSError as error:
        raise RecordError(f"the record cannot be written: {error.strerror}") from error
    return record


def load_record(folder: Path) -> Record:
    """Read a run's record; the journal is read when its events are asked for.

    Raises:
        RecordError: the folder has no whole record.

    """
    return Record(folder, _read(folder / RESULT, Result), _read(folder / LAYOUT, Layout))


def _read(path: Path, model: type[T]) -> T:
    try:
        return model.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror}; a run with --out writes it") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise RecordError(f"{path} is not of this version: {where + ': ' if where else ''}{first['msg']}") from error
