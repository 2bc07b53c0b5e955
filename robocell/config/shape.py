"""Which keys the language has at a place: found in the model's types, so that hints cannot go out of date."""

from __future__ import annotations

import types
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo

HIDDEN = ("kind",)


def model_at(root: type[BaseModel], loc: Sequence[str | int]) -> type[BaseModel] | None:
    """Return the model class for the mapping at `loc` (as pydantic reports it), None if there is none."""
    annotation: Any = root
    for step in loc:
        annotation = _inside(annotation, step)
        if annotation is None:
            return None
    return _model(annotation)


def field_at(root: type[BaseModel], loc: Sequence[str | int]) -> FieldInfo | None:
    """Return the field that the last step of `loc` names, None if it names none."""
    model = model_at(root, loc[:-1]) if loc else None
    return _field(model, loc[-1]) if model is not None else None


def keys_of(model: type[BaseModel]) -> list[str]:
    """Return the keys that a file can write in `model`, in order of their declaration."""
    return [field.alias or name for name, field in model.model_fields.items() if name not in HIDDEN]


def _field(model: type[BaseModel], step: str | int) -> FieldInfo | None:
    for name, field in model.model_fields.items():
        if (field.alias or name) == step:
            return field
    return None


def _strip(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _members(annotation: Any) -> Iterable[Any]:
    annotation = _strip(annotation)
    if get_origin(annotation) in (Union, types.UnionType):
        for member in get_args(annotation):
            if member is not type(None):
                yield member
    else:
        yield annotation


def _inside(annotation: Any, step: str | int) -> Any:
    if isinstance(step, str) and step.startswith("~"):
        return next((member for member in _flat(annotation) if _tag(member) == step), None)
    for member in _flat(annotation):
        found = _one_inside(_strip(member), step)
        if found is not None:
            return found
    return None


def _flat(annotation: Any) -> Iterable[Any]:
    """Union members, also those of a union inside a union."""
    for member in _members(annotation):
        if get_origin(_strip(member)) in (Union, types.UnionType):
            yield from _flat(member)
        else:
            yield member


def _one_inside(annotation: Any, step: str | int) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = _field(annotation, step)
        if field is not None:
            return field.annotation
        extra = annotation.__annotations__.get("__pydantic_extra__")
        return None if extra is None else _extra_type(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict and isinstance(step, str):
        return arguments[1]
    if origin is tuple and isinstance(step, int):
        return arguments[0] if len(arguments) == 2 and arguments[1] is ... else arguments[min(step, len(arguments) - 1)]
    return None


def _extra_type(model: type[BaseModel]) -> Any:
    from typing import get_type_hints

    return get_args(get_type_hints(model)["__pydantic_extra__"])[1]


def _tag(member: Any) -> str | None:
    if get_origin(member) is Annotated:
        for extra in get_args(member)[1:]:
            if isinstance(extra, Tag):
                return extra.tag
    return None


def _model(annotation: Any) -> type[BaseModel] | None:
    for member in _flat(annotation):
        plain = _strip(member)
        if isinstance(plain, type) and issubclass(plain, BaseModel):
            return plain
    return None
