from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from robocell.errors import JournalError, RecordError
from robocell.journal import BatchStore
from robocell.report import svg
from robocell.report.layout import Layout, layout_of
from robocell.report.pictures import BUDGET, thumbnails
from robocell.report.record import Record, begin_record, load_record, write_record
from robocell.report.result import RunFacts
from robocell.report.summary import summarise
from tests.report.catalogue import shipped
from tests.report.plausible import PlausibleRun, png


@pytest.fixture(scope="module")
def layout() -> Layout:
    loaded = shipped("cap-sorting")
    return layout_of(loaded.cell, loaded.profiles)


def written(folder: Path, facts: RunFacts, layout: Layout, parts: int = 60) -> Record:
    run = PlausibleRun(parts, seed=4)
    store = BatchStore(begin_record(folder))
    events = []
    for event in run:
        events.append(event)
    for event in events:
        store.put(event.seq, event.line(), run.pictures.get(event.seq, b""))
    store.close()
    log = "".join(f"{event.line()}\n" for event in events)
    digest = hashlib.sha256(log.encode()).hexdigest()
    return write_record(folder, summarise(events, facts.model_copy(update={"log_sha256": digest})), layout)


def test_a_record_is_read_as_it_was_written(tmp_path: Path, facts: RunFacts, layout: Layout) -> None:
    record = written(tmp_path, facts, layout)
    again = load_record(tmp_path)
    assert (again.result, again.layout) == (record.result, record.layout)
    assert list(again.events()) == list(PlausibleRun(60, seed=4))
    assert len(list(again.pictures())) == record.result.parts.rejected
    again.verify()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "events.jsonl",
        "journal.sqlite",
        "layout.json",
        "report.html",
        "result.json",
    ]


