from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from robocell.errors import VisionError
from robocell.vision.pair import candidates
from robocell.vision.pair.kinds import CLASSES, KINDS, LEARNT, Forest, learnt_kinds
from robocell.vision.tools.pair import MARGIN, Defects, compare_pair
from tests.data import folder

cv2 = pytest.importorskip("cv2")

from benchmarks.vision.boards import Pair, moved, overlap, pairs, regreyed  # noqa: E402
from benchmarks.vision.detection import score  # noqa: E402
from benchmarks.vision.forest import Growth  # noqa: E402
from benchmarks.vision.learn_kinds import learn, look  # noqa: E402
from tests.vision.boards import draw_board, with_defect  # noqa: E402

pytestmark = pytest.mark.vision


def only(defects: Defects) -> tuple[list[int], str]:
    assert not defects.overflow
    assert len(defects) == 1, defects
    return defects.boxes[0].tolist(), str(defects.kind[0])


def drawn(kind: str) -> Pair:
    """Return a board with one defect, as the pairs of the benchmark are."""
    board = draw_board()
    image, box = with_defect(board, kind)
    boxes = np.array([box]) + [-MARGIN, -MARGIN, MARGIN, MARGIN]
    return Pair(kind, "drawn", board, image, boxes, np.array([KINDS.index(kind)]))


def assert_found(pair: Pair, defects: Defects) -> None:
    box, kind = only(defects)
    assert kind == KINDS[pair.kind[0]]
    assert overlap(np.array([box]), pair.boxes)[0, 0] > 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_and_its_blob_boxed_with_a_margin(kind: str) -> None:
    pair = drawn(kind)
    defects = compare_pair(pair.template, pair.image)
    assert_found(pair, defects)
    assert np.abs(defects.boxes[0] - pair.boxes[0]).max() <= 2
    assert 0.4 < defects.score[0] <= 1.0
    assert not defects.good


def test_a_board_like_its_template_is_good() -> None:
    board = draw_board()
    assert compare_pair(board, board).good
    moved_board = moved(drawn("open"), shift=(5, -4)).template
    assert compare_pair(board, moved_board).good


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "change",
    [
        {"scale": (1.01, 1.01)},
        {"scale": (0.99, 1.01)},
        {"shear": 0.01},
        {"angle": np.deg2rad(1.0)},
        {"angle": np.deg2rad(-1.0)},
        {"shift": (8, -8)},
        {"shift": (-17, 13)},
        {"wave": 1.5},
        {"angle": np.deg2rad(0.7), "scale": (1.006, 0.994), "shift": (-5, 6), "border": cv2.BORDER_CONSTANT, "fill": 225},
    ],
)  # fmt: skip
def test_a_picture_that_lies_otherwise_has_the_same_defects(kind: str, change: dict[str, float]) -> None:
    pair = moved(drawn(kind), **change)  # type: ignore[arg-type]
    assert_found(pair, compare_pair(pair.template, pair.image))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "change", [{"gain": 0.85}, {"offset": 25.0}, {"offset": -30.0}, {"blur": 0.8}, {"noise": 4.0, "blur": 0.5}]
)
def test_light_blur_and_noise_change_nothing(kind: str, change: dict[str, float]) -> None:
    pair = drawn(kind)
    image = regreyed(pair.image, np.random.default_rng(3), **change)  # noqa: TID251
    assert_found(pair, compare_pair(pair.template, image))


@pytest.mark.parametrize("kind", KINDS)
def test_mirrored_and_turned_boards_have_the_same_defects(kind: str) -> None:
    pair = drawn(kind)
    for turn in (np.fliplr, np.flipud, np.transpose, np.rot90):
        template, image = turn(pair.template), turn(pair.image)
        _, found = only(compare_pair(template, image))  # views that are not contiguous, too
        assert found == kind


@pytest.mark.parametrize("kind", KINDS)
def test_copper_may_be_the_bright_side(kind: str) -> None:
    pair = drawn(kind)
    dark, bright = (
        compare_pair(pair.template, pair.image),
        compare_pair(255 - pair.template, 255 - pair.image, copper="bright"),
    )
    assert dark.boxes.tolist() == bright.boxes.tolist()
    assert dark.kind.tolist() == bright.kind.tolist()
    # the wrong side swaps kinds in pairs
    swapped = {"open": "short", "mousebite": "spur", "pinhole": "copper"}
    swapped |= {b: a for a, b in swapped.items()}
    _, wrong = only(compare_pair(pair.template, pair.image, copper="bright"))
    assert wrong == swapped[kind]


