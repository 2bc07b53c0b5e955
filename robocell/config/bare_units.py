"""What bare numbers of a file mean: its `units:`."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from robocell.model.cell import BareUnits
from robocell.model.quantity import Units


def bare_units(data: Any, usual: Units) -> Units:
    """Return what a file's bare numbers mean.

    Args:
        data: the file's content.
        usual: what they are taken for where `units:` is wrong, so that only that is reported.

    """
    if "units" not in data:
        return Units()
    try:
        units = BareUnits.model_validate(data["units"])
    except ValidationError:
        return usual
    return Units(units.length, units.angle)
