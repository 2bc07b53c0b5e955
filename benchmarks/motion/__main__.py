"""The motion core against its peers, in one table.

    python -m benchmarks.motion [--only TOPIC ...] [--json PATH]

Every figure is the median CPU time of one thread for one item; contestants of a row are given the same inputs in the
same run and take turns. Answers are compared before they are timed: where they differ there is no ratio. A peer that
is not installed gets a row that says so (`make bench-motion` installs them; the product itself needs none).
"""

from __future__ import annotations

from benchmarks.suite import Suite

TOPICS = (
    "forward",
    "inverse",
    "numeric_inverse",
    "rest_to_rest",
    "retime",
    "dynamics",
    "collision",
    "planning",
    "latency",
)
SHOWN = (
    "numpy",
    "numba",
    "pin",
    "coal",
    "eaik",
    "ik-geo",
    "py-opw-kinematics",
    "ruckig",
    "toppra",
    "mujoco",
    "pybullet",
)

if __name__ == "__main__":
    Suite("motion", __doc__, TOPICS, SHOWN).main()
