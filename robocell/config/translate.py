"""pydantic's errors → problems: our code, the place in the file, a sentence for an engineer."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from robocell.config.nodes import Document, MappingNode, Node, ScalarNode, SequenceNode
from robocell.config.problems import Place, Problem
from robocell.config.shape import field_at, keys_of, model_at
from robocell.model.fault import ACTIONS
from robocell.model.recipe import TOOLS
from robocell.model.recipe_gauge import GAUGES
from robocell.model.route import VERBS

Loc = tuple[str | int, ...]
Error = Mapping[str, Any]


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` most likely means, None if none is close."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if not close:
        close = [word for word in known if word.lower() == name.lower()][:1]
    return close[0] if close else None


def did_you_mean(name: str, known: Iterable[str], fallback: str = "") -> str:
    """Return "did you mean 'x'?" for a close match of `name`, else `fallback`."""
    close = closest(name, known)
    return f"did you mean '{close}'?" if close is not None else fallback


def translate(error: ValidationError, document: Document, root: type[BaseModel]) -> list[Problem]:
    """Return one problem for each of pydantic's errors."""
    items = error.errors(include_url=False, include_input=False)
    return [_Translator(document, root, item).problem() for item in items if not _follows(item, items, root)]


def _follows(item: Error, items: Sequence[Error], root: type[BaseModel]) -> bool:
    """Whether `item` only follows from another error: a list without its broken entries, a misspelt key."""
    loc: Loc = item["loc"]
    if item["type"] == "too_short":
        return any(other["loc"][: len(loc)] == loc and len(other["loc"]) > len(loc) for other in items)
    if item["type"] != "missing":
        return False
    unknown = [o["loc"] for o in items if o["type"] == "extra_forbidden" and o["loc"][:-1] == loc[:-1]]
    model = model_at(root, loc[:-1])
    known = keys_of(model) if model is not None else []
    return any(did_you_mean(str(other[-1]), known) == f"did you mean '{loc[-1]}'?" for other in unknown)


class _Translator:
    """One error on its way."""

    def __init__(self, document: Document, root: type[BaseModel], error: Error) -> None:
        self.document = document
        self.root = root
        self.type: str = error["type"]
        self.loc: Loc = error["loc"]
        self.context: Mapping[str, Any] = error.get("ctx", {})
        self.text: str = error["msg"]

    def problem(self) -> Problem:
        handler = _HANDLERS.get(self.type)
        if handler is None:
            handler = _wrong_type if self.type.endswith("_type") or self.type.startswith("int_") else _other
        return handler(self)

    def at(self, *, key: bool = False) -> Place:
        return self.document.place(self.loc, key=key)

    @property
    def key(self) -> str:
        """The last key of the location, for sentences."""
        words = [str(step) for step in self.loc if isinstance(step, str) and not step.startswith(("~", "["))]
        return words[-1] if words else ""

    @property
    def description(self) -> str:
        field = field_at(self.root, self.loc)
        return (field.description or "") if field is not None else ""

    @property
    def node(self) -> Node | None:
        return self.document.find(self.loc)


def _plain(loc: Loc) -> Loc:
    return tuple(step for step in loc if not (isinstance(step, str) and step.startswith(("~", "["))))


def _found(node: Node | None) -> str:
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if not isinstance(node, ScalarNode) or node.value is None:
        return "nothing"
    kind = {bool: "true/false", int: "the number", float: "the number"}.get(type(node.value), "the text")
    return f"{kind} {node.text}" if kind == "the number" else f"{kind} '{node.text[:40]}'"


def _unknown_key(t: _Translator) -> Problem:
    model = model_at(t.root, t.loc[:-1])
    known = keys_of(model) if model is not None else []
    listing = f"keys here: {', '.join(known)}" if known else ""
    return Problem("RC201", t.at(key=True), f"unknown key '{t.loc[-1]}'", did_you_mean(str(t.loc[-1]), known, listing))


def _missing(t: _Translator) -> Problem:
    if isinstance(t.loc[-1], int):
        return Problem("RC212", t.document.place(t.loc[:-1]), f"'{t.key}' has too few entries")
    hint = t.description
    return Problem("RC202", t.document.place(t.loc[:-1], key=True), f"key '{t.loc[-1]}' is missing", hint)


_TYPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "quantity_type": "",
}


def _wrong_type(t: _Translator) -> Problem:
    if t.type == "quantity_type":
        return Problem("RC203", t.at(), f"{t.text}")
    expected = _TYPES.get(t.type, "another value")
    return Problem("RC203", t.at(), f"'{t.key}' needs {expected}, found {_found(t.node)}", t.description)


