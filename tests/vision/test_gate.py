from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.vision.frame import Calibration, Frame
from robocell.vision.gate import FrameGate

CAMERA = Calibration((4, 3), 100.0, (1.5, 1.0), 0.5)


def frame(number: int = 1, exposed_at: float = 10.0, complete: bool = True) -> Frame:
    return Frame(np.zeros((3, 4), np.uint8), CAMERA, number, exposed_at, complete)


def test_a_fresh_frame_of_the_command_may_be_judged() -> None:
    gate = FrameGate(0.5)
    assert gate.refusal(frame(1, 10.0), 10.0, 10.03) == ""
    assert gate.refusal(frame(2, 11.0), 11.0, 11.5) == ""


@pytest.mark.parametrize(
    ("bad", "commanded", "now", "why"),
    [
        (frame(5, 9.99), 10.0, 10.03, "frame 5 was exposed 0.010 s before the command"),
        (frame(5, 10.0), 10.0, 10.51, "frame 5 is stale: 0.510 s old, 0.5 s are allowed"),
        (frame(5, 10.2), 10.0, 10.1, "frame 5 says that it is exposed 0.100 s from now"),
        (frame(5, 10.0, False), 10.0, 10.03, "frame 5 is incomplete"),
        (frame(4, 10.0), 10.0, 10.03, "frame 4 is repeated"),
        (frame(3, 10.0), 10.0, 10.03, "frame 3 comes after frame 4"),
        (frame(5, math.nan), 10.0, 10.03, "frame 5 was exposed nan s before the command"),
        (frame(5, math.inf), 10.0, 10.03, "frame 5 says that it is exposed inf s from now"),
    ],
)
def test_a_frame_is_refused_that(bad: Frame, commanded: float, now: float, why: str) -> None:
    gate = FrameGate(0.5)
    assert gate.refusal(frame(4, 9.0), 9.0, 9.1) == ""
    assert gate.refusal(bad, commanded, now) == why


def test_a_refused_frame_counts_as_seen() -> None:
    gate = FrameGate(0.5)
    assert gate.refusal(frame(1, 10.0, complete=False), 10.0, 10.1)
    assert gate.refusal(frame(1, 10.2), 10.2, 10.3) == "frame 1 is repeated"
    gate.forget()
    assert gate.refusal(frame(1, 10.2), 10.2, 10.3) == ""


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 3), st.booleans(), st.floats(0, 3), st.floats(0, 3)), max_size=9)
)
def test_what_passes_is_complete_new_and_between_command_and_now(
    comes: list[tuple[int, float, bool, float, float]],
) -> None:
    gate = FrameGate(0.5)
    seen: set[int] = set()
    for number, taken, complete, commanded, now in comes:
        if gate.refusal(frame(number, taken, complete), commanded, now) == "":
            assert complete
            assert number not in seen
            assert commanded <= taken <= now <= taken + 0.5
        seen.add(number)


@pytest.mark.parametrize("age", [0.0, -1.0, math.nan, math.inf])
def test_an_age_that_lets_everything_or_nothing_pass_is_refused(age: float) -> None:
    with pytest.raises(ValueError, match="greatest age"):
        FrameGate(age)
