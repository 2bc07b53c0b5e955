"""Which frames may be judged: complete, never seen before, exposed after the command, and fresh."""

from __future__ import annotations

import math

from robocell.vision.frame import Frame


class FrameGate:
    """Refuses frames that do not show what the cell asks about.

    Frames are taken in the order of their delivery: a number must be greater than any that came before, refused
    frames included.

    Args:
        max_age: seconds from the beginning of a frame's exposure until it comes, beyond which it is stale.

    """

    def __init__(self, max_age: float) -> None:
        if not (math.isfinite(max_age) and max_age > 0):
            raise ValueError(f"the greatest age of a frame is a positive time, not {max_age}")
        self.max_age = max_age
        self._last: int | None = None

    def forget(self) -> None:
        """Forget what came before: the camera was configured anew and counts from its beginning."""
        self._last = None

    def refusal(self, frame: Frame, commanded_at: float, now: float) -> str:
        """Return why a frame is not judged, in words; "" where it may be.

        Args:
            frame: as the source delivered it.
            commanded_at: when the inspection was commanded, s of the run's clock.
            now: when the frame came, s.

        """
        last, number = self._last, frame.number
        self._last = number if last is None else max(last, number)
        if not frame.complete:
            return f"frame {number} is incomplete"
        if last is not None and number == last:
            return f"frame {number} is repeated"
        if last is not None and number < last:
            return f"frame {number} comes after frame {last}"
        taken = frame.exposed_at
        if not taken >= commanded_at:  # NaN included: a frame that does not say when it was taken
            return f"frame {number} was exposed {commanded_at - taken:.3f} s before the command"
        if taken > now:
            return f"frame {number} says that it is exposed {taken - now:.3f} s from now"
        if now - taken > self.max_age:
            return f"frame {number} is stale: {now - taken:.3f} s old, {self.max_age:g} s are allowed"
        return ""
