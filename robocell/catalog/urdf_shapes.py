"""Collision geometry of a URDF link → capsules that cover it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from robocell.catalog import hulls
from robocell.catalog.hulls import Hull
from robocell.catalog.urdf_tree import Robot, origin_of, vector
from robocell.catalog.xml import Element
from robocell.config.paths import OutsideError, inside
from robocell.model.frames import Matrix

_PACKAGE = "package://"


def shape_of(robot: Robot, link: Element, folder: Path) -> Iterator[Hull]:
    """Yield the capsules of a link, in the link's frame.

    Args:
        robot: the file.
        link: its `<link>`.
        folder: meshes may lie here or below, nowhere else.

    Raises:
        CatalogError: unknown geometry, a mesh that cannot be read, or one outside.

    """
    for collision in link.all("collision"):
        geometry = collision.first("geometry")
        if geometry is None or not geometry.children:
            raise robot.refuse("<collision> without geometry", collision.line)
        yield _moved(origin_of(robot, collision), _hull(robot, geometry.children[0], folder))


def _hull(robot: Robot, element: Element, folder: Path) -> Hull:
    if element.tag == "box":
        return hulls.of_box(_positive(robot, element, "size", 3))
    if element.tag == "cylinder":
        radius, length = (float(_positive(robot, element, key, 1)[0]) for key in ("radius", "length"))
        return hulls.of_cylinder(radius, length)
    if element.tag == "sphere":
        return hulls.of_sphere(float(_positive(robot, element, "radius", 1)[0]))
    if element.tag == "mesh":
        path, name = _mesh(robot, element, folder)
        return hulls.of_mesh(hulls.read_mesh(path, name) * vector(robot.path, element, "scale", "1 1 1"))
    raise robot.refuse(f"unknown geometry <{element.tag}>; box, cylinder, sphere and mesh are possible", element.line)


def _positive(robot: Robot, element: Element, key: str, count: int) -> hulls.Floats:
    numbers = vector(robot.path, element, key, "", count)
    if not (numbers > 0.0).all():
        raise robot.refuse(f"<{element.tag}>: {key} must be positive", element.line)
    return numbers


def _mesh(robot: Robot, element: Element, folder: Path) -> tuple[Path, str]:
    """Return a mesh's file: beside the URDF, or `package://name/…` as `name/…` or `…` in the folder."""
    name = element.attributes.get("filename", "")
    inner = name.removeprefix(_PACKAGE)
    if not inner or "://" in inner:
        raise robot.refuse(f"mesh '{name}' is no file of the cell's folder", element.line)
    base = robot.path.parent
    tries = [(base, inner)]
    if name.startswith(_PACKAGE):
        short = inner.partition("/")[2]
        tries += [(folder, inner), (base, short), (folder, short)] if short else [(folder, inner)]
    for root, text in tries:
        try:
            path = inside(root, text)
        except OutsideError as error:
            raise robot.refuse(f"mesh {error}", element.line) from None
        if path.is_file():
            if not path.resolve().is_relative_to(folder.resolve()):
                raise robot.refuse(f"mesh '{name}' is outside the cell's folder", element.line)
            return path, name
    raise robot.refuse(f"mesh '{name}' is not in the cell's folder", element.line)


def _moved(at: Matrix, hull: Hull) -> Hull:
    start, end, radius = hull
    ends = np.array([[*start, 1.0], [*end, 1.0]]) @ at.T
    return ends[0, :3], ends[1, :3], radius
