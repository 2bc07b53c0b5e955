"""Problems with a place, for the person who must mend the file; and how they are shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from robocell.config.codes import CODES, Code, explain

if TYPE_CHECKING:
    from rich.text import Text

__all__ = [
    "CODES",
    "Code",
    "Place",
    "Problem",
    "explain",
    "render",
    "render_rich",
    "sort_problems",
    "to_json",
]

_WINDOW = 140


@dataclass(frozen=True)
class Place:
    """A span on one line of a file. `line` and `column` count from 1; `excerpt` is the whole line."""

    file: str
    line: int
    column: int
    length: int = 1
    excerpt: str = ""


@dataclass(frozen=True)
class Problem:
    """One problem: a stable code, where, what, and (if there is something to say) what to do.

    Attributes:
        code: A key of `CODES`.
        place: Where the problem is.
        message: What is wrong, in one sentence without a full stop.
        hint: What to do about it, or "".
        related: The second place of a conflict, with a word about it, or None.

    """

    code: str
    place: Place
    message: str
    hint: str = ""
    related: tuple[Place, str] | None = None

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"no problem code {self.code}")

    @property
    def warning(self) -> bool:
        """Whether the cell can be used all the same."""
        return CODES[self.code].warning

    @property
    def file(self) -> str:
        """The file, as the caller named it."""
        return self.place.file

    @property
    def line(self) -> int:
        """Counts from 1."""
        return self.place.line

    @property
    def column(self) -> int:
        """Counts from 1, in characters."""
        return self.place.column


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by file, position and code, without repetitions."""
    unique = {(p.code, p.place, p.message): p for p in problems}
    return tuple(sorted(unique.values(), key=lambda p: (p.file, p.line, p.column, p.code, p.message)))


def to_json(problems: Sequence[Problem]) -> list[dict[str, str | int]]:
    """Return the problems as `{code, file, line, column, message, hint}`, the form of `check --json`."""
    return [
        {
            "code": p.code,
            "file": p.file,
            "line": p.line,
            "column": p.column,
            "message": p.message,
            "hint": p.hint,
        }
        for p in problems
    ]


def render(problems: Sequence[Problem]) -> str:
    """Return the problems as plain text, one block each, separated by empty lines; "" for none."""
    return "\n".join("".join(line + "\n" for line, _ in _lines(problem)) for problem in problems)


def render_rich(problems: Sequence[Problem]) -> Text:
    """Return the same text with colours, for a terminal."""
    from rich.text import Text

    text = Text()
    for number, problem in enumerate(problems):
        if number:
            text.append("\n")
        for line, style in _lines(problem):
            text.append(line + "\n", style)
    return text


def _lines(problem: Problem) -> list[tuple[str, str]]:
    """Lines with their style."""
    place = problem.place
    word = "warning" if problem.warning else "error"
    head = f"{place.file}:{place.line}:{place.column}: {word}[{problem.code}]: {_printable(problem.message)}"
    gutter = max(len(str(place.line)), len(str(problem.related[0].line)) if problem.related else 0)
    colour = "yellow" if problem.warning else "red"
    lines = [(head, f"bold {colour}"), *_excerpt(place, gutter, "^", colour)]
    if problem.related is not None:
        other, word = problem.related
        lines.append((f"{' ' * gutter} = {word}: {other.file}:{other.line}:{other.column}", "cyan"))
        lines.extend(_excerpt(other, gutter, "-", "cyan"))
    if problem.hint:
        lines.append((f"{' ' * gutter} = hint: {_printable(problem.hint)}", "green"))
    return lines


def _excerpt(place: Place, gutter: int, mark: str, style: str) -> list[tuple[str, str]]:
    if not place.excerpt.strip():
        return []
    text, column = place.excerpt, place.column - 1
    if len(text) > _WINDOW:
        start = max(0, min(column - 20, len(text) - _WINDOW))
        text, column = text[start : start + _WINDOW], column - start
    length = max(1, min(place.length, len(text) - column))
    before, marked = _printable(text[:column]), _printable(text[column : column + length])
    return [
        (f"{' ' * gutter} |", "dim"),
        (f"{place.line:>{gutter}} | {_printable(text).rstrip()}", ""),
        (f"{' ' * gutter} | {' ' * _width(before)}{mark * max(1, _width(marked))}", style),
    ]


def _printable(text: str) -> str:
    """Return `text` without what a terminal would obey; a tab becomes one space, to keep marks in place."""
    return "".join(c if c.isprintable() else " " if c == "\t" else "�" for c in text)


def _width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)
