"""A camera in the world: which faces it sees whole, and the picture of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from robocell.world.energy import Load
from robocell.world.imaging import Imager, VisiblePart
from robocell.world.protocol import Part, Seen, Upset
from robocell.world.shapes import Matrix, inverse
from robocell.world.spec import CameraSpec

if TYPE_CHECKING:
    from robocell.world.base import BaseWorld


class AreaCamera:
    """Implements `CameraHandle`.

    Args:
        world: the world.
        name: the camera's name.
        spec: optics and pose.
        ordinal: counts the cameras in order of their names, from 0; "camera/ORDINAL" seeds each picture's
            noise.
        load: its consumption.

    """

    def __init__(self, world: BaseWorld, name: str, spec: CameraSpec, ordinal: int, load: Load) -> None:
        self.name = name
        self.spec = spec
        self._world = world
        self._chance = world.clock.stream(f"camera/{ordinal}")
        self._load = load
        self._imager: Imager | None = None
        self.blind = False
        self.upsets: deque[Upset] = deque()
        self.shown: dict[int, int] = {}
        to_camera = inverse(spec.pose)
        self._rows = [[float(v) for v in row] for row in to_camera[:3]]
        optics = spec.optics
        self._focal = optics.focal_pixels
        columns, rows = optics.resolution
        self._axis = (optics.centre[0] - (columns - 1) / 2, optics.centre[1] - (rows - 1) / 2)
        self._reach = (0.5 * optics.resolution[0], 0.5 * optics.resolution[1])
        self._ground = footprint(
            spec.pose,
            ((self._reach[0] + abs(self._axis[0])) / self._focal, (self._reach[1] + abs(self._axis[1])) / self._focal),
            world.spec.floor,
        )

    def _project(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """Return (pixels right, down of the middle, depth) of a point, without the lens's distortion."""
        a, b, c = self._rows
        depth = c[0] * x + c[1] * y + c[2] * z + c[3]
        if depth < 1e-3:
            return float("inf"), float("inf"), depth
        scale = self._focal / depth
        return (
            scale * (a[0] * x + a[1] * y + a[2] * z + a[3]) + self._axis[0],
            scale * (b[0] * x + b[1] * y + b[2] * z + b[3]) + self._axis[1],
            depth,
        )

    def _near(self, margin: float) -> list[tuple[float, Part, float, float, float]]:
        """Return (squared pixels from the middle, part, u, v, depth) of parts within `margin` of view.

        `margin` in m at the part's depth, positive outwards.
        """
        world = self._world
        found = []
        # What reaches in from beside is for pictures only, which cost far more than a look at every part.
        ground = self._ground if margin <= 0.0 else None
        for number in world.live if ground is None else world.around(*ground):
            part = world.parts[number - 1]
            x, y, z = world.where(part)
            u, v, depth = self._project(x, y, z + world.spec.products[part.product].shape.height)
            pixels = margin * self._focal / depth if depth > 1e-3 else 0.0
            if abs(u) <= self._reach[0] + pixels and abs(v) <= self._reach[1] + pixels:
                found.append((u * u + v * v, part, u, v, depth))
        found.sort(key=lambda entry: (entry[0], entry[1].number))
        return found

    def view(self) -> Sequence[Seen]:
        """Parts whose whole face lies in view, nearest to the image centre first."""
        seen: list[Seen] = []
        if self.blind:
            return seen
        shadows: Sequence[Matrix] | None = None
        for _, part, u, v, depth in self._near(0.0):
            shape = self._world.spec.products[part.product].shape
            radius = 0.5 * self._focal / depth
            size = (
                (shape.length * radius, shape.length * radius)
                if shape.is_round
                else ((shape.length**2 + shape.width**2) ** 0.5 * radius,) * 2
            )
            if abs(u) + size[0] > self._reach[0] or abs(v) + size[1] > self._reach[1]:
                continue
            pose = _raised(self._world.pose_of(part), shape.height)
            if float(pose[:3, 2] @ (pose[:3, 3] - self.spec.pose[:3, 3])) >= 0.0:
                continue  # its face looks away
            if shadows is None:
                shadows = self._world.shadows(self)
            seen.append(Seen(part, pose, self._covered(u, v, max(size), shadows)))
        return seen

    def outlines(self, bodies: Sequence[Matrix]) -> list[Matrix]:
        """Return those of convex bodies that come into view, as outlines (N, 2) in pixels from the middle.

        Args:
            bodies: corners (N, 3) each, cell frame.

        """
        if not bodies:
            return []
        turn = np.array([row[:3] for row in self._rows])
        points = np.concatenate(bodies) @ turn.T + [row[3] for row in self._rows]
        depths = points[:, 2]
        pixels = self._focal * points[:, :2] / np.maximum(depths, 1e-3)[:, None] + self._axis
        ends = np.cumsum([len(corners) for corners in bodies])
        starts = np.concatenate([[0], ends[:-1]])
        before = np.minimum.reduceat(depths, starts) > 1e-3
        low, high = np.minimum.reduceat(pixels, starts), np.maximum.reduceat(pixels, starts)
        near = before & (low <= self._reach).all(axis=1) & (high >= np.negative(self._reach)).all(axis=1)
        return [pixels[starts[k] : ends[k]] for k in np.flatnonzero(near)]

    @staticmethod
    def _covered(u: float, v: float, size: float, shadows: Sequence[Matrix]) -> bool:
        """Whether a body's outline comes over the circle about a face."""
        return any(_reaches(corners, u, v, size) for corners in shadows)

    def picture(self, exposure: float) -> NDArray[np.uint8]:
        """Render what the camera sees now, shape (H, W); `exposure` relative to the nominal one."""
        if self._imager is None:
            self._imager = Imager(self.spec.optics)
        if self.blind:
            return np.zeros(self.spec.optics.resolution[::-1], np.uint8)
        world = self._world
        parts = []
        for _, part, _, _, _ in self._near(0.15):
            look = world.look(part.product)
            if look is None:
                continue
            face = look.face(part)
            height = world.spec.products[part.product].shape.height
            pose = _raised(world.pose_of(part), height)
            parts.append(VisiblePart(face.pixels, face.mask, face.scale, pose, height))
        return self._imager.compose(
            self.spec.pose,
            parts,
            seed=self._chance.getrandbits(32),
            exposure=exposure,
            occluders=world.occluders(self.spec.pose),
        )

    def expose(self, number: int, seen: Sequence[Seen]) -> None:
        """Note which part frame `number` shows: the one whose whole face is nearest to the middle."""
        if seen and not seen[0].occluded:
            self.shown[number] = seen[0].part.number

    def upset(self) -> Upset | None:
        """Take what goes wrong with the delivery of the picture just taken; None: nothing."""
        return self.upsets.popleft() if self.upsets else None

    def work(self, at_work: bool) -> None:
        """Switch its consumption between waiting and work."""
        self._load.work(at_work, self._world.now)

    def sleep(self, asleep: bool) -> None:
        """Switch it off (no consumption) or on again."""
        self._load.draw(0.0 if asleep else self._load.idle, self._world.now)