def test_several_defects_are_all_found_the_surest_first() -> None:
    board = draw_board()
    image = board
    boxes = []
    for row, kind in enumerate(("spur", "open", "mousebite", "copper")):
        image, box = with_defect(image, kind, row)
        boxes.append(box)
    defects = compare_pair(board, image)
    assert sorted(defects.kind) == ["copper", "mousebite", "open", "spur"]
    assert (np.diff(defects.score) <= 0).all()
    assert (overlap(defects.boxes, np.array(boxes) + [-MARGIN, -MARGIN, MARGIN, MARGIN]).max(axis=1) > 0.5).all()


@pytest.mark.parametrize("size", [(64, 64), (65, 200), (200, 131), (500, 333), (1100, 1300)])
def test_pictures_may_have_any_size(size: tuple[int, int]) -> None:
    board = np.full(size, 220, np.uint8)
    board[12:26] = 20
    board[:, 40:52] = 20
    assert compare_pair(board, board).good
    image = board.copy()
    image[40:50, 20:29] = 20
    box, kind = only(compare_pair(board, image))
    assert kind == "copper"
    assert box == [10, 30, 39, 60]


def test_a_large_picture_may_be_turned() -> None:
    board = np.full((2048, 2448), 220, np.uint8)
    for y in range(40, 2000, 90):
        cv2.line(board, (30, y), (2400, y + (y % 7) * 5), 30, 14)
    for x in range(60, 2400, 210):
        cv2.circle(board, (x, 1000 + (x * 7) % 600 - 300), 20, 30, -1)
    image = board.copy()
    image[1990:2001, 2301:2313] = 30
    pair = Pair("", "", board, image, np.array([[2291, 1980, 2323, 2011]]), np.array([KINDS.index("copper")]))
    pair = moved(pair, angle=np.deg2rad(1.0), shift=(8, -8))
    defects = compare_pair(pair.template, pair.image)
    assert_found(pair, defects)


def test_a_blank_part_of_a_board_can_still_have_copper_on_it() -> None:
    blank = np.full((640, 640), 255, np.uint8)
    image = blank.copy()
    image[300:312, 200:215] = 0
    _, kind = only(compare_pair(blank, image))
    assert kind == "copper"


def test_options_say_what_counts() -> None:
    pair = drawn("copper")
    box, _ = only(compare_pair(pair.template, pair.image, margin=0))
    assert box == (pair.boxes[0] + [MARGIN, MARGIN, -MARGIN, -MARGIN]).tolist()
    assert compare_pair(pair.template, pair.image, least_area=91).good
    assert len(compare_pair(pair.template, pair.image, least_area=90)) == 1
    assert compare_pair(pair.template, pair.image, least_score=1.0).overflow is False
    for wrong in ({"least_score": 1.5}, {"least_area": -1}, {"margin": -1}, {"copper": "green"}):
        with pytest.raises(ValueError, match=r"least_score|copper"):
            compare_pair(pair.template, pair.image, **wrong)


BOARD = draw_board()