def _length(t: _Translator) -> Problem:
    bound = t.context.get("min_length", t.context.get("max_length"))
    found = t.context.get("actual_length")
    few = t.type in ("too_short", "string_too_short")
    word = "at least" if few else "at most"
    if t.type.startswith("string"):
        return Problem("RC203", t.at(), f"'{t.key}' has {word} {bound} characters")
    entries = "entry" if bound == 1 else "entries"
    return Problem("RC212", t.at(), f"'{t.key}' needs {word} {bound} {entries}, found {found}")


def _pattern(t: _Translator) -> Problem:
    is_key = bool(t.loc) and t.loc[-1] == "[key]"
    value = str(t.loc[-2]) if is_key else _text(t.node)
    place = t.document.place(t.loc[:-1] if is_key else t.loc, key=is_key)
    if "faults" in t.loc[:1] and is_key:
        return Problem(
            "RC501",
            place,
            f"'{value}' is no fault key",
            "write <step name | station | device | verb>.<fault>",
        )
    if t.key == "profile":
        return Problem("RC208", place, f"'{value}' is no profile name", "write maker/device, such as generic/photo-eye")
    if t.key == "measure":
        hint = "write step.quantity, such as locate.diameter"
        return Problem("RC208", place, f"'{value}' is no measurement", hint)
    if not is_key and "\\." in str(t.context.get("pattern", "")):
        return Problem("RC208", place, f"'{value}' is no signal", "write device.signal, such as panel.reset")
    hint = "a name has letters, digits and _, and begins with a letter"
    if suggestion := re.sub(r"[^A-Za-z0-9_]", "_", value).strip("_"):
        hint += f"; for example '{suggestion if not suggestion[0].isdigit() else 'n' + suggestion}'"
    return Problem("RC208", place, f"'{value}' is not a possible name", hint)


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""


def _variant(t: _Translator) -> Problem:
    """No member of a union fits: no verb, no action, no kind."""
    node = t.node
    if not isinstance(node, MappingNode):
        found = _found(node)
        if t.loc[0] == "faults" and isinstance(node, ScalarNode) and isinstance(node.value, str):
            return _unknown_action(t, node.text)
        return Problem("RC203", t.at(), f"'{t.key}' needs a mapping, found {found}")
    keys = list(node.entries)
    if t.loc[0] == "faults" and t.root.__name__ == "Cell":
        if len(keys) != 1:
            return Problem(
                "RC210",
                t.at(),
                f"an action has one key, this one {len(keys)}",
                "one action an entry of a list",
            )
        return _unknown_action(t, keys[0])
    if t.loc[0] == "route":
        return _no_verb(t, keys)
    if t.root.__name__ == "Recipe":
        return _no_tool(t, keys) if len(_plain(t.loc)) == 2 else _no_gauge(t, keys)
    known = [tag.strip("' ").removeprefix("~") for tag in str(t.context.get("expected_tags", "")).split(",")]
    first = keys[0] if keys else ""
    hint = did_you_mean(first, known, f"one of: {', '.join(known)}")
    return Problem("RC201", t.at(), f"none of the possible keys is here, found {', '.join(keys) or 'nothing'}", hint)


def _unknown_action(t: _Translator, word: str) -> Problem:
    known = [action.variant for action in ACTIONS]
    hint = did_you_mean(word, known, f"actions: {', '.join(known)}")
    return Problem("RC210", t.at(), f"unknown action '{word}'", hint)


def _no_verb(t: _Translator, keys: Sequence[str]) -> Problem:
    unknown = [key for key in keys if key not in ("name", "when")]
    if not unknown:
        return Problem("RC209", t.at(), "a step without a verb", f"verbs: {', '.join(VERBS)}")
    place = t.document.place((*_plain(t.loc), unknown[0]), key=True)
    hint = did_you_mean(unknown[0], VERBS, f"verbs: {', '.join(VERBS)}")
    return Problem("RC209", place, f"unknown verb '{unknown[0]}'", hint)


def _no_tool(t: _Translator, keys: Sequence[str]) -> Problem:
    tools = [key for key in keys if key in TOOLS]
    if len(tools) > 1:
        place = t.document.place((*_plain(t.loc), tools[1]), key=True)
        return Problem("RC801", place, f"a step has one tool, this one has {' and '.join(tools)}", "make it two steps")
    unknown = [key for key in keys if key != "name"]
    if not unknown:
        return Problem("RC801", t.at(), "a step without a tool", f"tools: {', '.join(TOOLS)}")
    place = t.document.place((*_plain(t.loc), unknown[0]), key=True)
    hint = did_you_mean(unknown[0], TOOLS, f"tools: {', '.join(TOOLS)}")
    return Problem("RC801", place, f"unknown tool '{unknown[0]}'", hint)


