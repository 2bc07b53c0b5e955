"""Text of HTML and SVG elements. Everything that is not built here is escaped here."""

from __future__ import annotations

from html import escape
from typing import NewType

Markup = NewType("Markup", str)
"""Text that is safe to put into a page as it stands."""

Attribute = str | float | int | None


def tag(name: str, *children: str, **attributes: Attribute) -> Markup:
    """Return an element.

    Args:
        name: the element's name.
        children: markup as it stands; plain text goes through `text`.
        attributes: None leaves one out; `class_` is `class`, other underscores are hyphens; numbers keep two decimals.

    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(children)
    if not inner and name in _VOID:
        return Markup(f"<{name}{told}/>")
    return Markup(f"<{name}{told}>{inner}</{name}>")


def text(content: str) -> Markup:
    """Return plain text as markup; control characters, which no page may hold, as the replacement character."""
    clean = "".join(c if c >= " " or c in "\t\n" else "\ufffd" for c in content)
    return Markup(escape(clean.encode("utf-8", "replace").decode("utf-8"), quote=True))


def join(parts: list[Markup]) -> Markup:
    """Return the parts one after the other."""
    return Markup("".join(parts))


def points(outline: tuple[tuple[float, float], ...] | list[tuple[float, float]]) -> str:
    """Return the `points` of a polygon."""
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in outline)


def image(width: float, height: float, title: str, *children: str, class_: str = "") -> Markup:
    """Return an SVG image that scales with the page; `title` is what a screen reader says."""
    box = f"0 0 {_number(width)} {_number(height)}"
    return tag(
        "svg",
        tag("title", text(title)),
        *children,
        viewBox=box,
        role="img",
        class_=class_ or None,
        xmlns="http://www.w3.org/2000/svg",
    )


_VOID = ("rect", "line", "circle", "polygon", "polyline", "path", "img", "input", "br")


def _value(value: str | float | int) -> str:
    return text(value) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    shown = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return "0" if shown == "-0" else shown
