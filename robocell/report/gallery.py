"""Judged pictures as one page of HTML: a grid that can be narrowed to what failed; opens offline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from robocell.report.svg import Markup, join, tag, text
from robocell.vision.verdict import Verdict

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --passed: #2a8a3e; --failed: #c22; --inconclusive: #b8860b; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 100rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; }
label { border: 1px solid var(--line); border-radius: 1rem; cursor: pointer; display: inline-block; margin: .6rem .4rem .9rem 0; padding: .1rem .8rem; }
input { opacity: 0; position: absolute; }
input:focus-visible + label { outline: 2px solid; }
input:checked + label { background: CanvasText; color: Canvas; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); }
figure { border: 1px solid var(--line); border-top: 4px solid var(--line); border-radius: .3rem; margin: 0; overflow: hidden; }
figure img { display: block; height: auto; width: 100%; }
figcaption { overflow-wrap: anywhere; padding: .5rem .7rem; }
.passed { border-top-color: var(--passed); } .failed { border-top-color: var(--failed); }
.inconclusive { border-top-color: var(--inconclusive); }
.none { align-items: center; background: var(--line); display: flex; height: 8rem; justify-content: center; }
#failed:checked ~ .grid :is(.passed, .inconclusive), #passed:checked ~ .grid :is(.failed, .inconclusive),
#inconclusive:checked ~ .grid :is(.passed, .failed) { display: none; }
"""

Entry = tuple[str, str, Verdict]
"""A picture's path, the marked picture's file beside the page ("" where there is none), and the verdict."""


def gallery_page(title: str, entries: Sequence[Entry]) -> str:
    """Return the text of the page."""
    counts = Counter(verdict.status for _, _, verdict in entries)
    head = tag(
        "head",
        '<meta charset="utf-8"/>',
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
        tag("title", text(f"{title}: {len(entries)} pictures")),
        f"<style>{_STYLE}</style>",
    )
    body = tag(
        "body",
        tag("h1", text(f"{title}: {len(entries)} pictures")),
        _choice("all", f"all {len(entries)}", True),
        *(_choice(status, f"{counts[status]} {status}") for status in ("failed", "inconclusive", "passed")),
        tag("div", join([_figure(*entry) for entry in entries]), class_="grid"),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _choice(name: str, words: str, chosen: bool = False) -> Markup:
    button = tag("input", type="radio", name_="show", id=name, checked="checked" if chosen else None)
    return join([button, tag("label", text(words), for_=name)])


def _figure(path: str, image: str, verdict: Verdict) -> Markup:
    shown = tag("div", text("no picture"), class_="none")
    if image:
        shown = tag(
            "a", tag("img", src=_address(image), alt=f"{path}, {verdict.status}", loading="lazy"), href=_address(image)
        )
    told = [tag("b", text(verdict.status)), text(f" {path}")]
    told += [tag("div", text(reason)) for reason in verdict.reasons]
    return tag("figure", shown, tag("figcaption", join(told)), class_=verdict.status)


def _address(name: str) -> str:
    from urllib.parse import quote

    return quote(name)
