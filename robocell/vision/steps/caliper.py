"""The step `caliper`: where edges cross a narrow strip."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from robocell.model.recipe import CaliperStep
from robocell.vision.frame import Array
from robocell.vision.steps.base import Findings, StepTool
from robocell.vision.tools.caliper import Caliper
from robocell.vision.view import Place, UnjudgeableError, View


@dataclass(frozen=True)
class Found:
    """What a caliper found: its edge, or the middle of its pair of edges.

    Attributes:
        point: (2,) pixels of the picture.
        axis: (2,) unit vector along the caliper: the direction in which `sigma` counts.
        sigma: standard error along the axis, pixels.
        width: between the edges of a pair, pixels; NaN for a single edge.
        width_sigma: its standard error.

    """

    point: Array
    axis: Array
    sigma: float
    width: float = math.nan
    width_sigma: float = math.nan


class CaliperTool(StepTool[CaliperStep]):
    """Measures an edge, or a pair."""

    def run(self, view: View, out: Findings) -> None:
        """Measure along the strip."""
        tool, scale, place = self.step.caliper, view.scale, self.place(view)
        middle = place.to_picture([(tool.at[0].seen(scale), tool.at[1].seen(scale))])[0]
        angle, length, width = place.angle + tool.angle, tool.length.seen(scale), tool.width.seen(scale)
        strip = Place(float(middle[0]), float(middle[1]), angle)
        half = np.array([[-length, -width], [length, -width], [length, width], [-length, width]]) / 2
        corners = strip.to_picture(half)
        out.mark(corners, closed=True, label=self.step.name)
        try:
            caliper = Caliper(
                (strip.x, strip.y), angle, length, width, polarity=tool.polarity, pair=tool.pair, least=tool.contrast
            )
        except ValueError as error:  # a strip that is too short, as its length in pixels follows from the calibration
            raise UnjudgeableError(str(error)) from error
        edges = caliper.measure(view.grey)
        if edges.reason:
            raise UnjudgeableError(edges.reason)
        axis = np.array([math.cos(angle), math.sin(angle)])
        if edges.width is not None and edges.width_sigma is not None:
            drawn, position = edges.points, float(np.mean(edges.position))
            sigma = math.hypot(*edges.sigma) / 2
            found = Found(drawn.mean(axis=0), axis, sigma, edges.width, edges.width_sigma)
            out.measure_length("width", found.width, scale, found.width_sigma)
        else:
            best = int(np.argmax(np.abs(edges.contrast)))
            drawn, position = edges.points[best : best + 1], float(edges.position[best])
            found = Found(drawn[0], axis, float(edges.sigma[best]))
        out.measure_length("position", position, scale, found.sigma)
        view.edges[self.step.name] = found
        across = np.array([-axis[1], axis[0]]) * width / 2
        for point in drawn:
            out.mark([point - across, point + across])
