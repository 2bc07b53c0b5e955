"""The label on a board's rim: a Data Matrix code of its design and its own number."""

from __future__ import annotations

import numpy as np

from robocell.errors import SetupError
from robocell.world.boards.artwork import BASE, COPPER
from robocell.world.faces import U8

QUIET = 1
"""Modules of base that are kept around a code."""


def text_of(design: str, number: int) -> str:
    """Return what a board's label says: its design and its own number, as in `B2.00017`."""
    return f"{design}.{number:05d}"


def draw_label(text: str, module: int) -> U8:
    """Draw a Data Matrix code with its quiet zone, (H, W) uint8.

    Args:
        text: what it says.
        module: pixels along a module's side.

    Raises:
        SetupError: zxing-cpp is not installed.

    """
    try:
        import zxingcpp
    except ModuleNotFoundError as error:
        raise SetupError(
            "labels on boards need zxing-cpp, which is not installed", "install robocell[vision]"
        ) from error
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
    modules = np.pad(np.array(code.to_image(scale=1, add_quiet_zones=False)), QUIET, constant_values=255)
    grey = np.where(modules < 128, COPPER, BASE).astype(np.uint8)
    return np.repeat(np.repeat(grey, module, axis=0), module, axis=1)
