"""Run a recipe on a frame: `inspect(recipe, frame) -> Verdict`."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from pydantic import ValidationError

from robocell.clock import wall_seconds
from robocell.errors import VisionError
from robocell.model.quantity import Units
from robocell.model.recipe import TOOLS, GaugeStep, GoldenStep, Recipe
from robocell.vision.frame import U8, Array, Calibration, Frame
from robocell.vision.tools.disc import Disc, find_disc
from robocell.vision.tools.golden import Defects, VariationModel
from robocell.vision.tools.turn import TurnPattern
from robocell.vision.verdict import Flaw, Located, Status, Verdict

T = TypeVar("T")

_BLACK = 16  # grey: a picture whose brightest hundredth is darker shows nothing
_WHITE = 250  # grey: a pixel from here on is saturated
_MOST_WHITE = 0.02  # share of the face that may be saturated
_GAIN = (0.6, 1.5)  # brightness relative to the pictures taught, within which the bands hold
_LEAST_AGREEMENT = 0.5  # correlation of the face's pattern with the learnt one
_COVERED = "something covers the part and a stretch of its rim"
_METHOD = 1  # counts changes of the tools that make stored models useless


class UnjudgeableError(VisionError):
    """Nothing can be said about a frame; the message is the verdict's reason."""


@dataclass(frozen=True)
class PreparedRecipe:
    """A recipe with the model it was taught.

    Attributes:
        recipe: the chain of tools.
        model: what good parts look like; None where no tool needs it.

    """

    recipe: Recipe
    model: VariationModel | None = None
    _turn: TurnPattern | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        turn = None
        if self.recipe.needs_model:
            if self.model is None:
                raise VisionError(f"the recipe '{self.recipe.recipe}' has no learnt model: teach it first")
            if self.recipe.locate.yaw:
                turn = TurnPattern(self.model.mean, compared_radius(self.recipe) / pixel_length(self.recipe))
                if not turn.observable:
                    raise VisionError(f"the recipe '{self.recipe.recipe}' asks for a yaw that the face does not show")
        object.__setattr__(self, "_turn", turn)

    def turned(self, image: U8, disc: Disc) -> tuple[float, float]:
        """Return a located face's yaw and its pattern's agreement; (0, 1) where the recipe asks for none."""
        if self._turn is None:
            return 0.0, 1.0
        scale = disc.radius / self.recipe.radius
        return self._turn.find(image, disc.x, disc.y, compared_radius(self.recipe) * scale)


def compared_radius(recipe: Recipe) -> float:
    """Return the radius within which faces are compared, m."""
    return recipe.golden.inside / 2 if recipe.golden else 0.95 * recipe.radius


def pixel_length(recipe: Recipe) -> float:
    """Return the length of a pixel of the recipe's learnt model, m."""
    return recipe.golden.resolution if recipe.golden else 100e-6


