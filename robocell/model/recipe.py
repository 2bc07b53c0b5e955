"""An inspection recipe: a chain of named tools. Loading it, and the models it names, is not done here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, Tag, model_validator

from robocell.errors import UnitError
from robocell.model.base import Model, pick_variant
from robocell.model.quantity import Distance, PositiveLength, Quantity
from robocell.units import parse_quantity

Area = Annotated[float, Quantity("area", 0.0, 1.0)]
Resolution = Annotated[float, Quantity("length", 5e-6, 1e-3)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$", max_length=64)]


class Limits(Model):
    """What a measured length may be: `60 mm ± 0.2 mm`, or `{min: 59.8 mm, max: 60.2 mm}`."""

    min: Distance = 0.0
    max: PositiveLength

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        nominal, sign, tolerance = value.replace("+/-", "±").replace("+-", "±").partition("±")
        if not sign:
            raise ValueError("write the nominal length and its tolerance, as in '60 mm ± 0.2 mm'")
        try:
            middle, half = parse_quantity(nominal, "length"), parse_quantity(tolerance, "length")
        except UnitError as error:
            raise ValueError(str(error)) from error
        return {"min": f"{middle - half!r} m", "max": f"{middle + half!r} m"}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"the least length, {self.min:g} m, is not below the greatest, {self.max:g} m")
        return self


class Locate(Model):
    """Finds the part's round face in the picture.

    Attributes:
        disc: nominal diameter of the rim.
        search: how much the diameter may differ and still be this part's.
        yaw: whether the face has a pattern that tells how the part is turned.
        hidden: greatest connected share of the rim that may be out of sight, as where two parts touch.

    """

    disc: PositiveLength
    search: PositiveLength = 1.2e-3
    yaw: bool = True
    hidden: Annotated[float, Field(ge=0, lt=0.5)] = 0.08

    @model_validator(mode="after")
    def _narrow(self) -> Self:
        if self.search > self.disc / 10:
            raise ValueError("a disc is searched within a tenth of its diameter: make 'search' smaller")
        return self


class Gauge(Model):
    """Measures the located disc's diameter against limits."""

    diameter: Limits


class Golden(Model):
    """Compares the located face with what good parts look like, pixel by pixel.

    Attributes:
        inside: diameter within which the face is compared; the rim's chamfer is left out.
        resolution: length a pixel of the learnt model.
        contrast: grey levels that a difference must have, on an even face, to count.
        area: area that connected differing pixels must have to count.
        spread: how many standard deviations of good parts a pixel may differ.

    """

    inside: PositiveLength
    resolution: Resolution = 100e-6
    contrast: Annotated[float, Field(gt=0, le=255)] = 5.0
    area: Area = 0.05e-6
    spread: Annotated[float, Field(gt=0, le=100)] = 6.0

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.inside / self.resolution > 2048:
            raise ValueError("a learnt model has at most 2048 pixels across: make 'resolution' coarser")
        return self


Tool = Literal["locate", "gauge", "golden"]
TOOLS: tuple[Tool, ...] = ("locate", "gauge", "golden")


class LocateStep(Model):
    """The step `locate`."""

    variant: ClassVar[Tool] = "locate"
    name: Name = "locate"
    locate: Locate


class GaugeStep(Model):
    """The step `gauge`."""

    variant: ClassVar[Tool] = "gauge"
    name: Name = "gauge"
    gauge: Gauge


class GoldenStep(Model):
    """The step `golden`."""

    variant: ClassVar[Tool] = "golden"
    name: Name = "golden"
    golden: Golden


def _tool(step: Mapping[str, Any]) -> str:
    """Return the one tool that a step names, so that an error tells of that tool and of no other."""
    named = [key for key in step if key in TOOLS]
    return named[0] if len(named) == 1 else "none"


Step = Annotated[
    Annotated[LocateStep, Tag("~locate")] | Annotated[GaugeStep, Tag("~gauge")] | Annotated[GoldenStep, Tag("~golden")],
    pick_variant(_tool),
]


class Recipe(Model):
    """How a part is inspected.

    Attributes:
        recipe: its name.
        description: for people.
        tools: the chain; the first step locates, later ones work in the frame of what it found.

    """

    recipe: Name
    description: str = ""
    tools: Annotated[tuple[Step, ...], Field(min_length=1, max_length=32)]

    @model_validator(mode="after")
    def _chain(self) -> Self:
        kinds = [step.variant for step in self.tools]
        if kinds[0] != "locate" or kinds.count("locate") != 1:
            raise ValueError("a recipe starts with 'locate' and locates once")
        if kinds.count("golden") > 1:
            raise ValueError("a recipe compares with one learnt model: give 'golden' once")
        names = [step.name for step in self.tools]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two steps are called '{twice[0]}': give one a name")
        golden = self.golden
        if golden is not None and golden.inside >= self.locate.disc:
            raise ValueError("'golden' must compare inside the disc: make 'inside' smaller than 'disc'")
        return self

    @property
    def locate(self) -> Locate:
        """The chain's first tool."""
        step = self.tools[0]
        assert isinstance(step, LocateStep)
        return step.locate

    @property
    def golden(self) -> Golden | None:
        """The chain's comparison with a learnt model, if it has one."""
        return next((step.golden for step in self.tools if isinstance(step, GoldenStep)), None)

    @property
    def needs_model(self) -> bool:
        """Whether a learnt model is part of the recipe."""
        return self.golden is not None or self.locate.yaw

    @property
    def radius(self) -> float:
        """Radius of the nominal rim, m."""
        return self.locate.disc / 2

    def grid(self) -> int:
        """Return how many pixels the learnt model has along each side: whole blocks of eight and a margin."""
        golden = self.golden
        across = golden.inside / golden.resolution if golden else self.locate.disc / 100e-6
        return 8 * math.ceil((across + 4) / 8)
