"""Teach a recipe from pictures of good parts: step by step, each in the frames that earlier steps find."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from robocell.errors import VisionError
from robocell.model.recipe import Recipe, learns
from robocell.model.recipe_chain import chain_problems
from robocell.vision.frame import Frame
from robocell.vision.runner import PreparedRecipe
from robocell.vision.steps.base import Findings, Learnt
from robocell.vision.steps.table import adapter_of, needs_of, ready, setting_of
from robocell.vision.verdict import Verdict
from robocell.vision.view import UnjudgeableError, View, look_at

_MOST_FOLDS = 10


@dataclass(frozen=True)
class Taught:
    """What teaching came to.

    Attributes:
        recipe: the recipe.
        learnt: what each step that learns was taught, by its name.
        used: how many pictures taught something.
        refused: by the picture's index, why it taught nothing.
        wants: by the step's name, how many more pictures it wants and what they would tell.

    """

    recipe: Recipe
    learnt: Mapping[str, Learnt]
    used: int
    refused: Mapping[int, str]
    wants: Mapping[str, tuple[int, str]]

    @property
    def wants_more(self) -> int:
        """How many more good pictures the recipe wants."""
        return max((count for count, _ in self.wants.values()), default=0)

    def prepared(self, folder: Path | None = None) -> PreparedRecipe:
        """Return the recipe, ready to inspect."""
        return PreparedRecipe(self.recipe, self.learnt, folder)


def teach(recipe: Recipe, frames: Sequence[Frame], first_yaw: float = 0.0, folder: Path | None = None) -> Taught:
    """Learn what the steps of a recipe need.

    Args:
        recipe: what is taught.
        frames: pictures of good parts, at places and turns as they come in production.
        first_yaw: how the part of the first picture is turned, from the picture's columns towards its rows, rad;
            yaws are told relative to it.
        folder: where the recipe's files lie.

    Raises:
        VisionError: the recipe is wrong, learns nothing, or too few pictures teach something.

    """
    problems = chain_problems(recipe)
    if problems:
        raise VisionError(f"the recipe '{recipe.recipe}' is wrong: {problems[0].message}")
    if not recipe.needs_model:
        raise VisionError(f"the recipe '{recipe.recipe}' has no step that learns: inspect with it as it is")
    return _Lesson(recipe, frames, first_yaw, folder).give()


class _Lesson:
    """One recipe and the good pictures that are left."""

    def __init__(self, recipe: Recipe, frames: Sequence[Frame], first_yaw: float, folder: Path | None) -> None:
        self.recipe, self.frames, self.first_yaw, self.folder = recipe, frames, first_yaw, folder
        self.views: dict[int, View] = {}
        self.refused: dict[int, str] = {}
        self.learnt: dict[str, Learnt] = {}
        self.wants: dict[str, tuple[int, str]] = {}

    def give(self) -> Taught:
        for index, frame in enumerate(self.frames):
            try:
                view = look_at(frame, self.recipe.needs_colour)
                if view.camera is None and self.recipe.uses_lengths:
                    raise UnjudgeableError(
                        f"it comes without calibration, and the recipe uses {self.recipe.uses_lengths}"
                    )
                self.views[index] = view
            except UnjudgeableError as reason:
                self.refused[index] = str(reason)
        needed = _needed(self.recipe)
        for index in range(len(self.recipe.tools)):
            if index in needed:
                self._step(index)
        return Taught(self.recipe, self.learnt, len(self.views), dict(sorted(self.refused.items())), self.wants)

    def _step(self, index: int) -> None:
        """Teach a step, then let it find what later ones need."""
        step = self.recipe.tools[index]
        adapter, setting = adapter_of(step), setting_of(self.recipe, index, self.folder)
        parts: Learnt = {}
        if learns(step):
            self._enough(adapter.fewest)
            places = list(self.views)
            lesson = adapter.learn(step, setting, [self.views[k] for k in places], self.first_yaw)
            self._drop({places[k]: f"{step.name}: {reason}" for k, reason in lesson.refused.items()})
            self._enough(adapter.fewest)
            parts = self.learnt[step.name] = lesson.learnt
            if lesson.wants > 0:
                self.wants[step.name] = (lesson.wants, lesson.why)
        if step.variant == "locate":
            tool = ready(self.recipe, index, self.folder, parts)
            unseen = {}
            for k, view in self.views.items():
                try:
                    tool.run(view, Findings(step.name))
                except UnjudgeableError as reason:
                    unseen[k] = f"{step.name}: {reason}"
            self._drop(unseen)

    def _drop(self, refused: Mapping[int, str]) -> None:
        for index, reason in refused.items():
            self.refused[index] = reason
            self.views.pop(index, None)

    def _enough(self, fewest: int) -> None:
        if len(self.views) >= fewest:
            return
        first = next((f"; picture {k + 1}: {reason}" for k, reason in sorted(self.refused.items())), "")
        count = f"{len(self.views)} good picture{'s' if len(self.views) != 1 else ''}"
        raise VisionError(f"{count} of {len(self.frames)} can teach, and at least {fewest} are needed{first}")


def _needed(recipe: Recipe) -> set[int]:
    """Return the steps that learn, and those in whose frames they work."""
    needed = {index for index, step in enumerate(recipe.tools) if learns(step)}
    names = {step.name: index for index, step in enumerate(recipe.tools)}
    for index in sorted(needed, reverse=True):
        needed |= {names[name] for name in needs_of(recipe, index)}
    for index in sorted(needed, reverse=True):  # a pattern may be looked for in another one's frame
        needed |= {names[name] for name in needs_of(recipe, index)}
    return needed


def check_taught(
    recipe: Recipe,
    frames: Sequence[Frame],
    first_yaw: float = 0.0,
    folder: Path | None = None,
    told: Callable[[int], None] | None = None,
) -> Sequence[Verdict]:
    """Return the verdict on each good picture by the recipe as the others teach it.

    Up to ten pictures are left out one by one, more in ten groups: each is judged by what never saw it. Only the first
    one always teaches, since it says where a pattern is and how parts are turned; it is judged by what all teach.

    Args:
        recipe: what is taught.
        frames: pictures that can teach.
        first_yaw: how the part of the first picture is turned, rad.
        folder: where the recipe's files lie.
        told: called with the number of pictures judged so far.

    Raises:
        VisionError: too few are left to teach.

    """
    folds = min(len(frames) - 1, _MOST_FOLDS)
    verdicts = {0: teach(recipe, frames, first_yaw, folder).prepared(folder).run(frames[0])}
    for fold in range(folds):
        left_out = range(1 + fold, len(frames), folds)
        rest = [frame for index, frame in enumerate(frames) if index not in left_out]
        prepared = teach(recipe, rest, first_yaw, folder).prepared(folder)
        for index in left_out:
            verdicts[index] = prepared.run(frames[index])
            if told is not None:
                told(len(verdicts))
    return tuple(verdicts[index] for index in range(len(frames)))
