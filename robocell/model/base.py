"""What all models share: frozen, no unknown keys, mappings in the order of their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field

from robocell.model.quantity import Name

T = TypeVar("T")


class Model(BaseModel):
    """Frozen data in SI units. Keys that are Python keywords in a file (`in`, `with`, `as`) are aliases."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )


def _by_name(items: dict[str, T]) -> dict[str, T]:
    return dict(sorted(items.items()))


# Stored sorted, so that nothing downstream can depend on the order in which a file lists its devices.
ByName = Annotated[dict[Name, T], AfterValidator(_by_name), Field(max_length=1000)]


def pick_variant(choose: Callable[[Mapping[str, Any]], str]) -> Discriminator:
    """Build a discriminator that chooses a union's member from a mapping's keys.

    The tags it uses begin with `~`, which no key does, so that they can be told from keys in an error's
    location. Members must be declared `Annotated[Class, Tag("~word")]`; an instance is recognised by its
    `variant` attribute.
    """

    def discriminate(value: Any) -> str | None:
        if isinstance(value, Mapping):
            return "~" + choose(value)
        variant = getattr(value, "variant", None)
        return f"~{variant}" if isinstance(variant, str) else None

    return Discriminator(discriminate)
