"""Routes: what happens to one workpiece, as a list of steps with one verb each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from robocell.model.base import Model, pick_variant
from robocell.model.expression import Expression
from robocell.model.pose import Pose
from robocell.model.quantity import Label, Name, PositiveDuration, PositiveLength

DEFAULT_APPROACH = 0.060

Verb = Literal["arrive", "inspect", "pick", "place", "process", "wait", "set", "leave"]
RecipeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]*$", max_length=64)]
Via = Annotated[
    tuple[Pose, ...],
    Field(max_length=20, description="TCP poses to pass on the way to the approach, in this order"),
]


class Arrive(Model):
    """A workpiece comes into being when the station's sensor sees it."""

    product: Name
    station: Name = Field(alias="at", description="A station on a belt, with a sensor")


class Inspect(Model):
    """Take a picture and judge it: `passed`, `failed` or `inconclusive`."""

    camera: Name = Field(alias="with")
    recipe: RecipeName = Field(description="A recipe in recipes/ beside the cell, or of the product")
    result: Name = Field(alias="as", description="The result's name, which `when` reads")
    timeout: PositiveDuration | None = None


class Pick(Model):
    """Take the part with an arm."""

    arm: Name = Field(alias="with")
    approach: PositiveLength = Field(default=DEFAULT_APPROACH, description="Straight way to the grasp and back")
    via: Via = ()


class Place(Model):
    """Put the part down with the arm that holds it."""

    station: Name = Field(alias="to")
    approach: PositiveLength = Field(default=DEFAULT_APPROACH, description="Straight way to the seat and back")
    via: Via = ()


class Process(Model):
    """Run a machine's program on the part in it."""

    machine: Name = Field(alias="in")
    program: int = Field(strict=True, ge=0, le=9999)
    expected: PositiveDuration = Field(description="Usual duration; the time-out is derived from it")
    timeout: PositiveDuration | None = Field(default=None, description="Three times `expected` where left out")


class Wait(Model):
    """Wait for a time, or until a condition holds."""

    duration: PositiveDuration | None = Field(default=None, alias="for")
    until: Expression | None = None
    timeout: PositiveDuration | None = Field(
        default=None, description="With `until`: then the fault `timeout` is raised"
    )

    @model_validator(mode="after")
    def _one_of(self) -> Wait:
        if (self.duration is None) == (self.until is None):
            raise PydanticCustomError("wait", "a wait has either 'for' (a time) or 'until' (a condition)")
        if self.duration is not None and self.timeout is not None:
            raise PydanticCustomError("wait", "'timeout' belongs to 'until'; a wait 'for' a time ends by itself")
        return self


class SetOutput(Model):
    """Switch a named output."""

    io: Name
    value: bool = Field(alias="to", strict=True)


class Leave(Model):
    """The part leaves the cell on a belt; the workpiece ends."""

    belt: Name = Field(alias="by")


Operation = Arrive | Inspect | Pick | Place | Process | Wait | SetOutput | Leave


class StepBase(Model):
    """One step. `name` (which `faults:` can use) may stand beside the verb or among its arguments."""

    variant: ClassVar[Verb]
    name: Name | None = Field(default=None, description="A name for this step, used by `faults:` and the record")
    when: Expression | None = Field(default=None, description="Do this step only if the condition holds")

    @model_validator(mode="before")
    @classmethod
    def _hoist_name(cls, value: Any) -> Any:
        arguments = value.get(cls.variant) if isinstance(value, Mapping) else None
        if not isinstance(arguments, Mapping) or "name" not in arguments:
            return value
        if "name" in value:
            raise PydanticCustomError("name_twice", "this step has two names; keep one")
        rest = {key: item for key, item in arguments.items() if key != "name"}
        return {**value, cls.variant: rest, "name": arguments["name"]}

    @property
    def verb(self) -> Verb:
        """The step's verb."""
        return self.variant

    @property
    def operation(self) -> Operation:
        """The verb's arguments."""
        operation: Operation = getattr(self, self._field)
        return operation

    @property
    def label(self) -> str:
        """The step's own name, else its verb."""
        return self.name or self.variant

    _field: ClassVar[str]


class ArriveStep(StepBase):
    """`- arrive: {…}`."""

    variant: ClassVar[Verb] = "arrive"
    _field: ClassVar[str] = "arrive"
    arrive: Arrive


class InspectStep(StepBase):
    """`- inspect: {…}`."""

    variant: ClassVar[Verb] = "inspect"
    _field: ClassVar[str] = "inspect"
    inspect: Inspect


class PickStep(StepBase):
    """`- pick: {…}`."""

    variant: ClassVar[Verb] = "pick"
    _field: ClassVar[str] = "pick"
    pick: Pick


class PlaceStep(StepBase):
    """`- place: {…}`."""

    variant: ClassVar[Verb] = "place"
    _field: ClassVar[str] = "place"
    place: Place


class ProcessStep(StepBase):
    """`- process: {…}`."""

    variant: ClassVar[Verb] = "process"
    _field: ClassVar[str] = "process"
    process: Process


class WaitStep(StepBase):
    """`- wait: {…}`."""

    variant: ClassVar[Verb] = "wait"
    _field: ClassVar[str] = "wait"
    wait: Wait


class SetStep(StepBase):
    """`- set: {…}`."""

    variant: ClassVar[Verb] = "set"
    _field: ClassVar[str] = "output"
    output: SetOutput = Field(alias="set")


class LeaveStep(StepBase):
    """`- leave: {…}`."""

    variant: ClassVar[Verb] = "leave"
    _field: ClassVar[str] = "leave"
    leave: Leave


VERBS: tuple[Verb, ...] = ("arrive", "inspect", "pick", "place", "process", "wait", "set", "leave")


def _verb(value: Mapping[str, Any]) -> str:
    for verb in VERBS:
        if verb in value:
            return verb
    return "set" if "output" in value else "none"


Step = Annotated[
    Annotated[ArriveStep, Tag("~arrive")]
    | Annotated[InspectStep, Tag("~inspect")]
    | Annotated[PickStep, Tag("~pick")]
    | Annotated[PlaceStep, Tag("~place")]
    | Annotated[ProcessStep, Tag("~process")]
    | Annotated[WaitStep, Tag("~wait")]
    | Annotated[SetStep, Tag("~set")]
    | Annotated[LeaveStep, Tag("~leave")],
    pick_variant(_verb),
]
Steps = Annotated[tuple[Step, ...], Field(min_length=1, max_length=200)]
StepLabel = Label
