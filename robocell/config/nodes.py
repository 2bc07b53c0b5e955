"""A YAML document as a tree that knows its places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from robocell.config.problems import Place


@dataclass(frozen=True, slots=True)
class Span:
    """From (line, column) to (end_line, end_column), all from 0, the end excluded."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(slots=True)
class ScalarNode:
    """A scalar: its text, and the value that YAML 1.2's core schema gives it."""

    text: str
    value: str | int | float | bool | None
    span: Span
    quoted: bool = False


@dataclass(slots=True)
class SequenceNode:
    """A list."""

    span: Span
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class MappingNode:
    """A mapping; of a repeated key the first entry."""

    span: Span
    entries: dict[str, tuple[ScalarNode, Node]] = field(default_factory=dict)


Node = ScalarNode | SequenceNode | MappingNode
Loc = Sequence[str | int]


def to_plain(node: Node) -> Any:
    """Return the tree as dicts, lists and scalars."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, SequenceNode):
        return [to_plain(item) for item in node.items]
    return {key: to_plain(value) for key, (_, value) in node.entries.items()}


@dataclass(frozen=True)
class Document:
    """A file that was read: its name as the caller gave it, lines, tree, and the digest of its bytes."""

    file: str
    lines: tuple[str, ...]
    root: MappingNode
    sha256: str = ""

    def node(self, loc: Loc) -> Node | None:
        """Return the node at exactly `loc`, None if there is none."""
        node: Node | None = self.root
        for step in loc:
            node = _child(node, step)
            if node is None:
                return None
        return node

    def find(self, loc: Loc) -> Node:
        """Return the node at `loc`, or the nearest above it that the file has."""
        return self._walk(loc)[0]

    def place(self, loc: Loc, *, key: bool = False) -> Place:
        """Return where the value at `loc` is.

        A scalar's own place; for a list or mapping the key that introduces it, since that is what a reader
        looks for. Steps that the file does not have (a missing key, a union's tag) are skipped.

        Args:
            loc: Keys and indices from the root, as pydantic reports them.
            key: Ask for the key's place, even of a scalar.

        """
        node, key_span = self._walk(loc)
        if key_span is not None and (key or not isinstance(node, ScalarNode) or _empty(node)):
            return self.place_of(key_span)
        if isinstance(node, MappingNode) and node.entries:
            first, _ = next(iter(node.entries.values()))
            return self.place_of(first.span)
        return self.place_of(node.span)

    def inner(self, loc: Loc, offset: int, length: int = 1) -> Place:
        """Return the place of character `offset` (from 0) in the text of the scalar at `loc`."""
        node, _ = self._walk(loc)
        place = self.place(loc)
        if not isinstance(node, ScalarNode) or node.span.line != node.span.end_line:
            return place
        column = min(place.column + offset + int(node.quoted), node.span.end_column)
        return Place(place.file, place.line, column, max(1, min(length, place.length - offset)), place.excerpt)

    def place_of(self, span: Span) -> Place:
        """Return `span` as a place; one that covers several lines is marked up to the end of the first."""
        excerpt = self.lines[span.line] if span.line < len(self.lines) else ""
        end = span.end_column if span.end_line == span.line else len(excerpt.rstrip())
        return Place(self.file, span.line + 1, span.column + 1, max(1, end - span.column), excerpt)

    def declared_on(self, loc: Loc) -> int:
        """Return the line, from 1, on which the key at `loc` stands."""
        return self.place(loc, key=True).line

    def _walk(self, loc: Loc) -> tuple[Node, Span | None]:
        node: Node = self.root
        key: Span | None = None
        alternative: str | None = None
        for step in _skip_key_marker(loc):
            if isinstance(step, str) and step.startswith("~"):
                alternative = step[1:]
                continue
            child, child_key = _descend(node, step, alternative)
            if child is None:
                continue
            node, key, alternative = child, child_key, None
        return node, key


def _skip_key_marker(loc: Loc) -> Iterator[str | int]:
    return (step for step in loc if step != "[key]")


def _child(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, MappingNode) and isinstance(step, str) and step in node.entries:
        return node.entries[step][1]
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def _descend(node: Node, step: str | int, alternative: str | None) -> tuple[Node | None, Span | None]:
    """One step down; where the model flattens `{word: {…}}`, through the word that the union's tag names."""
    if isinstance(node, MappingNode) and isinstance(step, str):
        if step in node.entries:
            key, child = node.entries[step]
            return child, key.span
        if alternative in node.entries and len(node.entries) == 1:
            key, inner = node.entries[alternative]
            below, below_key = _descend(inner, step, None)
            return (below, below_key) if below is not None else (inner, key.span)
    child_node = _child(node, step)
    return child_node, None


def _empty(node: ScalarNode) -> bool:
    return node.value is None and node.text == ""
