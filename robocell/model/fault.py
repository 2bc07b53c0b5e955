"""Recovery as data: what is tried when a fault is raised, and what applies when that is used up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    Tag,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from robocell.model.base import Model, pick_variant
from robocell.model.quantity import Duration, Label, Name, PositiveDuration, SignalName

FaultKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\.[a-z_]+$", max_length=130)]


class ActionBase(Model):
    """One action. A file writes a word (`retry`) or a mapping with one key (`relocate: camera`)."""

    variant: ClassVar[str]
    main: ClassVar[str | None] = None

    @model_validator(mode="before")
    @classmethod
    def _flatten(cls, value: Any) -> Any:
        """Turn `{relocate: camera}` into `{camera: camera}`, `{reverse: {belt, for}}` into its arguments."""
        if not isinstance(value, Mapping) or list(value) != [cls.variant]:
            return value
        inner = value[cls.variant]
        if inner is None:
            return {}
        if isinstance(inner, Mapping):
            return dict(inner)
        if cls.main is None:
            raise PydanticCustomError(
                "action_argument", "'{action}' takes no plain value here", {"action": cls.variant}
            )
        return {cls.main: inner}

    @model_serializer(mode="wrap")
    def _unflatten(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {self.variant: handler(self)}


class Retry(ActionBase):
    """Do the operation again."""

    variant: ClassVar[str] = "retry"


class Open(ActionBase):
    """Open the operation's own gripper (or the one that is named), then do the operation again."""

    variant: ClassVar[str] = "open"
    main: ClassVar[str | None] = "gripper"
    gripper: Name | None = None


class Reject(ActionBase):
    """Set the verdict to failed and go on; with `to`, bring the part there and end the route."""

    variant: ClassVar[str] = "reject"
    main: ClassVar[str | None] = "reason"
    reason: Label
    to: Name | None = None


class Relocate(ActionBase):
    """Look again with a camera, correct the seat, then do the operation again."""

    variant: ClassVar[str] = "relocate"
    main: ClassVar[str | None] = "camera"
    camera: Name


class Reverse(ActionBase):
    """Run a belt backwards for a time."""

    variant: ClassVar[str] = "reverse"
    belt: Name
    duration: PositiveDuration = Field(alias="for")


class Alarm(ActionBase):
    """Raise an alarm for a person; nothing stops by it."""

    variant: ClassVar[str] = "alarm"
    main: ClassVar[str | None] = "name"
    name: Label


class Hold(ActionBase):
    """Hold the workpiece and what it needs until a person resumes."""

    variant: ClassVar[str] = "hold"


class Suspend(ActionBase):
    """Block the routes that need this station until a signal (or the end of the cause)."""

    variant: ClassVar[str] = "suspend"
    main: ClassVar[str | None] = "until"
    until: SignalName | None = None


class Stop(ActionBase):
    """Stop the cell in a controlled way."""

    variant: ClassVar[str] = "stop"


class Abort(ActionBase):
    """Abort the cell at once."""

    variant: ClassVar[str] = "abort"


ACTIONS: tuple[type[ActionBase], ...] = (
    Retry,
    Open,
    Reject,
    Relocate,
    Reverse,
    Alarm,
    Hold,
    Suspend,
    Stop,
    Abort,
)
ENDS = ("reject", "hold", "suspend", "stop", "abort")


def _as_mapping(value: Any) -> Any:
    return {value: None} if isinstance(value, str) else value


def _action(value: Mapping[str, Any]) -> str:
    return str(next(iter(value))) if len(value) == 1 else "unknown"


Action = Annotated[
    Annotated[Retry, Tag("~retry")]
    | Annotated[Open, Tag("~open")]
    | Annotated[Reject, Tag("~reject")]
    | Annotated[Relocate, Tag("~relocate")]
    | Annotated[Reverse, Tag("~reverse")]
    | Annotated[Alarm, Tag("~alarm")]
    | Annotated[Hold, Tag("~hold")]
    | Annotated[Suspend, Tag("~suspend")]
    | Annotated[Stop, Tag("~stop")]
    | Annotated[Abort, Tag("~abort")],
    pick_variant(_action),
    BeforeValidator(_as_mapping),
]


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


class FaultPolicy(Model):
    """What happens when a fault is raised: `try` in this order, one action an occurrence, then `then`."""

    after: Duration | None = Field(default=None, description="How long the condition must last before it is the fault")
    attempts: tuple[Action, ...] = Field(default=(), alias="try", max_length=20)
    then: Annotated[tuple[Action, ...], BeforeValidator(_as_list)] = Field(
        min_length=1, max_length=10, description="An action or a list; the last one says how it ends"
    )

    @model_validator(mode="after")
    def _ends(self) -> FaultPolicy:
        if not any(action.variant in ENDS for action in self.then):
            raise PydanticCustomError(
                "then_without_end",
                "'then' leaves the workpiece where it is; end it with hold, suspend, reject, stop or abort",
            )
        return self
