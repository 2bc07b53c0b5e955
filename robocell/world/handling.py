"""What both worlds share about parts in grips: whose fingers hold which part, and what is in their way."""

from __future__ import annotations

import math

from robocell.clock import Clock
from robocell.world.base import BaseWorld
from robocell.world.fingers import TwoFingers
from robocell.world.protocol import Part
from robocell.world.shapes import Matrix, parts_meet
from robocell.world.spec import GripSpec, WorldSpec


class HandlingWorld(BaseWorld):
    """A world whose grippers are `TwoFingers`; a subclass supplies the methods that raise `NotImplementedError`.

    Attributes:
        gripped: the fingers that hold a part, by its number.
        bound: m, half of the greatest extent of any product's outline.

    """

    def __init__(self, spec: WorldSpec, clock: Clock) -> None:
        self.gripped: dict[int, TwoFingers] = {}
        shapes = [product.shape for product in spec.products.values()]
        self.bound = max(
            (0.5 * (s.length if s.is_round else math.hypot(s.length, s.width)) for s in shapes), default=0.0
        )
        super().__init__(spec, clock)

    def grip_handle(self, name: str, spec: GripSpec) -> TwoFingers:
        """Make a gripper's handle."""
        arm = next((user for gripper, user in self.tool_users() if gripper == name), None)
        return TwoFingers(self, name, spec, arm)

    def fingers(self, gripper: str | None) -> TwoFingers | None:
        """Return a gripper's fingers, None for no gripper."""
        if gripper is None:
            return None
        handle = self.grips[gripper]
        assert isinstance(handle, TwoFingers)
        return handle

    def lose(self, grip: str) -> bool:
        """Let the part slip out of a grip."""
        handle = self.fingers(grip)
        part = handle.part if handle is not None else None
        if handle is None or part is None or not handle.slip():
            return False
        self.fallen[part.number] = part
        return True

    def obstacle(self, part: Part, pose: Matrix) -> Part | None:
        """Return a part into which a carried part at `pose` would intrude, None if there is none."""
        products = self.spec.products
        shape = products[part.product].shape
        for other, at in self.near(float(pose[0, 3]), float(pose[1, 3]), 2.0 * self.bound):
            if parts_meet(shape, pose, products[other.product].shape, at):
                return other
        return None

    # --- what a subclass supplies ---------------------------------------------------------------------------

    def tcp_of(self, arm: str) -> Matrix:
        """Return an arm's true TCP pose, (4, 4) in the cell frame."""
        raise NotImplementedError

    def near(self, x: float, y: float, reach: float) -> list[tuple[Part, Matrix]]:
        """Return the parts within about `reach` of a point that no grip holds, with their poses, by number."""
        raise NotImplementedError

    def seize(self, part: Part, grip: TwoFingers, pose: Matrix) -> None:
        """Give a part into a grip, which has pushed it to `pose`."""
        raise NotImplementedError

    def release(self, part: Part, pose: Matrix) -> None:
        """Take a part out of a grip, where it was at `pose`, and let it come to rest."""
        raise NotImplementedError

    def drop(self, part: Part, pose: Matrix) -> None:
        """Let a part that is nowhere appear at `pose` and come to rest from there."""
        raise NotImplementedError

    def torn(self, part: Part) -> bool:
        """Whether a part is in a machine's clamp, which is stronger than any fingers."""
        raise NotImplementedError
