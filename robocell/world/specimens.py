"""Series of pictures of parts by chance: what recipes are taught, tested and timed with.

Run as a module it teaches a recipe from pictures that the product draws::

    python -m robocell.world.specimens cells/recipes/cap-top.yaml --face machined-cap
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robocell.clock import Clock
from robocell.errors import VisionError
from robocell.vision.frame import Calibration, Frame
from robocell.world.defects import KINDS, Chance, Defect, apply, draw_defect
from robocell.world.faces import U8, Face, draw_face
from robocell.world.imaging import Camera, Imager, Matrix, VisiblePart

DISTANCE = 0.6
"""From the lens to the face in metres: the generic area camera's working distance."""


@dataclass(frozen=True)
class Specimen:
    """A picture and its truth.

    Attributes:
        frame: the picture.
        xy: true centre of the face in the camera's optical frame, m.
        yaw: true turn from the optical X towards Y, rad.
        defects: true defects.

    """

    frame: Frame
    xy: tuple[float, float]
    yaw: float
    defects: tuple[Defect, ...]


class Studio:
    """A camera above a bench, and parts of one face laid under it by chance.

    Args:
        face: the parts' face.
        seed: of all chance.
        camera: the camera; the generic one by default.
        height: of the parts, m.

    """

    def __init__(self, face: Face, seed: int, camera: Camera | None = None, height: float = 20e-3) -> None:
        self.face, self.height = face, height
        self.camera = camera or Camera()
        self.imager = Imager(self.camera)
        self._rng: Chance = Clock(seed).stream("specimens")
        self._number = 0

    def specimens(
        self,
        count: int,
        *,
        kinds: Sequence[str] = KINDS,
        area: tuple[float, float] = (0.5e-6, 20e-6),
        contrast: tuple[float, float] = (12.0, 80.0),
        defective: bool = False,
        neighbours: bool = True,
    ) -> Iterator[Specimen]:
        """Yield pictures, each with one part wholly in view and, often, its neighbours in the queue."""
        for _ in range(count):
            wanted = (draw_defect(self.face, self._rng, kinds, area, contrast),) if defective else ()
            yield self.take(wanted, neighbours=neighbours)

    def take(self, defects: Sequence[Defect] = (), *, neighbours: bool = True, exposure: float = 1.0) -> Specimen:
        """Lay one part with these defects under the camera, anywhere in view, and take its picture."""
        rng, self._number = self._rng, self._number + 1
        distance = DISTANCE + rng.uniform(-0.3e-3, 0.3e-3)
        xy = tuple(rng.uniform(-room, room) for room in self._room(distance))
        yaw = rng.uniform(-math.pi, math.pi)
        tilt = (rng.uniform(-2e-3, 2e-3), rng.uniform(-2e-3, 2e-3))
        pixels = apply(self.face, defects)
        parts = [self._part(pixels, (xy[0], xy[1]), yaw, distance, tilt)]
        if neighbours:
            for side in (-1, 1):
                gap = rng.uniform(0.05e-3, 30e-3)
                beside = (xy[0] + side * (self.face.size[0] + gap), xy[1] + rng.uniform(-1e-3, 1e-3))
                parts.append(self._part(self.face.pixels, beside, rng.uniform(-3, 3), distance, (0.0, 0.0)))
        seed = int(rng.random() * 2**32)
        image = self.imager.compose(np.eye(4), parts, seed=seed, exposure=exposure)
        frame = Frame(image, self.calibration(), self._number)
        return Specimen(frame, (xy[0], xy[1]), yaw, tuple(defects))

    def calibration(self, distance: float = DISTANCE) -> Calibration:
        """Return the camera's calibration for faces at a distance, m."""
        camera = self.camera
        return Calibration(camera.resolution, camera.focal_pixels, camera.centre, distance, *camera.terms)

    def _room(self, distance: float) -> tuple[float, float]:
        """Return how far a part's centre may lie from the optical axis and still be wholly in view, m."""
        scale = distance / self.camera.focal_pixels
        spare = [n / 2 * scale - s / 2 - 6 * scale for n, s in zip(self.camera.resolution, self.face.size, strict=True)]
        return max(spare[0], 0.0), max(spare[1], 0.0)

    def _part(
        self, pixels: U8, xy: tuple[float, float], yaw: float, distance: float, tilt: tuple[float, float]
    ) -> VisiblePart:
        return VisiblePart(pixels, self.face.mask, self.face.scale, face_pose(xy, yaw, distance, tilt), self.height)


def face_pose(xy: tuple[float, float], yaw: float, distance: float, tilt: tuple[float, float] = (0.0, 0.0)) -> Matrix:
    """Return (4, 4): a face's pose in the optical frame, its Z towards the camera, its X turned by `yaw`."""
    c, s = math.cos(yaw), math.sin(yaw)
    towards = np.array([tilt[0], tilt[1], -1.0])
    z = towards / np.linalg.norm(towards)
    x = np.array([c, s, 0.0]) - z * (c * z[0] + s * z[1])
    x /= np.linalg.norm(x)
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1], pose[:3, 2], pose[:3, 3] = x, np.cross(z, x), z, (xy[0], xy[1], distance)
    return pose


def teach_from_drawings(recipe_file: Path, face_name: str, diameter: float, pictures: int, seed: int) -> Path:
    """Teach a recipe from drawn good parts; write its model beside it and return the model's path.

    Args:
        recipe_file: the recipe's YAML file.
        face_name: one of `faces.FACES`.
        diameter: of the part, m.
        pictures: how many.
        seed: the same seed gives the same model.

    Raises:
        ConfigError: the recipe is wrong.
        VisionError: it does not fit the face.

    """
    from robocell.config.recipe import MODEL, load
    from robocell.vision.learnt import write_model
    from robocell.vision.teach import teach

    recipe = load(recipe_file)
    studio = Studio(draw_face(face_name, diameter), seed)
    specimens = list(studio.specimens(pictures))
    taught = teach(recipe, [s.frame for s in specimens], specimens[0].yaw, recipe_file.parent)
    if taught.refused:
        number, reason = next(iter(taught.refused.items()))
        raise VisionError(f"drawn picture {number + 1} teaches nothing: {reason}")
    target = recipe_file.with_suffix(MODEL)
    write_model(target, recipe, taught.learnt)
    return target


def main(arguments: Sequence[str]) -> int:
    """Teach the recipe named on the command line from drawn parts."""
    import argparse

    from robocell.errors import RobocellError

    parser = argparse.ArgumentParser(prog="python -m robocell.world.specimens", description=main.__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--face", default="machined-cap")
    parser.add_argument("--diameter", type=float, default=60.0, help="mm")
    parser.add_argument("--pictures", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    try:
        path = teach_from_drawings(given.recipe, given.face, given.diameter / 1e3, given.pictures, given.seed)
    except RobocellError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(f"{path}: learnt from {given.pictures} pictures, {path.stat().st_size / 1024:.0f} KiB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
