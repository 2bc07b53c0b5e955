"""Bytes → a document with places, or problems. Bounded before anything is built.

PyYAML's C parser gives events; everything that the language does not have (aliases, tags, second documents,
depth) is seen in the event stream, so that nothing can grow on the way.
"""

from __future__ import annotations

import codecs
import hashlib
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from robocell.config.nodes import Document, MappingNode, Node, ScalarNode, SequenceNode, Span
from robocell.config.problems import Place, Problem, sort_problems
from robocell.errors import ConfigError

MAX_BYTES = 1024 * 1024
MAX_EVENTS = 50_000
MAX_DEPTH = 32

_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NULL = ("", "~", "null", "Null", "NULL")
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")
_MAX_DIGITS = 18


def read_file(path: Path, name: str | None = None) -> Document:
    """Read a YAML file.

    Args:
        path: The file.
        name: What problems call it; the path as given otherwise.

    Raises:
        ConfigError: It cannot be read, is too large, or its text is not in the language.

    """
    name = name if name is not None else str(path)
    try:
        if not path.is_file():
            reason = "is a folder" if path.is_dir() else "does not exist" if not path.exists() else "is not a file"
            raise ConfigError([Problem("RC101", Place(name, 1, 1), f"{name} {reason}")])
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError([Problem("RC101", Place(name, 1, 1), f"cannot read {name}: {reason}")]) from None
    return read_bytes(data, name)


def read_bytes(data: bytes, name: str) -> Document:
    """Read YAML from bytes; see `read_file`."""
    text = _decode(data, name)
    lines = tuple(_BREAK.split(text))
    builder = _Builder(name, lines)
    try:
        root = builder.build(text)
    except yaml.YAMLError as error:
        builder.problems.append(_syntax_problem(error, name, lines))
        raise ConfigError(sort_problems(builder.problems)) from None
    if builder.problems:
        raise ConfigError(sort_problems(builder.problems))
    if root is None or (isinstance(root, ScalarNode) and root.value is None):
        hint = "start from one of the example cells in cells/"
        raise ConfigError([Problem("RC105", Place(name, 1, 1), "the file is empty", hint)])
    if not isinstance(root, MappingNode):
        found = "a list" if isinstance(root, SequenceNode) else "a single value"
        place = Document(name, lines, MappingNode(root.span)).place_of(root.span)
        raise ConfigError([Problem("RC116", place, f"expected a mapping, found {found}")])
    return Document(name, lines, root, hashlib.sha256(data).hexdigest())


