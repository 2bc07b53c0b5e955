"""Any serial chain in a form whose constants are as sparse as geometry allows, for the kernels.

Every joint turns about, or slides along, the Z of a frame of its own, and the constant transform from one joint's
frame to the next is, as Denavit and Hartenberg (1955) have it, RotZ·TransZ · S · RotZ·TransZ. What is on Z merges
with the joints' own motion; what stays is the step S: a shift along X, with a quarter turn about X where the axes are
at right angles. Axes at any other angle keep their full transform, since the common normal of nearly parallel axes is
far away and would cost digits.

    T(q) = base · Z₁(q₁) · S₁ · Z₂(q₂) · … · Zₙ(qₙ) · end,    Zᵢ(q) = RotZ(θᵢ + q)·TransZ(dᵢ) or RotZ(θᵢ)·TransZ(dᵢ + q)

An axis that points against the one before it is turned over, and its joint's sign with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from robocell.motion.kernels import ALONG, CROSSED, LINK, OBLIQUE
from robocell.motion.rigid import Floats, frozen, inverse, pose

Booleans = np.ndarray[tuple[int], np.dtype[np.bool_]]

SPARSE = 4e-16  # how far an entry of a rotation may be from 0 and still be 0: one rounding


@dataclass(frozen=True, eq=False)
class Denavit:
    """The constants of a chain.

    Attributes:
        links: (n, 4, 4) the frame after each joint, in the frame Zᵢ·Sᵢ of this form.
        flat: what kernels take; its layout is told in `robocell.motion.kernels`.

    """

    links: Floats
    flat: Floats

    @staticmethod
    def of(origins: Floats, axes: Floats, revolute: Booleans, end: Floats) -> Denavit:
        """Bring a chain into this form.

        Args:
            origins: (n, 4, 4) joint frames in the frame after the joint before, at position 0.
            axes: (n, 3) unit vectors in their joint's frame.
            revolute: (n,) whether a joint turns or slides.
            end: (4, 4) TCP in the frame after the last joint.

        """
        n = len(axes)
        upright, sign, steps = _upright(origins, axes)
        angle, shift = np.zeros(n), np.zeros(n)
        records = np.zeros((n, LINK))
        records[:, 5:17] = np.eye(4)[:3].ravel()  # after the last joint comes no step
        links = np.array([inverse(U) for U in upright])
        for i in range(n - 1):
            kind, before, step, after = _split(steps[i + 1])
            angle[i] += before[0]
            shift[i] += before[1]
            angle[i + 1] += after[0]
            shift[i + 1] += after[1]
            records[i, 4], records[i, 5:17] = kind, step[:3].ravel()
            # the frame of this form has gone along with what was merged into its joint, and with the step
            links[i] = inverse(_screw(*before) @ step) @ links[i]
        records[:, 0], records[:, 1], records[:, 2], records[:, 3] = revolute, sign, angle, shift
        records[:, 17:] = links[:, :3].reshape(n, 12)
        last = upright[-1] if n else np.eye(4)
        flat = np.concatenate([[n], steps[0][:3].ravel(), (inverse(last) @ end)[:3].ravel(), records.ravel()])
        return Denavit(frozen(links), flat)


def _upright(origins: Floats, axes: Floats) -> tuple[list[Floats], Floats, list[Floats]]:
    """Return per joint the frame with its axis as Z, in the joint's frame, the joint's sign, and the steps between."""
    frames: list[Floats] = []
    steps: list[Floats] = []
    sign = np.ones(len(axes))
    before = np.eye(4)
    for i, (origin, axis) in enumerate(zip(origins, axes, strict=True)):
        turned = pose(_to_axis(axis))
        step = inverse(before) @ origin @ turned
        if i and step[2, 2] < -1.0 + SPARSE:
            sign[i] = -1.0
            turned = pose(_to_axis(-axis))
            step = inverse(before) @ origin @ turned
        frames.append(turned)
        steps.append(step)
        before = turned
    return frames, sign, steps


def _to_axis(axis: Floats) -> Floats:
    """Return the rotation (3, 3) that has `axis` as its Z: none for Z, and without rounding for ±X and ±Y."""
    k = int(np.argmax(np.abs(axis)))
    if k == 2 and axis[2] > 0.0 and not axis[:2].any():
        return np.eye(3)
    x = np.eye(3)[(k + 1) % 3]
    x = x - (x @ axis) * axis
    x = x / np.sqrt(x @ x)
    return np.stack([x, np.cross(axis, x), axis], axis=1)


def _split(A: Floats) -> tuple[float, tuple[float, float], Floats, tuple[float, float]]:
    """Split A into Z-screw · step · Z-screw; return the step's kind, (angle, shift), the step (4, 4), (angle, shift)."""
    R, t = A[:3, :3], A[:3, 3]
    if max(abs(R[0, 2]), abs(R[1, 2]), abs(R[2, 0]), abs(R[2, 1])) <= SPARSE and R[2, 2] > 0.0:
        away = float(np.hypot(t[0], t[1]))
        turn = float(np.arctan2(t[1], t[0])) if away > 0.0 else 0.0
        whole = float(np.arctan2(R[1, 0], R[0, 0]))
        return ALONG, (turn, float(t[2])), pose(None, [away, 0.0, 0.0]), (whole - turn, 0.0)
    if abs(R[2, 2]) <= SPARSE:
        turn = float(np.arctan2(R[0, 2], -R[1, 2]))
        c, s = np.cos(turn), np.sin(turn)
        step = pose(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]), [c * t[0] + s * t[1], 0.0, 0.0])
        after = (float(np.arctan2(R[2, 0], R[2, 1])), float(s * t[0] - c * t[1]))
        return CROSSED, (turn, float(t[2])), step, after
    return OBLIQUE, (0.0, 0.0), A, (0.0, 0.0)


def _screw(angle: float, shift: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return pose(np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]), [0.0, 0.0, shift])
