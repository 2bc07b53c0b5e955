"""The parts' bodies: taken from a pool, woken and put to sleep by order, their true poses."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from robocell.world.bullet.engine import HELD, PART, Engine, Pose, joined, split
from robocell.world.protocol import Part
from robocell.world.shapes import Matrix, Shape, pose_at
from robocell.world.spec import ProductSpec

STILL = (4e-4, 1e-2)
"""Greatest way (m) and change of a quaternion's elements between two looks at which a part counts as still."""
LOOKS = 4
"""How many looks in a row a part must be still before it is put to sleep."""
PIN = 100.0
"""Force in N that keeps a part in a queue."""
PARKED = (100.0, 100.0, -100.0)
"""Where bodies wait that no part has, m, in a row: in the air, apart, far from everything."""

Point = tuple[float, float, float]


class Body:
    """One part's body.

    Attributes:
        number: its number in the engine.
        shape: the part's.
        park: where it waits while no part has it, m.
        still: for how many looks it has not moved.
        seen: its pose at the last look.

    """

    __slots__ = ("number", "park", "seen", "shape", "still")

    def __init__(self, number: int, shape: Shape, park: Point) -> None:
        self.number = number
        self.shape = shape
        self.park = park
        self.still = 0
        self.seen: Pose | None = None