def _decode(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        raise ConfigError([Problem("RC102", Place(name, 1, 1), "the file has more than 1 MiB")])
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ConfigError([Problem("RC103", Place(name, 1, 1), "the file is UTF-16", "save it as UTF-8")])
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise ConfigError(
            [Problem("RC103", _place_at(before, len(before), name), message, "save it as UTF-8")]
        ) from None
    if match := _CONTROL.search(text):
        what = "NUL" if match[0] == "\0" else f"the control character U+{ord(match[0]):04X}"
        raise ConfigError([Problem("RC104", _place_at(text, match.start(), name), f"{what} in the text", "remove it")])
    return text


def _place_at(text: str, index: int, name: str) -> Place:
    lines = _BREAK.split(text[:index])
    rest = _BREAK.split(text[index:], maxsplit=1)[0]
    return Place(name, len(lines), len(lines[-1]) + 1, 1, lines[-1] + rest)


def _syntax_problem(error: yaml.YAMLError, name: str, lines: tuple[str, ...]) -> Problem:
    mark: Any = getattr(error, "problem_mark", None)
    if mark is None:
        return Problem("RC106", Place(name, 1, 1), f"not YAML: {error}")
    line, column = min(mark.line, len(lines) - 1), mark.column if mark.line < len(lines) else 0
    excerpt = lines[line]
    what = str(getattr(error, "problem", "") or "it cannot be parsed")
    hint = ""
    if excerpt[column : column + 1] == "\t":
        what, hint = "a tab where YAML needs spaces", "indent with spaces"
    elif context := getattr(error, "context", None):
        start: Any = getattr(error, "context_mark", None)
        hint = f"{context}" + (f" that starts on line {start.line + 1}" if start is not None else "")
    return Problem("RC106", Place(name, line + 1, column + 1, 1, excerpt), f"not YAML: {what}", hint)


class _Builder:
    """Builds the tree from events, counting them, and collects what the language refuses."""

    def __init__(self, name: str, lines: tuple[str, ...]) -> None:
        self.problems: list[Problem] = []
        self._source = Document(name, lines, MappingNode(Span(0, 0, 0, 0)))

    def build(self, text: str) -> Node | None:
        events = self._bounded(yaml.parse(text, Loader=yaml.CSafeLoader))
        root: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse("RC111", _span(event), "a second document begins here", "a file holds one document")
                    return root
            elif isinstance(event, yaml.NodeEvent):
                root = self._node(event, events)
        return root

    def _refuse(self, code: str, span: Span, message: str, hint: str = "") -> None:
        self.problems.append(Problem(code, self._source.place_of(span), message, hint))

    def _stop(self, code: str, span: Span, message: str) -> ConfigError:
        self._refuse(code, span, message)
        return ConfigError(sort_problems(self.problems))

    def _bounded(self, events: Iterator[Any]) -> Iterator[Any]:
        depth = 0
        for count, event in enumerate(events, 1):
            if count > MAX_EVENTS:
                raise self._stop("RC107", _span(event), f"more than {MAX_EVENTS} YAML events")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise self._stop("RC108", _span(event), f"nested deeper than {MAX_DEPTH} levels")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            yield event

    def _node(self, event: Any, events: Iterator[Any]) -> Node:
        """Build the node that `event` starts. Recursion is bounded by MAX_DEPTH."""
        span = _span(event)
        if getattr(event, "anchor", None) is not None:
            alias = isinstance(event, yaml.AliasEvent)
            what = f"alias '*{event.anchor}'" if alias else f"anchor '&{event.anchor}'"
            self._refuse("RC109", span, f"{what}: anchors and aliases are not part of the language", "write it out")
            if alias:
                return ScalarNode("", None, span)
        if getattr(event, "tag", None) is not None:
            written = self._source.place_of(span).excerpt[span.column :].split(maxsplit=1)[0]
            self._refuse("RC110", span, f"tag '{written}': tags are not part of the language", "leave the tag out")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, span)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(span, events)
        return self._mapping(span, events)

    def _sequence(self, span: Span, events: Iterator[Any]) -> SequenceNode:
        node = SequenceNode(span)
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                node.span = _until(span, event)
                break
            node.items.append(self._node(event, events))
        return node

    def _mapping(self, span: Span, events: Iterator[Any]) -> MappingNode:
        node = MappingNode(span)
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                node.span = _until(span, event)
                break
            key = self._node(event, events)
            value = self._node(next(events), events)
            self._enter(node, key, value)
        return node

    def _enter(self, node: MappingNode, key: Node, value: Node) -> None:
        if not isinstance(key, ScalarNode):
            self._refuse("RC114", key.span, "a list or mapping cannot be a key")
        elif key.text == "<<" and not key.quoted:
            self._refuse("RC113", key.span, "merge keys are not part of the language", "write the values out")
        elif key.text in node.entries:
            first = self._source.place_of(node.entries[key.text][0].span)
            place = self._source.place_of(key.span)
            message = f"key '{key.text}' is here twice"
            self.problems.append(Problem("RC112", place, message, "rename or remove one", (first, "first")))
        else:
            node.entries[key.text] = (key, value)

    def _scalar(self, event: Any, span: Span) -> ScalarNode:
        text: str = event.value
        if event.style:  # the C parser gives '' for a plain scalar
            return ScalarNode(text, text, span, quoted=event.style in ("'", '"'))
        try:
            return ScalarNode(text, resolve(text), span)
        except ValueError as error:
            self._refuse("RC115", span, str(error), "write a finite number, or quotes for a text")
            return ScalarNode(text, None, span)


def resolve(text: str) -> str | int | float | bool | None:
    """Return the value of a plain scalar in YAML 1.2's core schema.

    Raises:
        ValueError: It is a number that is not finite, or has more than 18 digits as an integer.

    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a number that a cell can use")
    if _INT.fullmatch(text) or _OCTAL_HEX.fullmatch(text):
        if len(text.lstrip("+-")) > _MAX_DIGITS:
            raise ValueError(f"a whole number of {len(text)} digits is not a number that a cell can use")
        return int(text) if _INT.fullmatch(text) else int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(f"{text} is not a number that a cell can use")
        return number
    return text


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start.line, start.column, end.line, end.column)


def _until(span: Span, event: Any) -> Span:
    return Span(span.line, span.column, event.end_mark.line, event.end_mark.column)
