from __future__ import annotations

import numpy as np
import pytest

from robocell.clock import Clock
from robocell.world.faces import draw_face, grown
from robocell.world.spec import DriftSpec
from robocell.world.wear import Wear


def wear(**more: float) -> Wear:
    return Wear(DriftSpec("cap", 1e-6, **more), Clock(1).stream("sizes/0"))  # type: ignore[arg-type]


def test_parts_grow_from_the_part_after_the_last_fresh_one_on_and_begin_anew_with_a_new_tool() -> None:
    worn = wear(after=2)
    assert [worn.next("cap") for _ in range(4)] == pytest.approx([0.0, 0.0, 1e-6, 2e-6])
    assert worn.next("lid") == 0.0
    worn.renew()
    assert [worn.next("cap") for _ in range(3)] == pytest.approx([0.0, 0.0, 1e-6])


def test_scatter_is_about_the_drift() -> None:
    worn = wear(sd=5e-6)
    off = np.array([worn.next("cap") - k * 1e-6 for k in range(1, 401)])
    assert abs(off.mean()) < 1e-6
    assert 4e-6 < off.std() < 6e-6


def test_without_a_drift_every_part_is_nominal() -> None:
    assert Wear(None, Clock(1).stream("sizes/0")).next("cap") == 0.0


@pytest.mark.parametrize("by", [-0.5e-3, -1e-6, 1e-6, 0.1e-3, 3e-3])
def test_a_grown_face_covers_the_grown_disc_and_is_else_the_same(by: float) -> None:
    face = draw_face("machined-cap", 60e-3)
    larger = grown(face, by)
    area = larger.mask.sum() / 255 * face.scale**2
    assert area == pytest.approx(np.pi / 4 * (60e-3 + by) ** 2, rel=2e-5)
    more = (len(larger.pixels) - len(face.pixels)) // 2
    inner = larger.pixels[more:-more, more:-more] if more else larger.pixels
    assert np.array_equal(inner, face.pixels)
    assert larger.mask[0].max() == larger.mask[:, -1].max() == 0
    assert larger.holes == face.holes


def test_what_cannot_grow_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot grow"):
        grown(draw_face("blank", (60e-3, 40e-3)), 1e-4)
    with pytest.raises(ValueError, match="cannot grow"):
        grown(draw_face("machined-cap", 10e-3), -10e-3)
