"""The `<inertial>` of URDF links → what a rigid body of several of them weighs."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from robocell.catalog.urdf_tree import Robot, origin_of, rigid_from, vector
from robocell.catalog.xml import Element
from robocell.model.frames import Matrix
from robocell.motion import Inertial


def weight_of(robot: Robot, link: str, at: Matrix, on_chain: Collection[str]) -> list[Inertial]:
    """Return the inertials of a link and of all that is fixed to it beside the chain.

    Args:
        robot: the file.
        link: the link's name.
        at: (4, 4) its frame in the frame that the result is wanted in.
        on_chain: links of the chain, which are not beside it.

    Raises:
        CatalogError: a mass or an inertia that no body has, with the line.

    """
    parts = []
    for name, origin in rigid_from(robot, link, on_chain):
        element = robot.links[name].first("inertial")
        if element is not None:
            parts.append(_inertial(robot, element).moved(at @ origin))
    return parts


def _inertial(robot: Robot, element: Element) -> Inertial:
    def number(tag: str, key: str) -> float:
        child = element.first(tag)
        if child is None:
            raise robot.refuse(f"<inertial> without <{tag}>", element.line)
        return float(vector(robot.path, child, key, "0", 1)[0])

    xx, yy, zz = (number("inertia", key) for key in ("ixx", "iyy", "izz"))
    xy, xz, yz = (number("inertia", key) for key in ("ixy", "ixz", "iyz"))
    try:
        body = Inertial(number("mass", "value"), np.zeros(3), np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]))
    except ValueError as error:
        raise robot.refuse(f"<inertial>: {error}", element.line) from None
    return body.moved(origin_of(robot, element))
