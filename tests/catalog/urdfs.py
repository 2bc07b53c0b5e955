"""URDF texts for tests."""

from __future__ import annotations

from robocell.catalog import Catalogue
from robocell.model.profile import ArmProfile


def profile_as_urdf(name: str) -> str:
    """Write an arm's profile as a URDF would have it, with frames around it as ROS descriptions have."""
    profile = Catalogue.shipped().profile(name)
    assert isinstance(profile, ArmProfile)
    lines = ['<?xml version="1.0"?>', '<robot name="written">', '<link name="world"/>', '<link name="base_link"/>']
    lines.append(joint("world_joint", "fixed", "world", "base_link", (0.3, 0.2, 0.1), (0.0, 0.0, 1.0)))
    parent = "base_link"
    for index, j in enumerate(profile.joints, 1):
        limit = (
            f'<axis xyz="{text(j.axis)}"/>'
            f'<limit lower="{j.position[0]!r}" upper="{j.position[1]!r}" velocity="{j.velocity.value!r}" effort="1"/>'
        )
        lines.append(f'<link name="link_{index}"/>')
        lines.append(joint(j.name, "revolute", parent, f"link_{index}", j.origin.xyz, j.origin.rpy, limit))
        parent = f"link_{index}"
    lines.append('<link name="tool0"/>')
    lines.append(joint("flange", "fixed", parent, "tool0", profile.flange.xyz, profile.flange.rpy))
    lines.append('<link name="base"/>')
    lines.append(joint("base_joint", "fixed", "base_link", "base", (0.0, 0.0, 0.0), (0.0, 0.0, 3.141592653589793)))
    return "\n".join([*lines, "</robot>"])


def seven_axes() -> str:
    """An arm with seven axes, of the size and limits of a well-known collaborative one."""
    quarter = 1.5707963267948966
    origins = [(0, 0, 0.333), (0, 0, 0), (0, -0.316, 0), (0.0825, 0, 0), (-0.0825, 0.384, 0), (0, 0, 0), (0.088, 0, 0)]
    turns = [0.0, -quarter, quarter, quarter, -quarter, quarter, quarter]
    ranges = [(-2.9, 2.9), (-1.8, 1.8), (-2.9, 2.9), (-3.1, -0.07), (-2.9, 2.9), (-0.02, 3.75), (-2.9, 2.9)]
    lines = ['<robot name="seven">', '<link name="base_link"/>']
    for k, (xyz, roll, (low, high)) in enumerate(zip(origins, turns, ranges, strict=True), 1):
        limit = f'<axis xyz="0 0 1"/><limit lower="{low}" upper="{high}" velocity="2.2"/>'
        parent = f"l{k - 1}" if k > 1 else "base_link"
        lines.append(f'<link name="l{k}"/>{joint(f"j{k}", "revolute", parent, f"l{k}", xyz, (roll, 0.0, 0.0), limit)}')
    lines.append(f'<link name="flange"/>{joint("mount", "fixed", "l7", "flange", (0.0, 0.0, 0.107))}</robot>')
    return "\n".join(lines)


def joint(
    name: str,
    kind: str,
    parent: str,
    child: str,
    xyz: tuple[float, ...] = (0.0, 0.0, 0.0),
    rpy: tuple[float, ...] = (0.0, 0.0, 0.0),
    more: str = "",
) -> str:
    return (
        f'<joint name="{name}" type="{kind}"><origin xyz="{text(xyz)}" rpy="{text(rpy)}"/>'
        f'<parent link="{parent}"/><child link="{child}"/>{more}</joint>'
    )


def text(numbers: tuple[float, ...]) -> str:
    return " ".join(repr(number) for number in numbers)


LIMIT = '<axis xyz="0 0 1"/><limit lower="-2" upper="2" velocity="3" effort="1"/>'


def one_link(geometry: str, origin: str = "") -> str:
    """A turning link with one collision geometry."""
    return (
        '<robot name="small"><link name="base_link"/>'
        f'<link name="arm"><collision>{origin}<geometry>{geometry}</geometry></collision></link>'
        f"{joint('turn', 'revolute', 'base_link', 'arm', more=LIMIT)}</robot>"
    )
