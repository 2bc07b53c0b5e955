"""An inspection recipe: a chain of named tools. Loading it, and the models it names, is not done here."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_UNITS = {"m": 1.0, "mm": 1e-3, "um": 1e-6, "µm": 1e-6}
_LENGTH = re.compile(r"\s*([-+]?[0-9]+(?:\.[0-9]+)?)\s*(m|mm|um|µm)\s*")
_AREA = re.compile(r"\s*([-+]?[0-9]+(?:\.[0-9]+)?)\s*(m|mm|um|µm)(?:2|²)\s*")


def _parse(pattern: re.Pattern[str], power: int, example: str) -> Any:
    def parse(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = pattern.fullmatch(value)
        if match is None:
            raise ValueError(f"write a number and a unit, as in '{example}'")
        return float(match[1]) * _UNITS[match[2]] ** power

    return parse


Length = Annotated[
    float,
    BeforeValidator(_parse(_LENGTH, 1, "60 mm")),
    Field(ge=0, le=10, allow_inf_nan=False, description="a length, such as 60 mm; a bare number is metres"),
]
Area = Annotated[
    float,
    BeforeValidator(_parse(_AREA, 2, "0.5 mm2")),
    Field(ge=0, le=1, allow_inf_nan=False, description="an area, such as 0.5 mm2; a bare number is m²"),
]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=64)]


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Plain):
    """What a measured length may be: `60 mm ± 0.2 mm`, or `{min: 59.8 mm, max: 60.2 mm}`."""

    min: Length = 0.0
    max: Length

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        nominal, sign, tolerance = value.replace("+-", "±").replace("+/-", "±").partition("±")
        parse = _parse(_LENGTH, 1, "60 mm ± 0.2 mm")
        if not sign:
            raise ValueError("write the nominal length and its tolerance, as in '60 mm ± 0.2 mm'")
        middle, half = parse(nominal), parse(tolerance)
        return {"min": middle - half, "max": middle + half}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"the least length, {self.min:g} m, is not below the greatest, {self.max:g} m")
        return self


class Locate(_Plain):
    """Finds the part's round face in the picture.

    Attributes:
        disc: nominal diameter of the rim.
        search: how much the diameter may differ and still be this part's.
        yaw: whether the face has a pattern that tells how the part is turned.
        hidden: greatest connected share of the rim that may be out of sight, as where two parts touch.

    """

    disc: Annotated[Length, Field(gt=0)]
    search: Annotated[Length, Field(gt=0)] = 1.2e-3
    yaw: bool = True
    hidden: Annotated[float, Field(ge=0, lt=0.5)] = 0.08

    @model_validator(mode="after")
    def _narrow(self) -> Self:
        if self.search > self.disc / 10:
            raise ValueError("a disc is searched within a tenth of its diameter: make 'search' smaller")
        return self


class Gauge(_Plain):
    """Measures the located disc's diameter against limits."""

    diameter: Limits


class Golden(_Plain):
    """Compares the located face with what good parts look like, pixel by pixel.

    Attributes:
        inside: diameter within which the face is compared; the rim's chamfer is left out.
        resolution: length a pixel of the learnt model.
        contrast: grey levels that a difference must have, on an even face, to count.
        area: area that connected differing pixels must have to count.
        spread: how many standard deviations of good parts a pixel may differ.

    """

    inside: Annotated[Length, Field(gt=0)]
    resolution: Annotated[Length, Field(ge=5e-6, le=1e-3)] = 100e-6
    contrast: Annotated[float, Field(gt=0, le=255)] = 5.0
    area: Area = 0.05e-6
    spread: Annotated[float, Field(gt=0, le=100)] = 6.0

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.inside / self.resolution > 2048:
            raise ValueError("a learnt model has at most 2048 pixels across: make 'resolution' coarser")
        return self


class _Step(_Plain):
    name: Name = ""


class LocateStep(_Step):
    """The step `locate`."""

    locate: Locate


class GaugeStep(_Step):
    """The step `gauge`."""

    gauge: Gauge


class GoldenStep(_Step):
    """The step `golden`."""

    golden: Golden


Tool = Literal["locate", "gauge", "golden"]
Step = LocateStep | GaugeStep | GoldenStep


def tool_of(step: Step) -> Tool:
    """Return the tool that a step uses."""
    match step:
        case LocateStep():
            return "locate"
        case GaugeStep():
            return "gauge"
    return "golden"


def _as_step(value: Any) -> Any:
    """Choose a step's model by the tool it names, so that an error tells of that tool and of no other."""
    if isinstance(value, _Step) or not isinstance(value, Mapping):
        return value
    models: dict[str, type[_Step]] = {"locate": LocateStep, "gauge": GaugeStep, "golden": GoldenStep}
    named = [key for key in value if key in models]
    if len(named) != 1:
        raise ValueError(f"a step uses one tool of: {', '.join(models)}")
    return models[named[0]].model_validate(value)


class Recipe(_Plain):
    """How a part is inspected.

    Attributes:
        recipe: its name.
        description: for people.
        tools: the chain; the first step locates, later ones work in the frame of what it found.

    """

    recipe: Name
    description: str = ""
    tools: Annotated[tuple[Annotated[Step, BeforeValidator(_as_step)], ...], Field(min_length=1, max_length=32)]

    @model_validator(mode="after")
    def _chain(self) -> Self:
        kinds = [tool_of(step) for step in self.tools]
        if kinds[0] != "locate" or kinds.count("locate") != 1:
            raise ValueError("a recipe starts with 'locate' and locates once")
        if kinds.count("golden") > 1:
            raise ValueError("a recipe compares with one learnt model: give 'golden' once")
        names = [step.name or tool_of(step) for step in self.tools]
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