def _no_gauge(t: _Translator, keys: Sequence[str]) -> Problem:
    measures = [key for key in keys if key in GAUGES]
    listing = f"possible: {', '.join(GAUGES)}"
    if len(measures) > 1:
        place = t.document.place((*_plain(t.loc), measures[1]), key=True)
        text = f"a gauge measures one thing, this one {' and '.join(measures)}"
        return Problem("RC213", place, text, "make it two steps")
    unknown = [key for key in keys if key not in ("in", "limits")]
    if not unknown:
        return Problem("RC202", t.at(), "a gauge that measures nothing", listing)
    place = t.document.place((*_plain(t.loc), unknown[0]), key=True)
    return Problem("RC201", place, f"unknown key '{unknown[0]}'", did_you_mean(unknown[0], GAUGES, listing))


def _literal(t: _Translator) -> Problem:
    expected = str(t.context.get("expected", ""))
    known = [part.strip("' ") for part in re.split(r", | or ", expected)]
    value = _text(t.node)
    if t.loc == ("robocell",):
        return Problem("RC217", t.at(), f"version {value} of the language is unknown", f"this release reads {expected}")
    hint = did_you_mean(value, known, f"possible: {', '.join(known)}")
    return Problem("RC211", t.at(), f"'{t.key}' cannot be '{value}'", hint)


def _quantity(code: str) -> Callable[[_Translator], Problem]:
    def handler(t: _Translator) -> Problem:
        return Problem(code, t.at(), t.text)

    return handler


def _no_unit(t: _Translator) -> Problem:
    hint = f"write {t.context.get('example')}"
    if t.context.get("bare") and t.root.__name__ != "Recipe":
        hint += ", or say at the top of the file what bare numbers mean: units: {length: mm, angle: deg}"
    return Problem("RC302", t.at(), t.text, hint)


def _number_bound(t: _Translator) -> Problem:
    low = t.type.startswith("greater")
    bound = next((t.context[name] for name in ("ge", "gt", "le", "lt") if name in t.context), "")
    word = {"greater_than": "more than", "greater_than_equal": "at least", "less_than": "less than"}
    message = f"'{t.key}' must be {word.get(t.type, 'at most')} {bound:g}, found {_text(t.node)}"
    return Problem("RC303" if low else "RC304", t.at(), message, t.description)


def _expression(t: _Translator) -> Problem:
    place = t.document.inner(_plain(t.loc), int(t.context.get("column", 0)))
    return Problem("RC401", place, t.text)


def _combination(t: _Translator) -> Problem:
    return Problem("RC213", t.at(), t.text)


def _source(t: _Translator) -> Problem:
    """A figure whose source is not listed: the error is the profile's, the place the figure's."""
    steps = [int(step) if step.isdigit() else step for step in str(t.context.get("place", "")).split(".")]
    return Problem("RC203", t.document.place((*t.loc, *steps, "source")), t.text)


def _other(t: _Translator) -> Problem:
    told = t.text[:1].lower() + t.text[1:]
    return Problem("RC203", t.at(), f"'{t.key}': {told}" if t.key else told)


_HANDLERS: dict[str, Callable[[_Translator], Problem]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "too_short": _length,
    "too_long": _length,
    "string_too_short": _length,
    "string_too_long": _length,
    "string_pattern_mismatch": _pattern,
    "union_tag_invalid": _variant,
    "union_tag_not_found": _variant,
    "literal_error": _literal,
    "quantity_unit": _quantity("RC301"),
    "quantity_no_unit": _no_unit,
    "quantity_low": _quantity("RC303"),
    "quantity_high": _quantity("RC304"),
    "not_finite": _quantity("RC115"),
    "greater_than": _number_bound,
    "greater_than_equal": _number_bound,
    "less_than": _number_bound,
    "less_than_equal": _number_bound,
    "expression": _expression,
    "grid": _quantity("RC203"),
    "wait": _combination,
    "name_twice": _combination,
    "then_without_end": _combination,
    "action_argument": _combination,
    "range_order": _combination,
    "too_many": _combination,
    "unknown_source": _source,
    "keys": _combination,
    "text_pattern": _quantity("RC804"),
}
