"""Finds what a cell names: profiles, arms, scenes, recipes, packaged cells.

`Catalogue` looks beside the cell file, then in the checkout, then in the installed package. `arm_model`, `arms_of` and
`load_arm` turn profiles and URDF files into `robocell.motion.Arm`.
"""

from __future__ import annotations

from robocell.catalog.arms import arm_model, arms_of, load_arm, load_of, payload_of
from robocell.catalog.catalogue import Catalogue
from robocell.catalog.obstacles import surroundings_of
from robocell.catalog.urdf import read_urdf

__all__ = ["Catalogue", "arm_model", "arms_of", "load_arm", "load_of", "payload_of", "read_urdf", "surroundings_of"]
