"""Run a recipe on a frame: `inspect(recipe, frame) -> Verdict`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from robocell.clock import wall_seconds
from robocell.errors import VisionError
from robocell.model.recipe import Recipe, learns
from robocell.model.recipe_chain import chain_problems
from robocell.vision.frame import U8, Frame
from robocell.vision.steps.base import Findings, Learnt, StepTool
from robocell.vision.steps.table import needs_of, ready
from robocell.vision.verdict import Status, Verdict
from robocell.vision.view import UnjudgeableError, View, as_template, look_at

T = TypeVar("T")

CHECK = "check"
"""What the look at the picture itself is called among a verdict's times."""


@dataclass(frozen=True)
class PreparedRecipe:
    """A recipe with what it was taught.

    Attributes:
        recipe: the chain of tools.
        learnt: what each step that learns was taught, by the step's name.
        folder: where the recipe's files lie, such as templates; None where it has none.

    """

    recipe: Recipe
    learnt: Mapping[str, Learnt] = field(default_factory=dict, repr=False, compare=False)
    folder: Path | None = None
    _steps: tuple[StepTool[Any], ...] = field(init=False, repr=False, compare=False)
    _needs: tuple[frozenset[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        recipe = self.recipe
        problems = chain_problems(recipe)
        if problems:
            raise VisionError(f"the recipe '{recipe.recipe}' is wrong: {problems[0].message}")
        if any(learns(step) and step.name not in self.learnt for step in recipe.tools):
            raise VisionError(f"the recipe '{recipe.recipe}' has no learnt model: teach it first")
        places = range(len(recipe.tools))
        steps = tuple(ready(recipe, k, self.folder, self.learnt.get(recipe.tools[k].name, {})) for k in places)
        object.__setattr__(self, "_steps", steps)
        object.__setattr__(self, "_needs", tuple(needs_of(recipe, k) for k in places))

    def run(self, frame: Frame, template: U8 | None = None, *, only_locate: bool = False) -> Verdict:
        """Judge a frame; see `inspect`."""
        run = _Run(self, frame, template)
        return run.locate() if only_locate else run.inspect()


def inspect(recipe: PreparedRecipe, frame: Frame | U8, *, template: U8 | None = None) -> Verdict:
    """Judge one picture.

    A picture that cannot be judged (incomplete, black, saturated, no part wholly in view, …) is "inconclusive"
    with the reason; no picture makes this raise.

    Args:
        recipe: what `robocell.load_recipe` returns.
        frame: the picture, with its calibration where the recipe uses lengths; or a plain array, (rows, columns)
            uint8 grey or (rows, columns, 3) uint8 blue, green, red.
        template: the picture's own template for the step `pair`; found by the picture's name otherwise.

    Raises:
        VisionError: the template is no picture.

    """
    return recipe.run(Frame.of(frame), as_template(template))


def locate(recipe: PreparedRecipe, frame: Frame | U8) -> Verdict:
    """Only locate the part, by the recipe's first `locate`: "passed" with its pose, or "inconclusive" with the reason."""
    return recipe.run(Frame.of(frame), only_locate=True)


class _Run:
    """One recipe on one frame."""

    def __init__(self, prepared: PreparedRecipe, frame: Frame, template: U8 | None) -> None:
        self.prepared, self.frame, self.template = prepared, frame, template
        self.out = Findings()
        self.ms: dict[str, float] = {}

    def inspect(self) -> Verdict:
        steps = self.prepared._steps
        try:
            view = self._timed(CHECK, self._look)
            lost: set[str] = set()
            for tool, needs in zip(steps, self.prepared._needs, strict=True):
                # whose `locate` or caliper found nothing is not run: the reason is told already
                if needs & lost or not self._step(tool, view):
                    lost.add(tool.step.name)
        except UnjudgeableError as doubt:
            return self._verdict("inconclusive", (self._told(doubt),))
        out = self.out
        if out.reasons:
            return self._verdict("failed", (*out.reasons, *out.doubts))
        return self._verdict("inconclusive" if out.doubts else "passed", tuple(out.doubts))

    def locate(self) -> Verdict:
        first = next((tool for tool in self.prepared._steps if tool.step.variant == "locate"), None)
        if first is None:
            return self._verdict("inconclusive", (f"the recipe '{self.prepared.recipe.recipe}' locates nothing",))
        try:
            view = self._timed(CHECK, self._look)
            done = self._step(first, view)
        except UnjudgeableError as doubt:
            return self._verdict("inconclusive", (self._told(doubt),))
        return self._verdict("passed" if done else "inconclusive", tuple(self.out.doubts))

    def _look(self) -> View:
        recipe = self.prepared.recipe
        view = look_at(self.frame, recipe.needs_colour, self.template)
        if view.camera is None and recipe.uses_lengths:
            raise UnjudgeableError(
                f"the recipe uses lengths ({recipe.uses_lengths}), and the picture comes without calibration: "
                "give a pixel's length, or the camera's calibration",
                True,
            )
        return view

    def _step(self, tool: StepTool[Any], view: View) -> bool:
        """Run one step; return whether it could judge. A doubt about the picture itself ends the run."""
        self.out.step = tool.step.name
        try:
            self._timed(tool.step.name, lambda: tool.run(view, self.out))
        except VisionError as doubt:  # also what a tool cannot work on, such as a template of another size
            if isinstance(doubt, UnjudgeableError) and doubt.whole:
                raise
            self.out.doubts.append(self._told(doubt))
            return False
        return True

    def _told(self, doubt: VisionError) -> str:
        return f"{self.out.step}: {doubt}" if self.out.step else str(doubt)

    def _timed(self, name: str, work: Callable[[], T]) -> T:
        start = wall_seconds()
        try:
            return work()
        finally:
            self.ms[name] = (wall_seconds() - start) * 1e3

    def _verdict(self, status: Status, reasons: tuple[str, ...]) -> Verdict:
        out = self.out
        return Verdict(
            status=status,
            reasons=reasons,
            measurements=MappingProxyType(out.measurements),
            defects=tuple(out.flaws),
            pose=out.pose,
            ms=MappingProxyType(self.ms),
            sigmas=MappingProxyType(out.sigmas),
            units=MappingProxyType(out.units),
            texts=MappingProxyType(out.texts),
            marks=tuple(out.marks),
        )
