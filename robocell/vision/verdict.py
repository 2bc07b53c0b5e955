"""What an inspection found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Status = Literal["passed", "failed", "inconclusive"]
Unit = Literal["m", "m2", "rad", "px", "px2", "grey", ""]


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Located:
    """Where the part's face lies, on its plane in the camera's optical frame (X right, Y down).

    Attributes:
        x, y: centre, m.
        yaw: from the optical frame's X towards its Y to the part's own X, rad; None where the face does not
            tell.
        diameter: of the rim, m; 0 where the part was located by a pattern.

    """

    x: float
    y: float
    yaw: float | None
    diameter: float


@dataclass(frozen=True)
class Flaw:
    """One place where a part differs from good ones.

    Attributes:
        box: (x1, y1, x2, y2) pixels of the picture, the far corner exclusive.
        area: m², or pixels of the picture where `unit` says so.
        contrast: mean difference from the good face, grey levels; negative where darker.
        score: greatest difference, in units of what is allowed there, 1 is just a flaw; or how certain it is.
        kind: which kind of defect, "" where the tool tells none.
        place: the same box in pixels of what the picture was compared with, where that is another picture.
        unit: of the area, "m2" or "px2".

    """

    box: tuple[int, int, int, int]
    area: float
    contrast: float
    score: float
    kind: str = ""
    unit: Unit = "m2"
    place: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Mark:
    """A line to draw on the picture for people.

    Attributes:
        points: (column, row) of each, pixels; a single one is drawn as a cross.
        closed: whether it ends where it began.
        bad: whether it shows why the part failed.
        label: a word beside it.

    """

    points: tuple[tuple[float, float], ...]
    closed: bool = False
    bad: bool = False
    label: str = ""


@dataclass(frozen=True)
class Verdict:
    """A recipe's judgement of one picture.

    `failed` beats `inconclusive`: a part that one tool fails for certain is bad, whatever another cannot say. A
    doubt about the picture itself (incomplete, dark, covered) beats both, since then nothing is certain.

    Attributes:
        status: "passed", "failed" or "inconclusive" (nothing can be said; the cell's `faults:` decide).
        reasons: why it did not pass, in words, the deciding ones first, each `step: figure`; empty when passed.
        measurements: by `step.quantity`, SI units or pixels: `locate.diameter`, `golden.score` (1 is the limit), …
        sigmas: standard errors of those measurements whose tool tells one, by the same names and in the same units.
        units: the measurements' units, by the same names.
        texts: what codes say, by the step's name or its `as`.
        defects: where the part differs from good ones.
        pose: the part that the first `locate` found, None where none was, or where the picture has no calibration.
        marks: what to draw on the picture.
        ms: wall time of each step in milliseconds, for people; never part of a canonical log.

    """

    status: Status
    reasons: tuple[str, ...] = ()
    measurements: Mapping[str, float] = field(default_factory=_empty)
    defects: tuple[Flaw, ...] = ()
    pose: Located | None = None
    ms: Mapping[str, float] = field(default_factory=_empty)
    sigmas: Mapping[str, float] = field(default_factory=_empty)
    units: Mapping[str, Unit] = field(default_factory=_empty)
    texts: Mapping[str, str] = field(default_factory=_empty)
    marks: tuple[Mark, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the part is good."""
        return self.status == "passed"
