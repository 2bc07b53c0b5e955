"""PackML states as ISO 22400-2 time elements: the one table between what a cell says and what a plant counts.

Planned busy time (PBT) is everything but planned down time; availability is APT ÷ PBT. Time in another mode than Produce is
planned down time whatever the state, since nobody expects parts of a cell in Maintenance.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from robocell.control.packml import Mode, State


class TimeElement(Enum):
    """A time element; its value is the standard's abbreviation.

    Attributes:
        title: what it is, in words.

    """

    APT = "APT"
    AUST = "AUST"
    ADOT = "ADOT"
    ADET = "ADET"
    PDOT = "PDOT"

    @property
    def title(self) -> str:
        """Return the standard's term."""
        return _TITLES[self]


_TITLES: Final = {
    TimeElement.APT: "actual production time",
    TimeElement.AUST: "actual set-up time",
    TimeElement.ADOT: "actual down time",
    TimeElement.ADET: "actual delay time",
    TimeElement.PDOT: "planned down time",
}

ELEMENTS: Final[dict[State, TimeElement]] = {
    State.CLEARING: TimeElement.ADET,
    State.STOPPED: TimeElement.ADOT,
    State.STARTING: TimeElement.AUST,
    State.IDLE: TimeElement.PDOT,
    State.SUSPENDED: TimeElement.ADOT,
    State.EXECUTE: TimeElement.APT,
    State.STOPPING: TimeElement.ADOT,
    State.ABORTING: TimeElement.ADET,
    State.ABORTED: TimeElement.ADET,
    State.HOLDING: TimeElement.ADET,
    State.HELD: TimeElement.ADET,
    State.UNHOLDING: TimeElement.ADET,
    State.SUSPENDING: TimeElement.ADOT,
    State.UNSUSPENDING: TimeElement.ADOT,
    State.RESETTING: TimeElement.AUST,
    State.COMPLETING: TimeElement.AUST,
    State.COMPLETE: TimeElement.PDOT,
}


def element_of(state: State, mode: Mode) -> TimeElement:
    """Return the time element that time in `state` and `mode` belongs to."""
    return ELEMENTS[state] if mode is Mode.PRODUCE else TimeElement.PDOT


def style_of(state: str) -> str:
    """Return the CSS class of a state's time element, by the state's name: "apt", …"""
    return ELEMENTS[_BY_WORD[state]].value.lower()


_BY_WORD: Final = {state.word: state for state in State}