class Bodies:
    """All parts' bodies; parts are known by their number.

    Args:
        engine: the simulation.
        products: shapes and masses.

    Attributes:
        awake: the parts that the engine moves, held ones excepted, in order of their waking.
        parts: which part a body of the engine belongs to.

    """

    def __init__(self, engine: Engine, products: Mapping[str, ProductSpec]) -> None:
        self._engine = engine
        self._products = products
        self._free: dict[str, deque[Body]] = {name: deque() for name in sorted(products)}
        self._made = 0
        self._of: dict[int, Body] = {}
        self._pins: dict[int, int] = {}
        self._away: dict[int, Matrix] = {}
        self.awake: dict[int, Part] = {}
        self.parts: dict[int, Part] = {}

    # --- coming and going -----------------------------------------------------------------------------------

    def appear(self, part: Part, pose: Matrix, velocity: Point = (0.0, 0.0, 0.0)) -> None:
        """Give a part a body with its base at `pose`, asleep."""
        self._assign(part, self._take(part), self._centre(part, pose), velocity)

    def put_away(self, part: Part) -> None:
        """Take a part's body away; the part counts as lying where it is."""
        pose = self.pose(part)
        self.vanish(part)
        self._away[part.number] = pose

    def is_away(self, part: Part) -> bool:
        """Whether a part has no body: nothing can touch it."""
        return part.number in self._away

    def vanish(self, part: Part) -> None:
        """Take a part's body away, if it has one."""
        if self._away.pop(part.number, None) is not None:
            return
        self._unpin(part)
        body = self._of.pop(part.number)
        self.awake.pop(part.number, None)
        del self.parts[body.number]
        self._engine.put(body.number, (body.park, (0.0, 0.0, 0.0, 1.0)))
        self._engine.sleep(body.number)
        self._free[part.product].append(body)

    def put(self, part: Part, pose: Matrix) -> None:
        """Set a part's base to a pose, at rest."""
        if self._away.pop(part.number, None) is not None:
            self.appear(part, pose)
            return
        self._unpin(part)
        self._engine.put(self._of[part.number].number, self._centre(part, pose))

    def renew(self, part: Part) -> None:
        """Let a part's present friction hold in the contacts that it has: they are made anew with another body."""
        old = self._of[part.number]
        pose, velocity = self._engine.pose(old.number), self._engine.velocity(old.number)[0]
        awake = part.number in self.awake
        self.vanish(part)
        fresh = self._free[part.product].popleft() if len(self._free[part.product]) > 1 else self._make(part.product)
        self._assign(part, fresh, pose, velocity)
        if awake:
            self.wake(part)

    def _take(self, part: Part) -> Body:
        free = self._free[part.product]
        return free.popleft() if free else self._make(part.product)

    def _make(self, product: str) -> Body:
        spec = self._products[product]
        x, y, z = PARKED
        park = (x + 2.0 * self._made, y, z)
        self._made += 1
        return Body(self._engine.part(spec.shape, spec.mass, park), spec.shape, park)

    def _assign(self, part: Part, body: Body, pose: Pose, velocity: Point) -> None:
        self._of[part.number] = body
        self.parts[body.number] = part
        self._engine.rub(body.number, part.friction)
        self._engine.put(body.number, pose, velocity)

    def _centre(self, part: Part, pose: Matrix) -> Pose:
        return split(pose @ pose_at(0.0, 0.0, 0.5 * self._products[part.product].shape.height))

    # --- where parts are ------------------------------------------------------------------------------------

    def body(self, part: Part) -> int:
        """Return a part's body in the engine."""
        return self._of[part.number].number

    def pose(self, part: Part) -> Matrix:
        """Return the true pose of a part's base, (4, 4)."""
        if part.number in self._away:
            return self._away[part.number].copy()
        body = self._of[part.number]
        pose = joined(self._engine.pose(body.number))
        pose[:3, 3] -= 0.5 * body.shape.height * pose[:3, 2]
        return pose

    def centre(self, part: Part) -> Pose:
        """Return the true pose of a part's middle."""
        return self._engine.pose(self._of[part.number].number)

    def where(self, part: Part) -> Point:
        """Return the middle of a part's base, m."""
        away = self._away.get(part.number)
        if away is not None:
            return float(away[0, 3]), float(away[1, 3]), float(away[2, 3])
        body = self._of[part.number]
        (x, y, z), (a, b, c, d) = self._engine.pose(body.number)
        h = 0.5 * body.shape.height
        return x - 2.0 * h * (a * c + b * d), y - 2.0 * h * (b * c - a * d), z - h * (1.0 - 2.0 * (a * a + b * b))

    def velocity(self, part: Part) -> Point:
        """Return a part's velocity, m/s."""
        return self._engine.velocity(self._of[part.number].number)[0]

    # --- waking and sleeping --------------------------------------------------------------------------------

    def wake(self, part: Part) -> None:
        """Let a part move."""
        body = self._of[part.number]
        self._unpin(part)
        body.still, body.seen = 0, None
        if part.number not in self.awake:
            self.awake[part.number] = part
            self._engine.wake(body.number)

    def rouse(self, part: Part) -> None:
        """Note that another part has woken a part; it may sleep again as soon as the other does."""
        if part.number not in self.awake:
            self.awake[part.number] = part
            self._engine.wake(self._of[part.number].number)

    def hold(self, part: Part) -> None:
        """Let a part move with the fingers that hold it; nobody looks whether it is still."""
        self._unpin(part)
        self.awake.pop(part.number, None)
        self._engine.wake(self._of[part.number].number)
        self._engine.enter(self._of[part.number].number, -1, HELD)

    def let_go(self, part: Part) -> None:
        """Let a part that was held collide as parts do."""
        self._engine.enter(self._of[part.number].number, -1, PART)

    def sleep(self, part: Part) -> None:
        """Let a part stay where it is."""
        if self.awake.pop(part.number, None) is not None:
            self._engine.sleep(self._of[part.number].number)

    def pin(self, part: Part) -> None:
        """Keep a part where it is on what moves beneath it, until it is woken."""
        self.awake.pop(part.number, None)
        self._pins[part.number] = self._engine.pin(self._of[part.number].number, PIN)

    def _unpin(self, part: Part) -> None:
        constraint = self._pins.pop(part.number, None)
        if constraint is not None:
            self._engine.loosen(constraint)

    def is_still(self, part: Part, way: float = STILL[0], turn: float = STILL[1]) -> bool:
        """Look at a part: whether it has not moved for `LOOKS` looks.

        Args:
            part: the part.
            way: what counts as no movement from one look to the next, m.
            turn: likewise, of the quaternion's elements.

        """
        body = self._of[part.number]
        pose, seen = self._engine.pose(body.number), body.seen
        body.seen = pose
        moved = seen is None or any(
            abs(a - b) > limit for k, limit in enumerate((way, turn)) for a, b in zip(pose[k], seen[k], strict=True)
        )
        body.still = 0 if moved else body.still + 1
        return body.still >= LOOKS

    def woken(self, part: Part) -> list[Part]:
        """Return the parts that touch a part and are not known to be awake: it has woken them in the engine."""
        return [
            other
            for _, body in self._engine.touching(self._of[part.number].number, -1e-3)
            if (other := self.parts.get(body)) is not None
            and other.number not in self.awake
            and other.number not in self._pins
        ]