def digest(recipe: Recipe) -> str:
    """Return what ties a learnt model to its recipe: a digest of all that matters for learning."""
    golden = recipe.golden.model_dump() if recipe.golden else None
    text = json.dumps([_METHOD, recipe.recipe, recipe.locate.model_dump(), golden], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def load_recipe(path: Path) -> PreparedRecipe:
    """Read a recipe's YAML file, and its learnt model from the .npz file of the same name beside it.

    Raises:
        VisionError: a file is missing, malformed, or the model does not belong to the recipe.

    """
    recipe = read_recipe(path)
    model = VariationModel.load(path.with_suffix(".npz"), digest(recipe)) if recipe.needs_model else None
    return PreparedRecipe(recipe, model)


def read_recipe(path: Path) -> Recipe:
    """Read a recipe's YAML file without its learnt model.

    Raises:
        VisionError: the file is missing or malformed.

    """
    import yaml

    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise VisionError(f"the recipe {path.name} cannot be read: {error}") from error
    try:
        return Recipe.model_validate(data, context=Units())
    except ValidationError as error:
        raise VisionError(f"the recipe {path.name} is wrong: {'; '.join(_problems(error))}") from error


def _problems(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"] if not str(part).startswith("~"))
        text = problem["msg"]
        if problem["type"].startswith("union_tag"):
            text = f"a step uses one tool of: {', '.join(TOOLS)}"
        lines.append(f"{place or 'recipe'}: {text}")
    return lines


def inspect(recipe: PreparedRecipe, frame: Frame) -> Verdict:
    """Judge one picture.

    A picture that cannot be judged (incomplete, black, saturated, no part wholly in view, …) is
    "inconclusive" with the reason; no picture makes this raise.
    """
    return _Run(recipe, frame).run(only_locate=False)


def locate(recipe: PreparedRecipe, frame: Frame) -> Verdict:
    """Only locate the part: "passed" with its pose, or "inconclusive" with the reason."""
    return _Run(recipe, frame).run(only_locate=True)


class _Run:
    """One recipe on one frame."""

    def __init__(self, recipe: PreparedRecipe, frame: Frame) -> None:
        self.prepared, self.recipe, self.frame = recipe, recipe.recipe, frame
        self.measurements: dict[str, float] = {}
        self.reasons: list[str] = []
        self.flaws: tuple[Flaw, ...] = ()
        self.pose: Located | None = None
        self.ms: dict[str, float] = {}

    def run(self, only_locate: bool) -> Verdict:
        try:
            image, camera = self._timed("check", lambda: _judgeable(self.frame))
            disc, yaw, agreement = self._timed("locate", lambda: self._locate(image, camera))
            if not only_locate:
                for step in self.recipe.tools[1:]:
                    if isinstance(step, GaugeStep):
                        self._gauge(step)
                    elif isinstance(step, GoldenStep):
                        self._timed(step.name, lambda: self._golden(image, disc, yaw, agreement, camera))
        except UnjudgeableError as reason:
            return self._verdict("inconclusive", (str(reason),))
        return self._verdict("failed" if self.reasons else "passed", tuple(self.reasons))

    def _verdict(self, status: Status, reasons: tuple[str, ...]) -> Verdict:
        measurements, ms = MappingProxyType(self.measurements), MappingProxyType(self.ms)
        return Verdict(status, reasons, measurements, self.flaws, self.pose, ms)

    def _timed(self, name: str, work: Callable[[], T]) -> T:
        start = wall_seconds()
        try:
            return work()
        finally:
            self.ms[name] = (wall_seconds() - start) * 1e3

    def _locate(self, image: U8, camera: Calibration) -> tuple[Disc, float, float]:
        tool = self.recipe.locate
        disc = find_disc(image, self.recipe.radius / camera.scale, tool.search / 2 / camera.scale, tool.hidden)
        if isinstance(disc, str):
            raise UnjudgeableError(disc)
        _check_exposure(image, disc)
        yaw, agreement = self.prepared.turned(image, disc)
        x, y = camera.to_plane(np.array([[disc.x, disc.y]]))[0]
        known = tool.yaw and agreement >= _LEAST_AGREEMENT
        self.pose = Located(float(x), float(y), yaw if known else None, 2 * disc.radius * camera.scale)
        self.measurements["diameter"] = self.pose.diameter
        if tool.yaw:
            self.measurements["agreement"] = agreement
        return disc, yaw, agreement

    def _gauge(self, step: GaugeStep) -> None:
        limits = step.gauge.diameter
        value = self.measurements["diameter"]
        if not limits.min <= value <= limits.max:
            side = "below" if value < limits.min else "above"
            limit = limits.min if value < limits.min else limits.max
            self.reasons.append(f"diameter {value * 1e3:.3f} mm is {side} {limit * 1e3:.3f} mm")

    def _golden(self, image: U8, disc: Disc, yaw: float, agreement: float, camera: Calibration) -> None:
        model = self.prepared.model
        assert model is not None
        if agreement < _LEAST_AGREEMENT:
            if len(disc.hidden):
                raise UnjudgeableError(_COVERED)
            self.reasons.append(f"the face is not this part's: its pattern agrees by {agreement:.0%}")
            return
        length = pixel_length(self.recipe)
        found = model.compare(image, face_placement(model, disc, yaw, length, camera))
        if not _GAIN[0] <= found.gain <= _GAIN[1]:
            raise UnjudgeableError(
                f"the face is {found.gain:.0%} as bright as when the recipe was taught: check the light"
            )
        if found.overflow:
            raise UnjudgeableError("the picture differs from good ones nearly everywhere")
        self.flaws = _flaws(found, length)
        if self._covered(disc):
            raise UnjudgeableError(_COVERED)
        self.measurements["score"] = found.worst
        self.measurements["flaws"] = float(len(found))
        if self.pose is not None and self.pose.yaw is not None:
            turned = math.atan2(found.placement[1, 0], found.placement[0, 0])
            self.pose = Located(self.pose.x, self.pose.y, turned, self.pose.diameter)
        if self.flaws:
            largest = max(self.flaws, key=lambda flaw: flaw.area)
            self.reasons.append(
                f"{len(self.flaws)} flaw{'s' if len(self.flaws) > 1 else ''} on the face, the largest "
                f"{largest.area * 1e6:.2f} mm² and {abs(largest.contrast):.0f} grey levels "
                f"{'darker' if largest.contrast < 0 else 'brighter'}"
            )

    def _covered(self, disc: Disc) -> bool:
        """Whether a flaw runs out over the rim where that is hidden: then something lies on the part."""
        reach = disc.radius * compared_radius(self.recipe) / self.recipe.radius - 2
        edge = np.array([disc.x, disc.y]) + reach * disc.hidden
        boxes = np.array([flaw.box for flaw in self.flaws], float).reshape(-1, 4)
        low, high = boxes[:, None, :2] - 2, boxes[:, None, 2:] + 2
        return bool(np.any(np.all((edge >= low) & (edge <= high), axis=2)))


def face_placement(model: VariationModel, disc: Disc, yaw: float, length: float, camera: Calibration) -> Array:
    """Return (2, 3): pixel of the model to pixel of the picture, for a face at `disc` turned by `yaw`."""
    scale = length / camera.scale
    c, s = scale * math.cos(yaw), scale * math.sin(yaw)
    mx, my = (model.mean.shape[1] - 1) / 2, (model.mean.shape[0] - 1) / 2
    return np.array([[c, -s, disc.x - c * mx + s * my], [s, c, disc.y - s * mx - c * my]])


def _flaws(found: Defects, length: float) -> tuple[Flaw, ...]:
    rows = zip(found.boxes, found.area, found.contrast, found.score, strict=True)
    return tuple(
        Flaw((int(b[0]), int(b[1]), int(b[2]), int(b[3])), float(a) * length**2, float(c), float(s))
        for b, a, c, s in rows
    )


def _judgeable(frame: Frame) -> tuple[U8, Calibration]:
    """Return the picture without the lens's distortion.

    Raises:
        UnjudgeableError: it is no picture of this camera, incomplete, or shows nothing.

    """
    image = frame.image
    if not frame.complete:
        raise UnjudgeableError(f"frame {frame.number} is incomplete")
    if not isinstance(image, np.ndarray) or image.size == 0:
        raise UnjudgeableError("the picture is empty")
    if image.dtype != np.uint8:
        raise UnjudgeableError(f"the picture has the depth {image.dtype}, not 8 bit")
    columns, rows = frame.camera.resolution
    if image.shape != (rows, columns):
        raise UnjudgeableError(f"the picture has the shape {image.shape}, the camera's is {(rows, columns)}")
    coarse = image[::16, ::16]
    if float(np.percentile(coarse, 99)) < _BLACK:
        raise UnjudgeableError("the picture is black: check the light and the lens cap")
    if float(np.percentile(coarse, 10)) >= _WHITE:
        raise UnjudgeableError("the picture is saturated: check the exposure")
    return rectified(image, frame.camera)


def _check_exposure(image: U8, disc: Disc) -> None:
    half = 0.7 * disc.radius  # the square inside the disc
    face = image[int(disc.y - half) : int(disc.y + half) : 4, int(disc.x - half) : int(disc.x + half) : 4]
    if np.count_nonzero(face >= _WHITE) > _MOST_WHITE * face.size:
        raise UnjudgeableError("the face is saturated: check the exposure")


def rectified(image: U8, camera: Calibration) -> tuple[U8, Calibration]:
    """Return the picture as a lens without distortion would show it, and that lens's calibration."""
    if not any(camera.terms):
        return np.ascontiguousarray(image), camera
    import cv2

    matrix = np.array([[camera.focal, 0, camera.centre[0]], [0, camera.focal, camera.centre[1]], [0, 0, 1]])
    straight = cv2.undistort(image, matrix, np.array(camera.terms))
    return np.asarray(straight, np.uint8), camera.straight()
