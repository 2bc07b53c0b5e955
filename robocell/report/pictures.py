"""Pictures of rejects, small enough for a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_WIDTH = 520
_QUALITY = 82
BUDGET = 2_400_000
"""Bytes of pictures in one page; base64 makes them a third larger."""


def thumbnails(pictures: Iterable[tuple[int, bytes]], wanted: Iterable[int]) -> dict[int, tuple[str, bytes]]:
    """Return media type and bytes of the wanted pictures, by the number of their event.

    They are reduced where OpenCV is installed, and taken as they are elsewhere; the latest go first when the page's budget
    does not hold them all.
    """
    seqs = frozenset(wanted)
    found = {seq: png for seq, png in pictures if seq in seqs}
    kept: dict[int, tuple[str, bytes]] = {}
    room = BUDGET
    for seq in sorted(found, reverse=True):
        media, data = _reduced(found[seq])
        if len(data) <= room:
            room -= len(data)
            kept[seq] = (media, data)
    return dict(_in_order(kept))


def _in_order(kept: dict[int, tuple[str, bytes]]) -> Iterator[tuple[int, tuple[str, bytes]]]:
    for seq in sorted(kept):
        yield seq, kept[seq]


def _reduced(png: bytes) -> tuple[str, bytes]:
    try:
        import cv2
        import numpy as np
    except ImportError:
        return "image/png", png
    from robocell.errors import VisionError
    from robocell.vision.marking import jpeg

    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return "image/png", png
    try:
        return "image/jpeg", jpeg(np.asarray(picture, np.uint8), _WIDTH, _QUALITY)
    except VisionError:
        return "image/png", png
