"""The numeric core of motion: arrays and plain models in, arrays out.

SI units, float64, leading batch axis; quaternions (x, y, z, w); all poses in the arm's base frame (ROS
`base_link`).
"""

from __future__ import annotations

from robocell.motion.arm import Arm, Capsule, Joint
from robocell.motion.choice import Choice, best_approach
from robocell.motion.inverse import IkSolution
from robocell.motion.limits import Limits, TcpLimits
from robocell.motion.line import line
from robocell.motion.obstacles import Box, CapsuleObstacle, ConvexMesh, Cylinder, Sphere, ViewCone
from robocell.motion.plan import plan
from robocell.motion.point_to_point import Moves, point_to_point
from robocell.motion.scene import Contact, Scene
from robocell.motion.segments import JointMove, LinearMove, Segment, interpolate
from robocell.motion.trajectory import Trajectory

__all__ = [
    "Arm",
    "Box",
    "Capsule",
    "CapsuleObstacle",
    "Choice",
    "Contact",
    "ConvexMesh",
    "Cylinder",
    "IkSolution",
    "Joint",
    "JointMove",
    "Limits",
    "LinearMove",
    "Moves",
    "Scene",
    "Segment",
    "Sphere",
    "TcpLimits",
    "Trajectory",
    "ViewCone",
    "best_approach",
    "interpolate",
    "line",
    "plan",
    "point_to_point",
]
