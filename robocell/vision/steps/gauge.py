"""The step `gauge`: measures between what earlier steps found, against limits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from robocell.model.recipe import GaugeStep
from robocell.model.recipe_chain import references
from robocell.model.recipe_gauge import AngleGauge, CircleGauge, DiameterGauge, WidthGauge
from robocell.vision.frame import Array
from robocell.vision.steps import geometry
from robocell.vision.steps.base import Findings, StepTool
from robocell.vision.tools.gauge import fit_circle
from robocell.vision.view import View


class GaugeTool(StepTool[GaugeStep]):
    """Holds a measure against its limits."""

    def run(self, view: View, out: Findings) -> None:
        """Measure and judge."""
        tool: Any = self.step.gauge
        if isinstance(tool, AngleGauge):
            points, sigmas = _points(tool, view)
            value, sigma = geometry.angle(points, sigmas)
            out.measure("angle", value, "rad", sigma)
            good = out.judge("angle", value, tool.limits.bounds, "rad")
            out.mark(points, bad=not good, label=self.step.name)
            return
        if isinstance(tool, DiameterGauge):
            place, limits, key = self.place(view), tool.diameter, "diameter"
            value, sigma = 2 * place.radius, place.sigma
        elif isinstance(tool, WidthGauge):
            found, limits, key = view.edges[tool.width], tool.limits, "width"
            value, sigma = found.width, found.width_sigma
        elif isinstance(tool, CircleGauge):
            points, sigmas = _points(tool, view)
            limits, key = tool.limits, "diameter"
            fitted = fit_circle(points, np.hypot(sigmas[:, 0], sigmas[:, 1]))
            value, sigma = fitted.diameter, fitted.sigma
            turn = np.arange(72) * (2 * math.pi / 72)
            rim = fitted.diameter / 2 * np.stack([np.cos(turn), np.sin(turn)], axis=1) + [fitted.x, fitted.y]
            out.mark(rim, closed=True, label=self.step.name)
        else:
            points, sigmas = _points(tool, view)
            limits, key = tool.limits, "distance"
            value, sigma = geometry.distance(points, sigmas)
            out.mark(points, label=self.step.name)
        unit, factor = ("px", 1.0) if limits.pixels or view.scale is None else ("m", view.scale)
        out.measure(key, value * factor, "px" if unit == "px" else "m", sigma * factor)
        out.judge(key, value * factor, limits.bounds, "px" if unit == "px" else "m")


def _points(tool: object, view: View) -> tuple[Array, Array]:
    """Return the (K, 2) edges that a gauge measures between and their (K, 2) standard errors along x and y."""
    _, names = references(tool)
    found = [view.edges[name] for name in names]
    points = np.array([edge.point for edge in found], float)
    sigmas = np.array([np.abs(edge.axis) * edge.sigma for edge in found], float)
    return points, sigmas
