"""The tree of links and joints in a URDF file, and the chain of an arm in it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robocell.catalog.xml import Element
from robocell.errors import CatalogError
from robocell.model.frames import Matrix, matrix_of
from robocell.motion.rigid import Floats

MOVING = ("revolute", "continuous", "prismatic")
MAX_JOINTS = 9
_MOST = 1000.0  # m, rad and their rates beyond which a number is a slip
_TURNS = 4.0 * math.pi  # a joint without stops is given two turns each way: cables have an end


@dataclass(frozen=True)
class UrdfJoint:
    """One joint: its place in the parent's frame, axis, least and greatest position and greatest speed."""

    name: str
    kind: str
    parent: str
    child: str
    origin: Matrix
    axis: Floats
    position: tuple[float, float]
    velocity: float
    line: int


@dataclass(frozen=True)
class Robot:
    """A URDF file: links by name, and for each link the joint above it."""

    name: str
    path: Path
    links: dict[str, Element]
    above: dict[str, UrdfJoint]
    root: str

    def refuse(self, reason: str, line: int | None = None) -> CatalogError:
        """Return the error that says what is wrong, and where."""
        return _refuse(self.path, reason, line)


def parse_robot(top: Element, path: Path) -> Robot:
    """Return the robot of a file.

    Raises:
        CatalogError: it is no URDF, or its links are no tree; with the line.

    """
    if top.tag != "robot":
        raise _refuse(path, f"a URDF file has <robot> outside, this one <{top.tag}>", top.line)
    macro = next((child for child in top.children if child.tag.startswith("xacro:")), None)
    if macro is not None:
        raise _refuse(path, "this is xacro; expand it first: xacro FILE > robot.urdf", macro.line)
    links: dict[str, Element] = {}
    for link in top.all("link"):
        name = _attribute(path, link, "name")
        if name in links:
            raise _refuse(path, f"two links are named '{name}'", link.line)
        links[name] = link
    above: dict[str, UrdfJoint] = {}
    for element in top.all("joint"):
        joint = _joint(path, element)
        for end in (joint.parent, joint.child):
            if end not in links:
                raise _refuse(path, f"joint '{joint.name}': no link '{end}'", joint.line)
        if joint.child in above:
            raise _refuse(path, f"link '{joint.child}' has two joints above it", joint.line)
        above[joint.child] = joint
    roots = [name for name in links if name not in above]
    if len(roots) != 1:
        told = f"several roots: {', '.join(roots[:6])}" if roots else "no root: its joints go in a circle"
        raise _refuse(path, f"the links are no tree, they have {told}", top.line)
    return Robot(top.attributes.get("name", path.stem), path, links, above, roots[0])


def chain_to(robot: Robot, base: str, tip: str) -> list[UrdfJoint]:
    """Return the joints from `base` to `tip`, in this order.

    Raises:
        CatalogError: `tip` is not beyond `base`, nothing moves, or too much.

    """
    chain: list[UrdfJoint] = []
    link = tip
    while link != base:
        joint = robot.above.get(link)
        if joint is None or len(chain) > len(robot.links):
            raise robot.refuse(f"link '{tip}' is not beyond '{base}'")
        chain.append(joint)
        link = joint.parent
    moving = [joint for joint in chain if joint.kind in MOVING]
    if not 1 <= len(moving) <= MAX_JOINTS:
        raise robot.refuse(f"{len(moving)} joints move between '{base}' and '{tip}', expected 1 to {MAX_JOINTS}")
    for joint in chain:
        if joint.kind not in (*MOVING, "fixed"):
            raise robot.refuse(f"joint '{joint.name}' is {joint.kind}, which no arm of robocell has", joint.line)
        if joint.kind in MOVING and joint.velocity <= 0.0:
            raise robot.refuse(f"joint '{joint.name}' has no velocity limit", joint.line)
        if joint.kind in MOVING and not joint.position[0] < joint.position[1]:
            raise robot.refuse(f"joint '{joint.name}' has no position limits: lower must be below upper", joint.line)
    return chain[::-1]