@pytest.mark.parametrize(
    ("template", "image", "said"),
    [
        (BOARD, BOARD[:-1], "one size"),
        (BOARD[:0], BOARD[:0], "0 pixels"),
        (BOARD[:40], BOARD[:40], "64"),
        (BOARD, BOARD.astype(np.float32), "float32"),
        (BOARD, np.full(BOARD.shape, np.nan), "float64"),
        (BOARD, BOARD.astype(np.uint16), "uint16"),
        (BOARD, np.dstack([BOARD] * 3), "grey"),
        (BOARD, None, "grey"),
        (BOARD, np.zeros_like(BOARD), "no copper"),
        (BOARD, np.full_like(BOARD, 255), "no copper"),
        (BOARD, np.full_like(BOARD, 128), "no copper"),
        (np.zeros_like(BOARD), np.zeros_like(BOARD), "no copper"),
        (BOARD, (BOARD // 16).astype(np.uint8), "no copper"),
    ],
)
def test_pictures_that_cannot_be_judged_are_errors(template: object, image: object, said: str) -> None:
    with pytest.raises(VisionError, match=said):
        compare_pair(template, image)  # type: ignore[arg-type]


def unlike() -> list[np.ndarray]:
    rng = np.random.default_rng(5)  # noqa: TID251
    salt = BOARD.copy()
    salt[rng.random(BOARD.shape) < 0.05] ^= 255
    half = BOARD.copy()
    half[160:] = 0
    specks = BOARD.copy()
    specks[3::12, 3::12] = specks[4::12, 3::12] = specks[3::12, 4::12] = 30
    return [255 - BOARD, np.ascontiguousarray(BOARD[::-1, ::-1]), salt, half, specks,
            rng.integers(0, 256, BOARD.shape, dtype=np.uint8)]  # fmt: skip


@pytest.mark.parametrize("image", unlike())
def test_too_much_that_differs_is_an_overflow_with_a_reason_and_never_good(image: np.ndarray) -> None:
    defects = compare_pair(BOARD, image)
    assert defects.overflow
    assert "differ" in defects.reason
    assert not defects.good
    assert len(defects) == len(defects.kind) == len(defects.score) > 0
    assert set(defects.kind) <= {"copper", "pinhole"}


def test_a_template_of_nothing_but_copper_and_a_picture_of_another_board_overflow() -> None:
    defects = compare_pair(np.zeros_like(BOARD), BOARD)
    assert defects.overflow


def test_work_is_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = drawn("spur")
    monkeypatch.setattr(candidates, "_WINDOWS", 0)
    monkeypatch.setattr(candidates, "_WINDOWS_FIXED", 10)
    defects = compare_pair(pair.template, pair.image)
    assert defects.overflow
    assert "too many" in defects.reason
    assert defects.kind.tolist() == ["copper"]


def test_inputs_are_left_as_they_are_and_answers_repeat() -> None:
    pair = drawn("open")
    before = pair.template.copy(), pair.image.copy()
    first = compare_pair(pair.template, pair.image)
    compare_pair(BOARD, unlike()[1])
    second = compare_pair(pair.template, pair.image)
    assert np.array_equal(pair.template, before[0])
    assert np.array_equal(pair.image, before[1])
    assert first.boxes.tolist() == second.boxes.tolist()
    assert first.score.tolist() == second.score.tolist()


def test_the_learnt_forest_says_what_it_was_learnt_on_and_survives_its_file(tmp_path_factory: pytest.TempPathFactory) -> None:  # fmt: skip
    forest = learnt_kinds()
    assert "DeepPCB" in forest.learnt
    assert forest.share.shape[1] == len(CLASSES)
    np.testing.assert_allclose(forest.share.sum(axis=1), 1.0, rtol=1e-5)
    assert LEARNT.stat().st_size < 200_000
    path = tmp_path_factory.mktemp("forest") / "kinds.npz"
    forest.save(path)
    rows = np.random.default_rng(1).random((20, 44)) * 20  # noqa: TID251
    np.testing.assert_allclose(Forest.load(path).vote(rows), forest.vote(rows), atol=1e-3)
    dataclasses.replace(forest, share=forest.share[:, :3]).save(path)
    with pytest.raises(VisionError, match="other descriptions"):
        Forest.load(path)
    path.write_bytes(b"no forest")
    with pytest.raises(VisionError, match="no forest"):
        Forest.load(path)


def test_real_boards_are_judged_by_a_forest_that_has_not_seen_them() -> None:
    loaded = list(pairs(folder("deeppcb"), every=5))
    held = "group20085"
    seen = [look(pair, "plain") for pair in loaded if pair.group != held]
    forest = learn([s for s in seen if s is not None], Growth(trees=12))
    judged = [s.found(forest, 0.5) for pair in loaded if pair.group == held and (s := look(pair, "plain")) is not None]
    scores = score(judged)
    assert sum(len(j.drawn) for j in judged) > 40
    assert scores.place.recall >= 0.97
    assert scores.kind.f >= 0.95


def test_real_boards_have_the_defects_that_were_drawn() -> None:
    right = drawn_there = false = 0
    for pair in pairs(folder("deeppcb"), every=11):
        defects = compare_pair(pair.template, pair.image)
        shares = overlap(defects.boxes, pair.boxes) > 0.33
        same = defects.kind[:, None] == np.array(KINDS)[pair.kind][None, :]
        right += int((shares & same).any(axis=0).sum())
        false += int((~shares.any(axis=1)).sum())
        drawn_there += len(pair.boxes)
        assert compare_pair(pair.template, pair.template).good
    assert right >= 0.98 * drawn_there
    assert false <= 0.03 * drawn_there
