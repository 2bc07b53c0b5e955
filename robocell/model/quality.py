"""Quality over time: which measurement of which inspection is charted, against what, and what a signal does."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from robocell.model.base import Model
from robocell.model.extent import Limits, Side
from robocell.model.quantity import Name

MeasureName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*\.[A-Za-z_][A-Za-z0-9_-]*$", max_length=129)]


class KnownChart(Model):
    """What the process does when only chance is at work, where that is known already."""

    mean: Side = Field(description="Where the process is centred")
    sigma: Side = Field(description="Standard deviation of single values, within subgroups")


class QualityChart(Model):
    """A control chart of one measurement, and its capability."""

    result: Name = Field(alias="of", description="The inspection's result: what it is called by `as:`")
    measure: MeasureName = Field(description="A measurement of its recipe: step.quantity, such as locate.diameter")
    limits: Limits = Field(description="The tolerance: 60 mm ± 0.2 mm, or {min, max}")
    subgroup: Annotated[int, Field(strict=True, ge=1, le=10)] = Field(
        default=5, description="Consecutive parts in a subgroup"
    )
    learn: Annotated[int, Field(strict=True, ge=2, le=1000)] = Field(
        default=20, description="Subgroups from which control limits are learnt"
    )
    then: Literal["alarm", "hold"] = Field(
        default="alarm", description="What a signal does: tell people, or hold the cell until one has looked, too"
    )
    chart: KnownChart | None = Field(default=None, description="Known control limits; they are learnt otherwise")

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if self.chart is not None and {self.chart.mean.pixels, self.chart.sigma.pixels} != {self.limits.pixels}:
            raise PydanticCustomError("range_order", "'chart' and 'limits' are both in a length or both in px")
        return self

    @property
    def unit(self) -> Literal["m", "px"]:
        """The measurement's unit."""
        return "px" if self.limits.pixels else "m"
