"""What an inspection found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Status = Literal["passed", "failed", "inconclusive"]


@dataclass(frozen=True)
class Located:
    """Where the part's face lies, on its plane in the camera's optical frame (X right, Y down).

    Attributes:
        x, y: centre, m.
        yaw: from the optical frame's X towards its Y to the part's own X, rad; None where the face does not
            tell.
        diameter: of the rim, m.

    """

    x: float
    y: float
    yaw: float | None
    diameter: float


@dataclass(frozen=True)
class Flaw:
    """One place where the face differs from good ones.

    Attributes:
        box: (x1, y1, x2, y2) pixels of the picture, the far corner exclusive.
        area: m².
        contrast: mean difference from the good face, grey levels; negative where darker.
        score: greatest difference, in units of what is allowed there; 1 is just a flaw.

    """

    box: tuple[int, int, int, int]
    area: float
    contrast: float
    score: float


@dataclass(frozen=True)
class Verdict:
    """A recipe's judgement of one picture.

    Attributes:
        status: "passed", "failed" or "inconclusive" (nothing can be said; the cell's `faults:` decide).
        reasons: why it did not pass, in words; empty when passed.
        measurements: by name, SI units: `diameter` (m), `score` (largest, 1 is the limit), `flaws`, …
        defects: where the face differs from good ones.
        pose: the located part, None where none was.
        ms: wall time of each tool in milliseconds, for people; never part of a canonical log.

    """

    status: Status
    reasons: tuple[str, ...] = ()
    measurements: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    defects: tuple[Flaw, ...] = ()
    pose: Located | None = None
    ms: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def passed(self) -> bool:
        """Whether the part is good."""
        return self.status == "passed"
