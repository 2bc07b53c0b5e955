"""XML from strangers → a tree of elements with line numbers. No document types, no entities, bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from robocell.errors import CatalogError

MAX_BYTES = 4 * 1024 * 1024
MAX_ELEMENTS = 50_000
MAX_DEPTH = 64


@dataclass
class Element:
    """An element: its tag, attributes, line (from 1) and children."""

    tag: str
    attributes: Mapping[str, str]
    line: int
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str) -> Iterator[Element]:
        """Yield the children of one tag."""
        return (child for child in self.children if child.tag == tag)

    def first(self, tag: str) -> Element | None:
        """Return the first child of one tag, None without one."""
        return next(self.all(tag), None)


def read_xml(path: Path, name: str) -> Element:
    """Read a file.

    Args:
        path: the file.
        name: what messages call it.

    Raises:
        CatalogError: it cannot be read, is too large, is not XML, or has a document type or entities.

    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise CatalogError(f"cannot read {name}: {error.strerror or error}", str(path)) from None
    if len(data) > MAX_BYTES:
        raise CatalogError(f"{name} has more than {MAX_BYTES // 1024 // 1024} MiB", str(path))
    return _Builder(path, name).build(data)


class _Builder:
    """Takes expat's events; refuses as soon as a bound is passed."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._top = Element("", {}, 0)
        self._open = [self._top]
        self._count = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._doctype
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def build(self, data: bytes) -> Element:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            reason = expat.errors.messages.get(error.code, "malformed")
            raise self._refuse(f"not XML: {reason}", error.lineno) from None
        return self._top.children[0]

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) > MAX_DEPTH:
            raise self._refuse(f"more than {MAX_ELEMENTS} elements, or nested deeper than {MAX_DEPTH}", line)
        element = Element(tag, attributes, line)
        self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, tag: str) -> None:
        self._open.pop()

    def _doctype(self, *_: object) -> None:
        raise self._refuse("document types and entities are refused", self._parser.CurrentLineNumber)

    def _refuse(self, reason: str, line: int) -> CatalogError:
        return CatalogError(f"{self._name}:{line}: {reason}", str(self._path))
