from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.report.labels import Labels
from robocell.report.layout import Layout, layout_of
from robocell.report.ledger import Resting
from robocell.report.plan import Plan
from robocell.report.svg import Markup
from tests.report.catalogue import shipped


@pytest.fixture(scope="module")
def caps() -> Layout:
    loaded = shipped("cap-sorting")
    return layout_of(loaded.cell, loaded.profiles)


@pytest.fixture(scope="module")
def tended() -> Layout:
    loaded = shipped("tended-machine")
    return layout_of(loaded.cell, loaded.profiles)


def test_things_stand_where_the_cell_file_says(caps: Layout, tended: Layout) -> None:
    seats = {spot.name: spot.seats for spot in caps.stations}
    assert seats["pick_stop"] == ((0.0, -0.45),)
    assert seats["good"][0] == (0.3, -0.225)
    assert seats["good"][5] == (0.39, -0.135)  # filled X first
    assert len(seats["reject"]) == 1
    assert [(belt.start, belt.end) for belt in caps.belts] == [((-0.9, -0.45), (0.3, -0.45))]
    assert {arm.name: (arm.reach, round(arm.yaw, 3)) for arm in tended.arms} == {
        "loader": (0.85, 0.0),
        "unloader": (0.85, round(math.pi, 3)),
    }
    assert [machine.outline[0] for machine in tended.machines] == [(-0.25, -0.2)]
    assert [spot.name for spot in caps.stations if spot.final] == ["good", "reject"]


def test_a_cameras_view_is_what_its_sensor_sees_where_the_parts_rest(caps: Layout) -> None:
    """1280 × 960 pixels of 3.75 µm behind 25 mm, 620 mm above the belt: 119 × 89 mm."""
    (view,) = [eye.view for eye in caps.cameras]
    xs, ys = [x for x, _ in view], [y for _, y in view]
    assert max(xs) - min(xs) == pytest.approx(0.620 * 1280 * 3.75e-6 / 0.025, abs=1e-5)
    assert max(ys) - min(ys) == pytest.approx(0.620 * 960 * 3.75e-6 / 0.025, abs=1e-5)


def test_what_no_profile_says_is_left_out() -> None:
    bare = layout_of(shipped("tended-machine").cell, {})
    assert [arm.reach for arm in bare.arms] == [None, None]
    Plan(bare, []).draw()


def test_a_layout_survives_its_file(caps: Layout, tended: Layout) -> None:
    for layout in (caps, tended):
        assert Layout.model_validate_json(layout.model_dump_json()) == layout


def titles(drawing: Markup) -> list[str]:
    root = ElementTree.fromstring(drawing)
    return [title.text or "" for title in root.iter("{http://www.w3.org/2000/svg}title")]


def test_the_plan_tells_what_rests_where(caps: Layout) -> None:
    resting = [Resting(1, "good/0", "good"), Resting(2, "good/7", "unknown"), Resting(3, "reject", "rejected")]
    drawn = titles(Plan(caps, [*resting, Resting(4, "gripper", "")]).draw())
    assert "good, slot 0: workpiece 1, good" in drawn
    assert "good, slot 7: workpiece 2, unknown" in drawn
    assert "good, slot 1: empty" in drawn
    assert "reject: 1 parts" in drawn
    words = ElementTree.fromstring(Plan(caps, [*resting, Resting(4, "gripper", "")]).draw())
    labels = [element.text for element in words.iter("{http://www.w3.org/2000/svg}text")]
    assert {"good 2/24", "reject 1/40", "arm, holds 4", "pick_stop", "infeed", "camera", "at_stop"} <= set(labels)


@given(st.lists(st.tuples(st.floats(0, 1120), st.floats(0, 560)), max_size=14))
def test_labels_never_lie_upon_each_other_and_stay_in_the_picture(anchors: list[tuple[float, float]]) -> None:
    labels = Labels(1120, 560)
    for number, anchor in enumerate(anchors):
        labels.place(f"station_{number}", anchor, clear=5.0)
    boxes = [(at.x - 33, at.y - 7, at.x + 33, at.y + 7) for at in labels.placed]
    for n, a in enumerate(boxes):
        assert min(a) >= 0
        assert a[2] <= 1120
        assert a[3] <= 560
        for b in boxes[:n]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
