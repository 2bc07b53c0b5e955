"""The profile's limits hold along everything that an arm executes in a whole run, densely resampled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from robocell.motion import Arm, Segment, Trajectory, interpolate
from robocell.simulated import arm as simulated
from tests.control.playing import play

STEP = 1e-3
OVERSHOOT = 1.001


@pytest.mark.parametrize("cell", ["cap-sorting", "tended-machine"])
def test_joint_and_tool_limits_hold_along_every_move(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[tuple[Arm, Trajectory]] = []

    def kept(model: Arm, start: Sequence[float], segments: Sequence[Segment]) -> Trajectory:
        trajectory = interpolate(model, start, segments)
        run.append((model, trajectory))
        return trajectory

    monkeypatch.setattr(simulated, "predicted", kept)
    play(cell, 8)
    assert len(run) >= 10
    for model, trajectory in run:
        limits = model.limits
        times = np.arange(0.0, trajectory.duration + STEP, STEP)
        q, qd, qdd = trajectory.sample(times)
        assert (q >= limits.position[:, 0] - 1e-9).all()
        assert (q <= limits.position[:, 1] + 1e-9).all()
        assert (np.abs(qd) <= limits.velocity * OVERSHOOT + 1e-9).all()
        assert (np.abs(qdd) <= limits.acceleration * OVERSHOOT + 1e-6).all()
        assert np.abs(qd[[0, -1]]).max() < 1e-6
