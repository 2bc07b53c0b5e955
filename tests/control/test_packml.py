from __future__ import annotations

import asyncio
from typing import Any

import pytest

from robocell.clock import Clock
from robocell.control.packml import ACTING, TRANSITIONS, Command, Mode, PackML, State
from robocell.errors import CommandRefused
from robocell.journal import Event, Journal
from robocell.simloop import virtual_loop


def machine(actions: dict[State, Any] | None = None) -> tuple[PackML, list[Event]]:
    clock = Clock()
    journal = Journal(clock)
    events: list[Event] = []
    journal.subscribe(events.append)
    return PackML(journal, clock.now, actions or {}), events


def test_it_boots_in_aborted_and_reaches_execute_by_clear_reset_start() -> None:
    async def main() -> list[str]:
        packml, events = machine()
        for command, state in (
            (Command.CLEAR, State.STOPPED),
            (Command.RESET, State.IDLE),
            (Command.START, State.EXECUTE),
        ):
            packml.command(command, "test")
            await packml.reach(state)
        return [event.data["state"] for event in events]

    assert virtual_loop().run(main()) == ["Clearing", "Stopped", "Resetting", "Idle", "Starting", "Execute"]


@pytest.mark.parametrize("state", list(State), ids=lambda state: state.word)
@pytest.mark.parametrize("command", list(Command), ids=lambda command: command.name)
def test_a_command_leads_where_the_table_says_or_is_refused_and_changes_nothing(state: State, command: Command) -> None:
    async def main() -> tuple[State, bool]:
        packml, _ = machine({acting: lambda: asyncio.sleep(1e6) for acting in ACTING})
        packml.state.set(state, 0.0)
        try:
            packml.command(command, "test")
        except CommandRefused:
            return packml.state.value, False
        return packml.state.value, True

    after, taken = virtual_loop().run(main())
    target = TRANSITIONS.get((state, command))
    assert taken is (target is not None)
    assert after is (target or state)


def test_every_state_but_the_resting_ones_can_be_aborted_and_stopped() -> None:
    for state in State:
        assert ((state, Command.ABORT) in TRANSITIONS) is (state not in (State.ABORTING, State.ABORTED))
    stoppable = {state for state, command in TRANSITIONS if command is Command.STOP}
    assert {State.EXECUTE, State.HELD, State.SUSPENDED, State.IDLE, State.COMPLETE, State.RESETTING} <= stoppable


def test_a_command_gives_up_the_action_of_an_acting_state() -> None:
    async def main() -> tuple[list[str], bool]:
        gone_on = False

        async def slow() -> None:
            nonlocal gone_on
            await asyncio.sleep(10.0)
            gone_on = True

        packml, events = machine({State.CLEARING: slow})
        packml.command(Command.CLEAR, "test")
        await asyncio.sleep(1.0)
        packml.command(Command.ABORT, "test")
        await packml.reach(State.ABORTED)
        await asyncio.sleep(60.0)
        return [event.data["state"] for event in events], gone_on

    assert virtual_loop().run(main()) == (["Clearing", "Aborting", "Aborted"], False)


def test_the_mode_changes_at_rest_only() -> None:
    async def main() -> None:
        packml, _ = machine()
        packml.switch(Mode.MANUAL)
        assert packml.mode is Mode.MANUAL
        packml.command(Command.CLEAR, "test")
        with pytest.raises(CommandRefused, match="Clearing"):
            packml.switch(Mode.PRODUCE)

    virtual_loop().run(main())
