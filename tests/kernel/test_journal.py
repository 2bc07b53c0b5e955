from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from pathlib import Path

import pytest

from robocell.clock import Clock
from robocell.errors import JournalError
from robocell.journal import BatchStore, GroupStore, Journal, read_events, read_lines, read_pictures
from robocell.simloop import virtual_loop


class FixedClock(Clock):
    def now(self) -> float:
        return 0.0


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
    assert "".join(read_lines(path)) == "".join(event.line() for event in events)
    assert list(read_pictures(path)) == [(5, b"png")]


@pytest.mark.parametrize("content", [None, b"", b"no database at all, but long enough to be looked at as one" * 10])
def test_a_file_that_is_no_journal_is_told_from_an_empty_one(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(JournalError, match=r"journal\.sqlite"):
        list(read_events(path))
    with pytest.raises(JournalError, match=r"journal\.sqlite"):
        list(read_pictures(path))


def test_a_journal_in_a_folder_with_an_odd_name_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c 100%25" / "journal.sqlite"
    path.parent.mkdir()
    journal = Journal(FixedClock(), BatchStore(path))
    journal.append("count", number=1)
    journal.close()
    assert [event.data for event in read_events(path)] == [{"number": 1}]


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


def test_a_closed_journal_is_one_file_and_reading_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"

    async def main() -> None:
        journal = Journal(Clock(), GroupStore(path))
        journal.append("count", number=1, picture=b"png")
        await journal.durable()
        assert [event.data["number"] for event in read_events(path)] == [1]  # while it is being written
        journal.close()

    asyncio.run(main())
    assert [path.name for path in tmp_path.iterdir()] == ["journal.sqlite"]
    assert len(list(read_events(path))) == len(list(read_pictures(path))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["journal.sqlite"]
