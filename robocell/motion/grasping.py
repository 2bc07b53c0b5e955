"""Which turns of the tool about a grasp keep it clear of the parts beside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from robocell.model.frames import beside, grasp_turns, matrix_of, tool_pose
from robocell.model.product import Product
from robocell.model.station import Station
from robocell.motion.arm import Arm, Capsule
from robocell.motion.kernels import collision
from robocell.motion.obstacles import Box, Cylinder, Volume
from robocell.motion.packing import cut, moved, pack
from robocell.motion.rigid import Bools, check_poses, inverse

MARGIN = 1e-3
"""m that the tool keeps from the parts beside."""


def tool_clear_of(arm: Arm, tcp: ArrayLike, volumes: Sequence[Volume], margin: float = MARGIN) -> Bools:
    """Return at which TCP poses the tool (the last link with its gripper) keeps clear of volumes.

    Args:
        arm: the arm with its tool; the capsules of its last link are the tool's.
        tcp: (N, 4, 4) poses of the TCP, in the frame that the volumes are in.
        volumes: what lies beside.
        margin: m.

    Returns:
        (N,) booleans.

    """
    poses, _ = check_poses(tcp, "tcp")
    hit = np.zeros(len(poses), dtype=np.uint8)
    capsules = [capsule for capsule in arm.capsules if capsule.link == arm.n]
    if capsules and volumes:
        to_tcp = inverse(arm.flange @ arm.tool)
        tool = cut([Capsule(0, moved(to_tcp, c.p0), moved(to_tcp, c.p1), c.radius) for c in capsules])
        at = pack((), [volume.record() for volume in volumes], tool, margin=margin, ignored=frozenset())
        frames = np.ascontiguousarray(poses[:, :3]).reshape(-1)
        collision.collide_at(frames, margin, at.data, at.layout, at.work, hit)
    clear: Bools = hit == 0
    return clear


def clear_turns(arm: Arm, product: Product, station: Station) -> tuple[float, ...]:
    """Return the turns about a grasp (rad) at which the tool keeps clear of the parts beside, all if none does.

    Args:
        arm: the arm with its gripper.
        product: what is taken or laid; the parts beside are taken to be of its kind.
        station: where.

    """
    turns = grasp_turns(product)
    length, width, height = product.shape.extent
    volumes: list[Volume] = []
    for x, y in beside(station, product):
        pose = matrix_of((x, y, 0.5 * height))
        symmetric = product.shape.symmetric
        volumes.append(
            Cylinder(pose, 0.5 * length, height) if symmetric else Box(pose, np.array([length, width, height]))
        )
    clear = tool_clear_of(arm, np.stack([tool_pose(np.eye(4), product.grasp, turn) for turn in turns]), volumes)
    return tuple(turn for turn, fine in zip(turns, clear, strict=True) if fine) or turns
