from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from robocell.clock import Clock
from robocell.devices.others import Sighting
from robocell.model.confusion import Confusion, KindConfusion, Verdicts
from robocell.simulated.frames import TrueFrame
from robocell.simulated.truth import TruthTelling
from robocell.vision.frame import Calibration
from robocell.world.boards.flaws import BoardDefect
from robocell.world.protocol import Part, Seen

MEASURED = Confusion(
    good=Verdicts(passed=95, failed=5),
    defective=Verdicts(passed=2, failed=98),
    kinds={
        "open": KindConfusion(planted=200, found=180, told={"open": 135, "mousebite": 45}),
        "short": KindConfusion(planted=50, found=50, told={"short": 50}),
    },
    false_alarms={"copper": 4, "spur": 1},
)
LENS = Calibration((640, 480), 1000.0, (319.5, 239.5), 0.5)


def frame(*kinds: str, occluded: bool = False) -> TrueFrame:
    defects = tuple(BoardDefect(kind, (10, 20, 30, 40), 1e-6, (0.0, 0.0)) for kind in kinds)
    seen = (Seen(Part(1, "board", defects), np.eye(4), occluded),)
    return TrueFrame(np.zeros((0, 0), np.uint8), LENS, 1, 0.0, seen=seen)


def said(confusions: dict[str, Confusion], times: int, *kinds: str) -> list[Sighting]:
    judge = TruthTelling(confusions, Clock(1).stream("verdicts"))
    return [judge.judge("board", frame(*kinds), False) for _ in range(times)]


def test_without_a_measured_confusion_the_truth_is_told() -> None:
    (found,) = said({}, 1, "open", "short")
    assert found.status == "failed"
    assert [(one.kind, one.box) for one in found.findings] == [("open", (10, 20, 30, 40)), ("short", (10, 20, 30, 40))]
    assert said({"another": MEASURED}, 3)[2].status == "passed"


def test_defects_are_missed_and_mistaken_as_often_as_was_measured() -> None:
    found = said({"board": MEASURED}, 4000, "open")
    assert sum(one.status == "passed" for one in found) / 4000 == pytest.approx(0.1, abs=0.02)
    kinds = Counter(finding.kind for one in found for finding in one.findings)
    assert kinds["mousebite"] / 4000 == pytest.approx(45 / 200, abs=0.03)
    assert all(one.status == "failed" for one in said({"board": MEASURED}, 500, "short"))


def test_good_parts_fail_as_often_as_was_measured() -> None:
    found = said({"board": MEASURED}, 4000)
    assert sum(one.status == "failed" for one in found) / 4000 == pytest.approx(0.05, abs=0.012)
    assert {finding.kind for one in found for finding in one.findings} == {"copper", "spur"}


def test_a_kind_that_was_never_measured_is_found() -> None:
    assert all(one.status == "failed" for one in said({"board": MEASURED}, 100, "scratch"))


def test_inconclusive_verdicts_come_as_often_as_was_measured() -> None:
    unsure = MEASURED.model_copy(update={"good": Verdicts(passed=60, inconclusive=40)})
    found = said({"board": unsure}, 3000)
    assert sum(one.status == "inconclusive" for one in found) / 3000 == pytest.approx(40 / 200, abs=0.03)


def test_covered_and_empty_views_are_inconclusive_whatever_was_measured() -> None:
    judge = TruthTelling({"board": MEASURED}, Clock(1).stream("verdicts"))
    empty = TrueFrame(np.zeros((0, 0), np.uint8), LENS, 1, 0.0)
    assert judge.judge("board", frame(occluded=True), False).status == "inconclusive"
    assert judge.judge("board", empty, False).status == "inconclusive"
    assert judge.judge("board", frame("open"), True).pose is not None


def test_confusions_add_up() -> None:
    both = MEASURED.plus(MEASURED)
    assert both.parts == 400
    assert both.kinds["open"].told == {"open": 270, "mousebite": 90}
    assert both.false_alarms == {"copper": 8, "spur": 2}
    assert Confusion().plus(MEASURED) == MEASURED