def _raised(pose: Matrix, height: float) -> Matrix:
    """Return a part's pose moved along its axis, m: from its base to its face."""
    raised = pose.copy()
    raised[:3, 3] += height * pose[:3, 2]
    return raised


def footprint(pose: Matrix, half: tuple[float, float], floor: float) -> tuple[float, float, float] | None:
    """Return the circle (x, y, radius, m) outside which nothing above the floor is in a camera's view.

    Args:
        pose: the optical frame in the cell frame, (4, 4).
        half: half of what it sees at a distance of 1, along its X and Y.
        floor: height of the floor, m.

    Returns:
        None where it sees as far as the horizon.

    """
    eye = pose[:3, 3]
    rays = np.array([(i * half[0], j * half[1], 1.0) for i in (-1, 1) for j in (-1, 1)]) @ pose[:3, :3].T
    if eye[2] <= floor or bool(np.any(rays[:, 2] > -1e-3)):
        return None
    corners = np.concatenate([eye[None, :2], (eye + rays * ((floor - eye[2]) / rays[:, 2:]))[:, :2]])
    middle = corners.mean(axis=0)
    return float(middle[0]), float(middle[1]), float(np.max(np.hypot(*(corners - middle).T)))


def _reaches(corners: Matrix, u: float, v: float, radius: float) -> bool:
    """Whether the convex hull of (N, 2) points comes within `radius` of (u, v)."""
    points = corners - (u, v)
    # Separating axes of a convex outline and a disc: towards the corners, normal to the edges.
    edges = (points[:, None, :] - points[None, :, :]).reshape(-1, 2)
    axes = np.concatenate([points, np.stack([-edges[:, 1], edges[:, 0]], axis=1)])
    lengths = np.hypot(axes[:, 0], axes[:, 1])
    axes = axes[lengths > 1e-9] / lengths[lengths > 1e-9, None]
    return not bool(np.any(np.min(points @ axes.T, axis=0) >= radius))
