"""PackML (ISA TR88.00.02): modes, states, and which command leads where, as one table.

A command in a state that does not know it is refused, never queued. Acting states (those that end in "ing", and Aborting,
…) run an action of the controller and go on by themselves when it is done. State durations sum exactly to the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import IntEnum

from robocell.errors import CommandRefused
from robocell.journal import Journal
from robocell.signals import Signal


class State(IntEnum):
    """The 17 states, with their numbers in OPC 30050."""

    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17

    @property
    def word(self) -> str:
        """Return the state's name as the standard writes it: "Execute"."""
        return self.name.capitalize()


class Mode(IntEnum):
    """Unit modes."""

    PRODUCE = 1
    MAINTENANCE = 2
    MANUAL = 3


class Command(IntEnum):
    """Control commands, with their numbers in OPC 30050."""

    RESET = 1
    START = 2
    STOP = 3
    HOLD = 4
    UNHOLD = 5
    SUSPEND = 6
    UNSUSPEND = 7
    ABORT = 8
    CLEAR = 9
    COMPLETE = 10


_ENDS = {State.STOPPED, State.STOPPING, State.CLEARING, State.ABORTING, State.ABORTED}
_HOLDABLE = (
    State.EXECUTE,
    State.STARTING,
    State.UNHOLDING,
    State.SUSPENDING,
    State.SUSPENDED,
    State.UNSUSPENDING,
)

TRANSITIONS: dict[tuple[State, Command], State] = {
    (State.STOPPED, Command.RESET): State.RESETTING,
    (State.COMPLETE, Command.RESET): State.RESETTING,
    (State.IDLE, Command.START): State.STARTING,
    **{(state, Command.HOLD): State.HOLDING for state in _HOLDABLE},
    (State.HELD, Command.UNHOLD): State.UNHOLDING,
    (State.EXECUTE, Command.SUSPEND): State.SUSPENDING,
    (State.SUSPENDED, Command.UNSUSPEND): State.UNSUSPENDING,
    (State.EXECUTE, Command.COMPLETE): State.COMPLETING,
    **{(state, Command.STOP): State.STOPPING for state in State if state not in _ENDS},
    **{(state, Command.ABORT): State.ABORTING for state in State if state not in (State.ABORTING, State.ABORTED)},
    (State.ABORTED, Command.CLEAR): State.CLEARING,
}

ACTING: dict[State, State] = {
    State.CLEARING: State.STOPPED,
    State.STARTING: State.EXECUTE,
    State.STOPPING: State.STOPPED,
    State.ABORTING: State.ABORTED,
    State.HOLDING: State.HELD,
    State.UNHOLDING: State.EXECUTE,
    State.SUSPENDING: State.SUSPENDED,
    State.UNSUSPENDING: State.EXECUTE,
    State.RESETTING: State.IDLE,
    State.COMPLETING: State.COMPLETE,
}

Action = Callable[[], Awaitable[None]]


class PackML:
    """The state machine of one cell; boots in Aborted.

    Args:
        journal: every change is an event.
        now: the run's clock.
        actions: what an acting state does before it goes on; a state without an action goes on at once.

    Attributes:
        state: the present state.
        mode: the present mode.

    """

    def __init__(self, journal: Journal, now: Callable[[], float], actions: Mapping[State, Action]) -> None:
        self.mode = Mode.PRODUCE
        self.state: Signal[State] = Signal("cell.state", State.ABORTED)
        self._journal = journal
        self._now = now
        self._actions = actions
        self._acting: asyncio.Task[None] | None = None

    def permits(self, command: Command) -> bool:
        """Whether the command is known in the present state."""
        return (self.state.value, command) in TRANSITIONS

    def command(self, command: Command, cause: str) -> None:
        """Leave the present state; an acting state's action is given up for the new one.

        Raises:
            CommandRefused: the present state does not know the command.

        """
        target = TRANSITIONS.get((self.state.value, command))
        if target is None:
            raise CommandRefused("cell", f"{command.name} is refused in {self.state.value.word}")
        if self._acting is not None:
            self._acting.cancel()
            self._acting = None
        self._enter(target, cause)

    def switch(self, mode: Mode) -> None:
        """Change the mode; only at rest (Stopped, Idle, Aborted, Complete).

        Raises:
            CommandRefused: the cell is not at rest.

        """
        if self.state.value not in (State.STOPPED, State.IDLE, State.ABORTED, State.COMPLETE):
            raise CommandRefused("cell", f"the mode cannot change in {self.state.value.word}")
        self.mode = mode
        self._tell("mode")

    async def reach(self, *states: State) -> State:
        """Wait until the cell is in one of the states."""
        return await self.state.until(lambda state: state in states)

    def _enter(self, state: State, cause: str) -> None:
        self.state.set(state, self._now())
        self._tell(cause)
        if state in ACTING:
            loop = asyncio.get_running_loop()
            self._acting = loop.create_task(self._act(state), name=f"cell: {state.word}")

    async def _act(self, state: State) -> None:
        action = self._actions.get(state)
        if action is not None:
            await action()
        self._acting = None
        self._enter(ACTING[state], "done")

    def _tell(self, cause: str) -> None:
        self._journal.append("state", state=self.state.value.word, mode=self.mode.name.capitalize(), cause=cause)
