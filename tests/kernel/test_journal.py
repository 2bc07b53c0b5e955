from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from pathlib import Path

import pytest

from robocell.clock import Clock
from robocell.errors import JournalError
from robocell.journal import BatchStore, GroupStore, Journal, read_events, read_pictures
from robocell.simloop import virtual_loop


def test_the_digest_is_that_of_the_lines_and_pictures_stay_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"

    async def main() -> str:
        clock = Clock()
        journal = Journal(clock, BatchStore(path, batch=3))
        for number in range(10):
            journal.append("count", number=number, picture=b"png" if number == 4 else b"")
            await clock.sleep(0.1)
        journal.close()
        return journal.sha256

    digest = virtual_loop().run(main())
    events = list(read_events(path))
    assert [event.data["number"] for event in events] == list(range(10))
    assert hashlib.sha256("".join(f"{event.line()}\n" for event in events).encode()).hexdigest() == digest
    assert read_pictures(path) == {5: b"png"}


def test_acknowledged_means_committed(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"

    async def main() -> None:
        journal = Journal(Clock(), GroupStore(path))
        for number in range(20):
            journal.append("count", number=number)
            await journal.durable()
            other = sqlite3.connect(path)
            assert other.execute("SELECT count(*) FROM events").fetchone() == (number + 1,)
            other.close()
        journal.close()

    asyncio.run(main())


def test_waiting_commands_share_commits_and_all_are_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"

    async def main() -> None:
        journal = Journal(Clock(), GroupStore(path))

        async def command(number: int) -> None:
            journal.append("count", number=number)
            await journal.durable()

        await asyncio.gather(*[command(number) for number in range(200)])
        journal.close()

    asyncio.run(main())
    assert len(list(read_events(path))) == 200


def test_after_a_failed_write_no_command_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"

    async def main() -> None:
        journal = Journal(Clock(), GroupStore(path))
        journal.append("first")
        await journal.durable()
        spoiler = sqlite3.connect(path)
        spoiler.execute("DROP TABLE events")
        spoiler.close()
        journal.append("second")
        with pytest.raises(JournalError, match="cannot write"):
            await journal.durable()
        with pytest.raises(JournalError, match="cannot write"):
            journal.append("third")
        with pytest.raises(JournalError, match="cannot write"):
            journal.close()

    asyncio.run(main())
