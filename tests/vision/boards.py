"""Small boards drawn for tests: traces, pads and a plane, with one defect of each kind where it belongs."""

from __future__ import annotations

import cv2
import numpy as np

from robocell.vision.frame import U8

DARK, BRIGHT = 30, 225


def draw_board(size: tuple[int, int] = (320, 448)) -> U8:
    """Return a good board: copper is dark."""
    image = np.full(size, BRIGHT, np.uint8)
    for row in range(24, size[0] - 40, 48):
        cv2.rectangle(image, (16, row), (size[1] - 130, row + 13), DARK, -1)
        cv2.circle(image, (size[1] - 130, row + 6), 15, DARK, -1)
        cv2.circle(image, (size[1] - 130, row + 6), 5, BRIGHT, -1)
    cv2.rectangle(image, (size[1] - 84, 20), (size[1] - 20, size[0] - 30), DARK, -1)
    cv2.line(image, (60, 24), (60, size[0] // 2), DARK, 9)
    return image


def with_defect(image: U8, kind: str, row: int = 1) -> tuple[U8, tuple[int, int, int, int]]:
    """Return a board with a defect on a trace, and the blob's x1 y1 x2 y2 (exclusive)."""
    out = image.copy()
    top, x = 24 + 48 * row, 190  # of the trace, which is 14 rows high
    if kind == "open":
        box, grey = (x, top, x + 9, top + 14), BRIGHT
    elif kind == "short":
        box, grey = (x, top + 14, x + 8, top + 48), DARK
    elif kind == "mousebite":
        box, grey = (x, top, x + 9, top + 7), BRIGHT
    elif kind == "spur":
        box, grey = (x, top + 14, x + 8, top + 22), DARK
    elif kind == "copper":
        box, grey = (x, top + 26, x + 10, top + 35), DARK
    else:
        right = image.shape[1] - 52
        box, grey = (right - 4, top, right + 5, top + 8), BRIGHT
    cv2.rectangle(out, box[:2], (box[2] - 1, box[3] - 1), grey, -1)
    return out, box
