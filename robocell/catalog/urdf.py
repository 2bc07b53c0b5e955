"""A user's own URDF file → an arm. Read as a stranger's file: see `xml`, and no mesh outside the cell's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from robocell.catalog.urdf_inertials import weight_of
from robocell.catalog.urdf_shapes import shape_of
from robocell.catalog.urdf_tree import MOVING, Robot, UrdfJoint, chain_to, parse_robot, rigid_from, tip_of
from robocell.catalog.xml import read_xml
from robocell.errors import CatalogError
from robocell.model.frames import Matrix
from robocell.motion import Arm, Capsule, Inertial, Joint, Limits, Sources, TcpLimits

RAMP = 0.2
"""s from rest to full speed where nobody names an acceleration: URDF has none, and arms of 1 m reach are like that."""
JERK_RAMP = 0.07
"""s from none to full acceleration, likewise."""
TCP = TcpLimits(1.0, 5.0, 50.0, np.pi, 14.0, 140.0)
"""Limits of straight moves of an arm without a profile: those of a collaborative arm of 5 kg payload."""


def read_urdf(
    path: Path,
    folder: Path,
    tip: str | None = None,
    acceleration: float | None = None,
    jerk: float | None = None,
    name: str | None = None,
) -> Arm:
    """Read an arm from a URDF file.

    What its links weigh comes from their `<inertial>`, where they have one. The base is the link `base_link`, or the root where there is none. Fixed joints are merged. Collision geometry becomes
    capsules that cover it; what other moving joints carry (a gripper's fingers) is left out.

    Args:
        path: the file.
        folder: meshes may lie in this folder or below, nowhere else.
        tip: the link whose frame is the flange; the end of the longest chain otherwise.
        acceleration: every joint's, rad/s² or m/s²; full speed within 0.2 s otherwise.
        jerk: every joint's, rad/s³ or m/s³; full acceleration within 0.07 s otherwise.
        name: what messages call the arm; the robot's name in the file otherwise.

    Raises:
        CatalogError: with the file's line where that helps.

    """
    robot = parse_robot(read_xml(path, path.name), path)
    if tip is not None and tip not in robot.links:
        raise CatalogError(f"{path.name} has no link '{tip}'; it has {', '.join(sorted(robot.links)[:12])}", str(path))
    base = "base_link" if "base_link" in robot.links else robot.root
    joints = chain_to(robot, base, tip if tip is not None else tip_of(robot, base))
    try:
        return _arm(robot, base, joints, folder, acceleration, jerk, name)
    except ValueError as error:
        raise CatalogError(f"{path.name}: {error}", str(path)) from None


def _arm(
    robot: Robot,
    base: str,
    joints: list[UrdfJoint],
    folder: Path,
    acceleration: float | None,
    jerk: float | None,
    name: str | None,
) -> Arm:
    moving: list[Joint] = []
    capsules: list[Capsule] = []
    weights: list[list[Inertial]] = [[]]
    since = np.eye(4)  # from the frame after the last moving joint
    capsules += _shapes(robot, base, 0, since, folder, {base})
    on_chain = {base, *(joint.child for joint in joints)}
    weights[0] += weight_of(robot, base, since, on_chain)
    for joint in joints:
        since = since @ joint.origin
        if joint.kind in MOVING:
            kind = "prismatic" if joint.kind == "prismatic" else "revolute"
            moving.append(Joint(since, joint.axis, "prismatic" if kind == "prismatic" else "revolute", joint.name))
            since = np.eye(4)
            weights.append([])
        weights[-1] += weight_of(robot, joint.child, since, on_chain)
        capsules += _shapes(robot, joint.child, len(moving), since, folder, on_chain)
    limits = _limits([joint for joint in joints if joint.kind in MOVING], acceleration, jerk, robot.path.name)
    inertials = tuple(Inertial.lumped(parts) if parts else None for parts in weights)
    return Arm(name or robot.name, tuple(moving), limits, since, capsules=tuple(capsules), inertials=inertials)


def _limits(joints: list[UrdfJoint], acceleration: float | None, jerk: float | None, file: str) -> Limits:
    velocity = np.array([joint.velocity for joint in joints])
    rise = velocity / RAMP if acceleration is None else np.full(len(joints), acceleration)
    sources = Sources(
        file,
        f"assumed: {file} has none; full speed within {RAMP} s" if acceleration is None else f"given with {file}",
        f"assumed: {file} has none; full acceleration within {JERK_RAMP} s" if jerk is None else f"given with {file}",
    )
    return Limits(
        position=np.array([joint.position for joint in joints]),
        velocity=velocity,
        acceleration=rise,
        jerk=rise / JERK_RAMP if jerk is None else np.full(len(joints), jerk),
        tcp=TCP,
        sources=(sources,) * len(joints),
        tcp_sources=("assumed: those of a collaborative arm of 5 kg payload",) * 6,
    )


def _shapes(
    robot: Robot, link: str, index: int, at: Matrix, folder: Path, on_chain: Mapping[str, object] | set[str]
) -> list[Capsule]:
    """Return the capsules of a link and of all that is fixed to it beside the chain, in frame `index`."""
    found = []
    for name, origin in rigid_from(robot, link, on_chain):
        for start, end, radius in shape_of(robot, robot.links[name], folder):
            ends = np.array([[*start, 1.0], [*end, 1.0]]) @ (at @ origin).T
            found.append(Capsule(index, ends[0, :3], ends[1, :3], radius))
    return found
