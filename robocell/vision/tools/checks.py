"""What every tool asks of a picture before it trusts it."""

from __future__ import annotations

import numpy as np

from robocell.errors import VisionError
from robocell.vision.frame import U8

Box = tuple[int, int, int, int]


def grey_picture(image: object) -> U8:
    """Return a grey picture, (H, W) uint8 in C order.

    Raises:
        VisionError: it is none: empty, of another depth, in colour, or no array.

    """
    if not isinstance(image, np.ndarray) or image.ndim != 2 or image.dtype != np.uint8 or image.size == 0:
        raise VisionError(f"a grey picture of 8 bits is needed (rows, columns), not {_described(image)}")
    return np.ascontiguousarray(image)


def colour_picture(image: object) -> U8:
    """Return a colour picture, (H, W, 3) uint8 in C order, blue, green, red.

    Raises:
        VisionError: it is none.

    """
    if not _is_colour(image):
        raise VisionError(f"a colour picture of 8 bits is needed (rows, columns, 3), not {_described(image)}")
    return np.ascontiguousarray(image, dtype=np.uint8)


def inside(box: Box, image: U8, name: str = "region") -> Box:
    """Return a box (x, y, w, h) of whole pixels that lies within a picture.

    Raises:
        VisionError: it is empty or reaches beyond the picture.

    """
    x, y, w, h = (int(v) for v in box)
    height, width = image.shape[:2]
    if min(w, h) < 1 or min(x, y) < 0 or x + w > width or y + h > height:
        raise VisionError(f"the {name} (x {x}, y {y}, {w} × {h}) does not lie within the picture of {width} × {height}")
    return x, y, w, h


def _is_colour(image: object) -> bool:
    return (
        isinstance(image, np.ndarray)
        and image.ndim == 3
        and image.shape[2] == 3
        and image.dtype == np.uint8
        and image.size > 0
    )


def _described(image: object) -> str:
    if not isinstance(image, np.ndarray):
        return type(image).__name__
    return f"an array {image.shape} of {image.dtype}"