def tip_of(robot: Robot, base: str) -> str:
    """Return the end of the chain with the most moving joints; `tool0` and `flange` before others.

    Raises:
        CatalogError: several links would do.

    """
    parents = {joint.parent for joint in robot.above.values()}
    ends: dict[str, int] = {}
    for link in robot.links:
        count, at = 0, link
        for _ in robot.links:
            if at == base or at not in robot.above:
                break
            count += robot.above[at].kind in MOVING
            at = robot.above[at].parent
        if at == base and (link not in parents or link in ("tool0", "flange")):
            ends[link] = count
    most = max(ends.values(), default=0)
    best = [link for link, count in ends.items() if count == most]
    for usual in ("tool0", "flange"):
        if usual in best:
            return usual
    if len(best) != 1 or not most:
        raise robot.refuse(f"which link carries the tool? name one: {', '.join(best[:8]) or 'there is none'}")
    return best[0]


def rigid_from(robot: Robot, link: str, beside: Collection[str]) -> Iterator[tuple[str, Matrix]]:
    """Yield a link and all links that are fixed to it, with their frames in its frame, save those in `beside`."""
    yield link, np.eye(4)
    for joint in robot.above.values():
        if joint.parent == link and joint.kind == "fixed" and joint.child not in beside:
            for name, at in rigid_from(robot, joint.child, beside):
                yield name, joint.origin @ at


def origin_of(robot: Robot, element: Element) -> Matrix:
    """Return the `<origin>` of an element as 4×4; the identity without one."""
    return _origin(robot.path, element)


def vector(path: Path, element: Element, key: str, default: str, count: int = 3) -> Floats:
    """Return the numbers of an attribute, or raise CatalogError."""
    text = element.attributes.get(key, default)
    try:
        numbers = np.array([float(word) for word in text.split()])
    except ValueError:
        numbers = np.zeros(0)
    if len(numbers) != count or not np.isfinite(numbers).all() or (np.abs(numbers) > _MOST).any():
        told = "a number" if count == 1 else f"{count} numbers"
        raise _refuse(path, f'<{element.tag} {key}="{text[:40]}">: expected {told}', element.line)
    return numbers


def _joint(path: Path, element: Element) -> UrdfJoint:
    name, kind = _attribute(path, element, "name"), _attribute(path, element, "type")
    ends = []
    for tag in ("parent", "child"):
        end = element.first(tag)
        if end is None:
            raise _refuse(path, f"joint '{name}' has no <{tag}>", element.line)
        ends.append(_attribute(path, end, "link"))
    if kind in MOVING and element.first("mimic") is not None:
        kind = "mimic"
    axis = np.array([1.0, 0.0, 0.0])
    if kind in MOVING and (found := element.first("axis")) is not None:
        axis = vector(path, found, "xyz", "1 0 0")
        length = float(np.sqrt(axis @ axis))
        if length < 1e-6:
            raise _refuse(path, f"joint '{name}': its axis has no direction", found.line)
        axis = axis / length
    position, velocity = (0.0, 0.0), 0.0
    if (limit := element.first("limit")) is not None:
        position = (
            float(vector(path, limit, "lower", "0", 1)[0]),
            float(vector(path, limit, "upper", "0", 1)[0]),
        )
        velocity = float(vector(path, limit, "velocity", "0", 1)[0])
    if kind == "continuous":
        position = (-_TURNS, _TURNS)
    return UrdfJoint(name, kind, ends[0], ends[1], _origin(path, element), axis, position, velocity, element.line)


def _origin(path: Path, element: Element) -> Matrix:
    origin = element.first("origin")
    if origin is None:
        return np.eye(4)
    x, y, z = vector(path, origin, "xyz", "0 0 0").tolist()
    roll, pitch, yaw = vector(path, origin, "rpy", "0 0 0").tolist()
    return matrix_of((x, y, z), (roll, pitch, yaw))


def _attribute(path: Path, element: Element, key: str) -> str:
    text = element.attributes.get(key, "")
    if not text or not text.isprintable():
        raise _refuse(path, f"<{element.tag}> has no '{key}'", element.line)
    return text


def _refuse(path: Path, reason: str, line: int | None = None) -> CatalogError:
    where = f"{path.name}:{line}" if line is not None else path.name
    return CatalogError(f"{where}: {reason}", str(path))
