"""The step `locate` with a disc or a rectangle: the part's rim and how it is turned are the frame of later steps."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from robocell.errors import VisionError
from robocell.model.recipe import LocateStep
from robocell.model.recipe_locate import LocateDisc, LocateRectangle
from robocell.vision.frame import U8, Array
from robocell.vision.steps.base import Findings, Learnt, Lesson, Setting, StepTool
from robocell.vision.tools.disc import Disc, find_disc
from robocell.vision.tools.rectangle import find_rectangle
from robocell.vision.tools.turn import TurnPattern, unwrap
from robocell.vision.verdict import Located
from robocell.vision.view import Place, UnjudgeableError, View, saturated

LEAST_AGREEMENT = 0.5
"""Correlation of a face's pattern with the learnt one from which on it is this part's."""

_SAME_FACE = 0.7  # the same among good pictures: below it a picture shows another face
_RINGS = 0.95  # share of the rim's radius within which the pattern is looked at
_QUANTUM = 0.25  # grey levels in which rings are stored, and used, so that teaching and running agree


class DiscLocator(StepTool[LocateStep]):
    """Finds a round face."""

    def prepare(self, learnt: Learnt) -> None:
        """Take the learnt rings."""
        assert isinstance(self.step.locate, LocateDisc)
        self.tool: LocateDisc = self.step.locate
        self.turn: TurnPattern | None = None
        if self.tool.yaw:
            if "rings" not in learnt:
                raise VisionError(f"the step '{self.step.name}' has not learnt its face: teach the recipe first")
            self.turn = TurnPattern(learnt["rings"].astype(np.float64) * _QUANTUM)
            if not self.turn.observable:
                raise VisionError(f"the step '{self.step.name}' asks for a yaw that the face does not show")

    def run(self, view: View, out: Findings) -> None:
        """Find the disc and how it is turned."""
        disc = _disc(self.tool, view)
        _check_exposure(view.grey, disc)
        yaw, agreement = (0.0, 1.0) if self.turn is None else _turned(self.turn, view.grey, disc)
        known = self.turn is not None and agreement >= LEAST_AGREEMENT
        sigma = disc.sigma * math.sqrt(
            2
        )  # a radius has 1/√2 of the centre's error along an axis, a diameter twice that
        place = Place(disc.x, disc.y, yaw, disc.radius, sigma, agreement, known, disc.hidden)
        view.places[self.step.name] = place
        out.measure_length("diameter", 2 * disc.radius, view.scale, sigma)
        if self.turn is not None:
            out.measure("agreement", agreement)
        tell_pose(view, place, out)
        mark_disc(place, out)

    @classmethod
    def learn(cls, step: LocateStep, setting: Setting, views: Sequence[View], first_yaw: float) -> Lesson:
        """Average the face's rings over all pictures, laid upon the first one's."""
        tool = step.locate
        assert isinstance(tool, LocateDisc)
        total: Array | None = None
        pattern: TurnPattern | None = None
        count, refused = 0, {}
        for index, view in enumerate(views):
            try:
                disc = _disc(tool, view)
                _check_exposure(view.grey, disc)
            except UnjudgeableError as reason:
                refused[index] = str(reason)
                continue
            yaw = first_yaw
            if pattern is not None:
                yaw, agreement = _turned(pattern, view.grey, disc)
                if agreement < _SAME_FACE:
                    refused[index] = f"it shows another face: it agrees by {agreement:.0%} with the first"
                    continue
            rings = unwrap(view.grey, disc.x, disc.y, _RINGS * disc.radius, yaw)
            if total is None or pattern is None:
                total, pattern = np.zeros_like(rings), TurnPattern(rings)
                if not pattern.observable:
                    raise VisionError(f"the step '{step.name}' asks for a yaw that the face does not show: yaw: false")
            total, count = total + rings, count + 1
        if total is None:
            return Lesson({}, refused=refused)
        stored = np.clip(np.rint(total / count / _QUANTUM), -2048, 2047).astype(np.int16)
        return Lesson({"rings": stored}, refused=refused)


class RectangleLocator(StepTool[LocateStep]):
    """Finds a rectangular part."""

    def run(self, view: View, out: Findings) -> None:
        """Find the rectangle."""
        tool = self.step.locate
        assert isinstance(tool, LocateRectangle)
        width, height = (side.seen(view.scale) for side in tool.rectangle)
        found = find_rectangle(view.grey, (width, height), tool.within.seen(view.scale), tool.angle)
        if isinstance(found, str):
            raise UnjudgeableError(found)
        place = Place(found.x, found.y, found.angle)
        view.places[self.step.name] = place
        out.measure_length("width", found.width, view.scale)
        out.measure_length("height", found.height, view.scale)
        tell_pose(view, place, out)
        half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [found.width / 2, found.height / 2]
        out.mark(place.to_picture(half), closed=True)
        out.mark([(place.x, place.y)])


def _disc(tool: LocateDisc, view: View) -> Disc:
    radius, search = tool.disc.seen(view.scale) / 2, tool.within.seen(view.scale) / 2
    disc = find_disc(view.grey, radius, search, tool.hidden)
    if isinstance(disc, str):
        raise UnjudgeableError(disc)
    return disc


def _turned(pattern: TurnPattern, grey: U8, disc: Disc) -> tuple[float, float]:
    return pattern.find(grey, disc.x, disc.y, _RINGS * disc.radius)


def _check_exposure(grey: U8, disc: Disc) -> None:
    half = 0.7 * disc.radius  # the square inside the disc
    if saturated(grey[int(disc.y - half) : int(disc.y + half) : 4, int(disc.x - half) : int(disc.x + half) : 4]):
        raise UnjudgeableError("the face is saturated: check the exposure", True)


def tell_pose(view: View, place: Place, out: Findings) -> None:
    """Note where the part lies on its plane: what the first `locate` of a recipe finds is the part."""
    if view.camera is None or out.pose is not None:
        return
    x, y = view.camera.to_plane(np.array([[place.x, place.y]]))[0]
    diameter = 2 * place.radius * view.camera.scale
    out.pose = Located(float(x), float(y), place.angle if place.turned else None, diameter)


def mark_disc(place: Place, out: Findings) -> None:
    """Draw a located rim and how it is turned."""
    angle = np.linspace(0, 2 * math.pi, 121)[:-1]
    out.mark(place.to_picture(place.radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)), closed=True)
    out.mark([(place.x, place.y)])
    if place.turned:
        out.mark(place.to_picture([(0, 0), (place.radius, 0)]))