def test_the_same_run_writes_the_same_files(tmp_path: Path, facts: RunFacts, layout: Layout) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, facts, layout)
    for name in ("events.jsonl", "layout.json", "report.html", "result.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_log_that_was_changed_is_noticed(tmp_path: Path, facts: RunFacts, layout: Layout) -> None:
    record = written(tmp_path, facts, layout, parts=3)
    path = tmp_path / "events.jsonl"
    path.write_bytes(path.read_bytes().replace(b"good", b"Good", 1))
    with pytest.raises(RecordError, match="not the log of this run"):
        record.verify()


def test_a_folder_without_a_record_says_so(tmp_path: Path, facts: RunFacts, layout: Layout) -> None:
    with pytest.raises(RecordError, match=r"result\.json cannot be read.*--out"):
        load_record(tmp_path)
    with pytest.raises(JournalError, match=r"no journal\.sqlite"):
        write_record(tmp_path, summarise(PlausibleRun(1), facts), layout)
    assert not (tmp_path / "result.json").exists()  # its presence means a whole record


def test_a_run_begins_by_taking_away_the_record_of_the_one_before(
    tmp_path: Path, facts: RunFacts, layout: Layout
) -> None:
    folder = tmp_path / "runs" / "today"
    written(folder, facts, layout, parts=3)
    (folder / "notes.txt").write_text("mine")
    assert begin_record(folder) == folder / "journal.sqlite"
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    with pytest.raises(RecordError, match="cannot be used"):
        begin_record(folder / "notes.txt")


def test_a_result_of_another_version_is_refused_with_the_key(tmp_path: Path, facts: RunFacts, layout: Layout) -> None:
    written(tmp_path, facts, layout, parts=3)
    path = tmp_path / "result.json"
    path.write_text(path.read_text("utf-8").replace('"parts"', '"pieces"'), "utf-8")
    with pytest.raises(RecordError, match="parts: Field required"):
        load_record(tmp_path)


class Checker(HTMLParser):
    """Collects what a browser would fetch, and complains about tags that are not closed in order."""

    VOID = ("meta", "br", "img", "input", "rect", "line", "circle", "polygon", "polyline", "path")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.fetched: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.fetched += [value or "" for key, value in attrs if key in ("src", "href", "xlink:href", "data")]
        if tag not in self.VOID or (self.open and self.open[-1] == "g"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag and tag in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID and (not self.open or self.open[-1] != tag):
            return
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_is_whole_opens_offline_and_escapes_what_came_from_outside(
    tmp_path: Path, facts: RunFacts, layout: Layout
) -> None:
    hostile = layout.model_copy(update={"description": "<script>alert('x')</script> & \x00"})
    text = written(tmp_path, facts, hostile).report.read_text("utf-8")
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    assert "script" not in checker.seen
    assert "jam" not in checker.seen  # "<jam>" is the detail of a fault
    assert any("<script>alert('x')</script> &" in words for words in checker.words)
    assert checker.fetched
    assert all(value.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")) for value in checker.fetched)
    assert "url(" not in text
    assert "@import" not in text
    assert "\x00" not in text
    assert svg.text('<a href="\ud800">\x1b&\n') == "&lt;a href=&quot;?&quot;&gt;\ufffd&amp;\n"


def test_every_drawing_of_the_page_is_well_formed(tmp_path: Path, facts: RunFacts, layout: Layout) -> None:
    text = written(tmp_path, facts, layout).report.read_text("utf-8")
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) >= 6
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        width, height = map(float, root.attrib["viewBox"].split()[2:])
        for element in root.iter("{http://www.w3.org/2000/svg}rect"):
            x, y, wide, high = (float(element.attrib[key]) for key in ("x", "y", "width", "height"))
            assert wide >= 0.0
            assert high >= 0.0
            assert x >= -1.0
            assert y >= -1.0
            assert x + wide <= width + 1.0
            assert y + high <= height + 1.0


def test_the_page_says_how_the_run_went(tmp_path: Path, facts: RunFacts, layout: Layout) -> None:
    checker = Checker()
    checker.feed(written(tmp_path, facts, layout).report.read_text("utf-8"))
    words = " ".join(checker.words).replace("\u202f", " ")
    for expected in (
        "Order complete",
        "60 parts finished",
        "5 rejected, 1 scrapped",
        "ADET, actual delay time",
        "jam-on-infeed",
        "The belt jams & a person must look",
        "<jam>",
        'scratch 1.2 mm² <&> "deep"',
        "free the belt",
        "infeed.jammed",
        facts.cell_sha256,
    ):
        assert expected in words


def test_a_run_that_did_nothing_has_a_page(tmp_path: Path, facts: RunFacts, layout: Layout) -> None:
    words = written(tmp_path, facts, layout, parts=0).report.read_text("utf-8")
    for expected in ("No part was finished", "Nothing out of the ordinary", "Every verdict was passed"):
        assert expected in words


def test_the_page_does_not_grow_with_the_run(tmp_path: Path, facts: RunFacts, layout: Layout) -> None:
    sizes = []
    for parts in (1500, 3000):
        folder = tmp_path / str(parts)
        folder.mkdir()
        sizes.append(written(folder, facts, layout, parts).report.stat().st_size)
    assert sizes[1] < 1.2 * sizes[0]
    assert sizes[1] < 2_600_000  # beside it, pictures take at most 3.2 MB


def test_pictures_stay_within_the_pages_budget_and_the_latest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robocell.report.pictures._reduced", lambda data: ("image/png", data))
    large = [(seq, bytes(BUDGET // 4)) for seq in range(1, 8)]
    kept = thumbnails(iter(large), range(2, 8))
    assert list(kept) == [4, 5, 6, 7]


@pytest.mark.vision
def test_pictures_are_reduced_where_opencv_is_installed() -> None:
    pytest.importorskip("cv2")
    ((media, data),) = thumbnails([(1, png(1280, 960))], [1]).values()
    assert media == "image/jpeg"
    assert len(data) < 20_000


def test_a_picture_that_is_none_is_passed_on_rather_than_lost() -> None:
    assert thumbnails([(1, b"no picture")], [1]) == {1: ("image/png", b"no picture")}
