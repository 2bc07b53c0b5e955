"""What the adapters of all tools share: how they are built, taught and run, and where they put what they find."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from robocell.model.recipe import StepBase
from robocell.vision.verdict import Flaw, Located, Mark, Unit
from robocell.vision.view import Place, UnjudgeableError, View

Learnt = Mapping[str, NDArray[Any]]
"""What a step was taught: arrays by name."""

S = TypeVar("S", bound=StepBase)


@dataclass(frozen=True)
class Setting:
    """Where a step stands in its recipe.

    Attributes:
        frame: the `locate` step in whose frame it works, None for the picture's.
        folder: where the recipe's files lie.

    """

    frame: str | None = None
    folder: Path | None = None


@dataclass
class Findings:
    """What the steps of a recipe found in one picture; `step` is the one at work."""

    step: str = ""
    measurements: dict[str, float] = field(default_factory=dict)
    sigmas: dict[str, float] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    pose: Located | None = None

    def measure(self, quantity: str, value: float, unit: Unit = "", sigma: float = math.nan) -> None:
        """Note a measurement of the step at work, and its standard error where it is known."""
        name = f"{self.step}.{quantity}"
        self.measurements[name], self.units[name] = float(value), unit
        if math.isfinite(sigma):
            self.sigmas[name] = float(sigma)

    def measure_length(self, quantity: str, pixels: float, scale: float | None, sigma: float = math.nan) -> None:
        """Note a length that was measured in pixels: in metres where the picture has a calibration."""
        if scale is None:
            self.measure(quantity, pixels, "px", sigma)
        else:
            self.measure(quantity, pixels * scale, "m", sigma * scale)

    def fail(self, reason: str) -> None:
        """Note why the step at work fails the part."""
        self.reasons.append(f"{self.step}: {reason}")

    def judge(self, quantity: str, value: float, bounds: tuple[float, float], unit: Unit = "") -> bool:
        """Fail the part where a measured figure is outside its limits; return whether it is inside."""
        low, high = bounds
        if low <= value <= high:
            return True
        side, limit = ("below", low) if value < low else ("above", high)
        if not math.isfinite(value):
            raise UnjudgeableError(f"{quantity} cannot be measured")
        self.fail(f"{quantity} {shown(value, unit)} is {side} {shown(limit, unit)}")
        return False

    def mark(self, points: Any, *, closed: bool = False, bad: bool = False, label: str = "") -> None:
        """Note what to draw: (N, 2) pixels."""
        rows = np.asarray(points, float).reshape(-1, 2)
        self.marks.append(Mark(tuple((float(x), float(y)) for x, y in rows), closed, bad, label))


def shown(value: float, unit: Unit) -> str:
    """Return a figure as people read it."""
    if unit == "m":
        return f"{value * 1e3:.3f} mm"
    if unit == "m2":
        return f"{value * 1e6:.3f} mm²"
    if unit == "rad":
        return f"{math.degrees(value):.3f}°"
    number = f"{value:.6g}" if float(value).is_integer() else f"{value:.3f}"
    return f"{number} {'grey levels' if unit == 'grey' else unit}".rstrip()


class StepTool(ABC, Generic[S]):
    """One step of a recipe, ready to run.

    Args:
        step: the model.
        setting: where it stands.
        learnt: what it was taught; empty where it learns nothing.

    """

    fewest: ClassVar[int] = 1
    """Good pictures without which it cannot be taught at all."""

    def __init__(self, step: S, setting: Setting, learnt: Learnt) -> None:
        self.step, self.setting = step, setting
        self.prepare(learnt)

    def prepare(self, learnt: Learnt) -> None:
        """Compute once what every picture uses.

        Raises:
            VisionError: what was taught does not fit.

        """

    @abstractmethod
    def run(self, view: View, out: Findings) -> None:
        """Judge one picture.

        Raises:
            UnjudgeableError: nothing can be said.

        """

    @classmethod
    def learn(cls, step: S, setting: Setting, views: Sequence[View], first_yaw: float) -> Lesson:
        """Learn from good pictures, in which earlier steps have found what they find.

        Args:
            step: the model.
            setting: where it stands.
            views: the pictures.
            first_yaw: how the part of the first picture is turned, rad.

        """
        raise NotImplementedError(f"{cls.__name__} learns nothing")

    def place(self, view: View) -> Place:
        """Return the frame in which the step works."""
        return view.place(self.setting.frame)


@dataclass(frozen=True)
class Lesson:
    """What a step learnt.

    Attributes:
        learnt: arrays by name, to be stored.
        wants: how many more good pictures would make it surer, 0 where it has enough.
        why: what more pictures would tell, in words.
        refused: by the picture's index, why it teaches nothing.

    """

    learnt: Learnt
    wants: int = 0
    why: str = ""
    refused: Mapping[int, str] = field(default_factory=dict)
