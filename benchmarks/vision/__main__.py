"""Inspection against its peers, in one table.

    python -m benchmarks.vision [--only TOPIC ...] [--json PATH]

Every figure is CPU time of one thread for one picture, OpenCV's included: the median, and the 99th percentile of
single calls. "Cold" goes round in pictures that exceed the caches together, "warm" takes the same picture again.
The peer is the strongest OpenCV chain that gives the same answer; answers are compared before they are timed.
Topics that need the public pictures find them as the tests do (ROBOCELL_DATA); without them a row says so.
"""

from __future__ import annotations

from benchmarks.suite import Suite

TOPICS = (
    "blobs",
    "caliper",
    "caps",
    "codes",
    "deeppcb",
    "golden",
    "locate",
)
SHOWN = ("numpy", "numba", "opencv-python-headless", "zxing-cpp")


def one_thread() -> None:
    """Keep OpenCV to the thread that is timed."""
    import cv2

    cv2.setNumThreads(1)


if __name__ == "__main__":
    Suite("vision", __doc__, TOPICS, SHOWN, one_thread).main()
