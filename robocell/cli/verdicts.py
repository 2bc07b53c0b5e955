"""Verdicts on many pictures: rows while they come, totals at the end, JSON."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robocell.cli.console import plural

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from robocell.vision.verdict import Verdict

_STYLE = {"passed": "green", "failed": "bold red", "inconclusive": "yellow"}
_KEY_FIGURES = 3
_WIDEST_NAME = 48


@dataclass(frozen=True)
class Judged:
    """One picture and what was said of it."""

    path: Path
    verdict: Verdict


def row(judged: Judged, width: int) -> Text:
    """Return a picture's line: its name, the verdict, how long it took, why not or the key figures."""
    from rich.text import Text

    verdict = judged.verdict
    name = judged.path.name if len(judged.path.name) <= _WIDEST_NAME else judged.path.name[: _WIDEST_NAME - 1] + "…"
    line = Text(f"{name:<{min(width, _WIDEST_NAME)}}  ")
    line.append(f"{verdict.status:<12}", _STYLE[verdict.status])
    line.append(f"  {sum(verdict.ms.values()):7.1f} ms  ", "dim")
    line.append(verdict.reasons[0] if verdict.reasons else key_figures(verdict))
    if len(verdict.reasons) > 1:
        line.append(f"; {len(verdict.reasons) - 1} more", "dim")
    return line


def key_figures(verdict: Verdict) -> str:
    """Return what a passed part measures: texts, lengths and angles first, then scores."""
    from robocell.vision.steps.base import shown

    told = [f"{name} {text}" for name, text in verdict.texts.items()]
    names = sorted(verdict.units, key=lambda name: verdict.units[name] not in ("m", "rad", "px"))
    gauges = {name.partition(".")[0] for name in names}
    for name in names:
        step, _, quantity = name.partition(".")
        if quantity in ("flaws", "agreement", "position") and len(gauges) > 1:
            continue
        sigma = verdict.sigmas.get(name, math.nan)
        spread = f" ± {_error(sigma, verdict.units[name])}" if math.isfinite(sigma) and sigma > 0 else ""
        told.append(f"{step} {quantity} {shown(verdict.measurements[name], verdict.units[name])}{spread}")
    return " · ".join(told[:_KEY_FIGURES])


def _error(sigma: float, unit: str) -> str:
    """Return a standard error with two digits."""
    if unit == "rad":
        return f"{math.degrees(sigma):.2g}°"
    return f"{sigma * 1e6:.2g} µm" if unit == "m" else f"{sigma:.2g} {unit}".rstrip()


def tell_totals(judged: Sequence[Judged], wall: float, truth: Mapping[str, str], console: Console) -> None:
    """Print how many passed, what the others failed, times by step, and the confusion where the truth is known."""
    from rich.table import Table
    from rich.text import Text

    counts = Counter(each.verdict.status for each in judged)
    line = Text(f"\n{plural(len(judged), 'picture')}: ")
    line.append(f"{counts['passed']} passed", _STYLE["passed"])
    line.append(", ")
    line.append(f"{counts['failed']} failed", _STYLE["failed"] if counts["failed"] else "")
    line.append(", ")
    line.append(f"{counts['inconclusive']} inconclusive", _STYLE["inconclusive"] if counts["inconclusive"] else "")
    line.append(f" · {wall:.1f} s", "dim")
    console.print(line, soft_wrap=True)
    for status in ("failed", "inconclusive"):
        steps = Counter(_step(each.verdict) for each in judged if each.verdict.status == status)
        if steps:
            console.print(
                f"{status}: " + ", ".join(f"{step} {count}" for step, count in steps.most_common()), style="dim"
            )
    times = times_of(judged)
    if times:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for column in ("step", "median ms", "p99 ms"):
            table.add_column(column, justify="left" if column == "step" else "right", no_wrap=True)
        for step, (median, high) in times.items():
            table.add_row(step, f"{median:.2f}", f"{high:.2f}")
        console.print()
        console.print(table)
    if truth:
        console.print(f"\nAgainst the truth: {confusion_text(judged, truth)}", soft_wrap=True)


def _step(verdict: Verdict) -> str:
    step, colon, _ = verdict.reasons[0].partition(":") if verdict.reasons else ("", "", "")
    return step if colon and " " not in step else "the picture"


def times_of(judged: Sequence[Judged]) -> dict[str, tuple[float, float]]:
    """Return (median, 99th percentile) of each step's ms, and of all together."""
    by_step: dict[str, list[float]] = {}
    for each in judged:
        for step, ms in each.verdict.ms.items():
            by_step.setdefault(step, []).append(ms)
        if each.verdict.ms:
            by_step.setdefault("all", []).append(sum(each.verdict.ms.values()))
    if "all" in by_step:
        by_step["all"] = by_step.pop("all")
    return {step: (_quantile(ms, 0.5), _quantile(ms, 0.99)) for step, ms in by_step.items()}


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def confusion(judged: Sequence[Judged], truth: Mapping[str, str]) -> dict[str, int]:
    """Return counts of `good passed`, `bad passed`, … over the pictures whose truth is known."""
    found: Counter[str] = Counter()
    for each in judged:
        known = truth.get(each.path.name, truth.get(each.path.stem))
        if known is not None:
            found[f"{known} {each.verdict.status}"] += 1
    return {f"{a} {b}": found[f"{a} {b}"] for a in ("good", "bad") for b in ("passed", "failed", "inconclusive")}


def confusion_text(judged: Sequence[Judged], truth: Mapping[str, str]) -> str:
    """Return the confusion in words."""
    counts = confusion(judged, truth)
    parts = []
    for kind in ("good", "bad"):
        total = sum(counts[f"{kind} {status}"] for status in _STYLE)
        listed = ", ".join(f"{counts[f'{kind} {status}']} {status}" for status in _STYLE)
        parts.append(f"{total} {kind} ({listed})")
    return "; ".join(parts)


def to_json(recipe: str, judged: Sequence[Judged], truth: Mapping[str, str]) -> dict[str, Any]:
    """Return everything as JSON values; measurements in SI units or pixels, as `unit` says."""
    counts: Counter[str] = Counter(each.verdict.status for each in judged)
    return {
        "recipe": recipe,
        "totals": {"pictures": len(judged), **{status: counts[status] for status in _STYLE}},
        "ms": {step: {"median": median, "p99": high} for step, (median, high) in times_of(judged).items()},
        **({"truth": confusion(judged, truth)} if truth else {}),
        "pictures": [_picture(each) for each in judged],
    }


def _picture(judged: Judged) -> dict[str, Any]:
    verdict = judged.verdict
    pose = verdict.pose
    return {
        "picture": str(judged.path),
        "status": verdict.status,
        "reasons": list(verdict.reasons),
        "measurements": {
            name: {"value": value, "unit": verdict.units.get(name, ""), "sigma": verdict.sigmas.get(name)}
            for name, value in verdict.measurements.items()
            if math.isfinite(value)
        },
        "texts": dict(verdict.texts),
        "defects": [
            {
                "box": list(flaw.box),
                "kind": flaw.kind or None,
                "area": flaw.area,
                "unit": flaw.unit,
                "contrast": flaw.contrast,
                "score": flaw.score,
            }
            for flaw in verdict.defects
        ],
        "pose": None if pose is None else {"x": pose.x, "y": pose.y, "yaw": pose.yaw},
        "ms": dict(verdict.ms),
    }
