"""Links and who answers on them. Absent entries mean: no driver there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from robocell.model.base import ByName, Model, pick_variant
from robocell.model.quantity import Name, PositiveDuration


class SerialLink(Model):
    """A serial port."""

    variant: ClassVar[str] = "serial"
    serial: str = Field(pattern=r"^(/dev/|COM)\S+$", max_length=200, description="The port's path, best one by-id")
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600] = 19200
    parity: Literal["even", "odd", "none"] = "even"
    stop_bits: Literal[1, 2] | None = Field(default=None, description="2 without parity, else 1, as Modbus says")
    timeout: PositiveDuration | None = Field(default=None, description="For one exchange; derived from baud otherwise")


class TcpLink(Model):
    """A TCP connection, such as to a serial server."""

    variant: ClassVar[str] = "tcp"
    tcp: str = Field(pattern=r"^[A-Za-z0-9_.\-\[\]:]+:[0-9]{1,5}$", max_length=200, description="host:port")
    timeout: PositiveDuration | None = Field(default=None, description="For one exchange")


def _link(value: Mapping[str, Any]) -> str:
    return "tcp" if "tcp" in value and "serial" not in value else "serial"


Link = Annotated[Annotated[SerialLink, Tag("~serial")] | Annotated[TcpLink, Tag("~tcp")], pick_variant(_link)]


class Binding(Model):
    """A device's place on a link: Modbus and its unit number."""

    modbus: Name = Field(description="The link's name under `links:`")
    unit: int = Field(strict=True, ge=1, le=247, description="The device's unit number (slave address)")


class Hardware(Model):
    """`links:` and, by device name, who answers on which."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Binding] = Field(init=False)
    links: ByName[Link] = Field(default={}, description="Links by name")

    @model_validator(mode="after")
    def _by_name(self) -> Hardware:
        if len(self.__pydantic_extra__) > 1000:
            raise PydanticCustomError("too_many", "more than 1000 devices under hardware")
        in_order = sorted(self.__pydantic_extra__.items())
        self.__pydantic_extra__.clear()
        self.__pydantic_extra__.update(in_order)
        return self

    @property
    def bindings(self) -> dict[str, Binding]:
        """The devices that have a driver, by name."""
        return dict(self.__pydantic_extra__)
