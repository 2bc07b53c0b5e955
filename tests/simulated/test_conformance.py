"""What holds for every simulated device: lifecycle, refusal, cancellation at every await, stopping."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from robocell.clock import Clock
from robocell.devices import Device, Lifecycle, recover
from robocell.errors import CommandRefused, DeviceFault, MotionInterrupted
from robocell.world.handling import HandlingWorld
from tests.simulated.devices import COMMANDS, KINDS, Command, commands, operate
from tests.world.small import both


@both
@pytest.mark.parametrize("name", KINDS)
def test_the_lifecycle_is_walked_one_way(kind: str, name: str) -> None:
    async def act(world: HandlingWorld, clock: Clock, devices: dict[str, Device]) -> None:
        device = devices[name]
        for wrong in (device.activate, device.deactivate, device.reset):
            with pytest.raises(CommandRefused):
                await wrong()
        await device.configure()
        with pytest.raises(CommandRefused):
            await device.configure()
        await device.activate()
        await device.deactivate()
        assert device.lifecycle is Lifecycle.INACTIVE
        await device.activate()
        device.fail("broken", "for the test")
        assert (device.lifecycle, device.fault.value) == (Lifecycle.FAULTED, "broken")
        with pytest.raises(CommandRefused):
            await device.activate()
        await recover(device)
        assert (device.lifecycle, device.fault.value) == (Lifecycle.ACTIVE, "")
        device.close()
        device.close()
        assert str(device.lifecycle) == "closed"
        device.fail("too late")
        assert str(device.lifecycle) == "closed"
        with pytest.raises(CommandRefused):
            await device.configure()

    operate(act, active=False, kind=kind)


@both
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_in_a_wrong_state_is_refused_and_does_nothing(kind: str, name: str) -> None:
    async def act(world: HandlingWorld, clock: Clock, devices: dict[str, Device]) -> None:
        which, command = commands(devices)[name]
        device = devices[which]
        with pytest.raises(CommandRefused):
            await command()
        await device.configure()
        with pytest.raises(CommandRefused):
            await command()
        await device.activate()
        device.fail("broken")
        with pytest.raises(DeviceFault) as caught:
            await command()
        assert caught.value.fault == "broken"
        device.close()
        with pytest.raises(CommandRefused):
            await command()
        await clock.sleep(5.0)
        assert world.belt("infeed").travel() == 0.0
        assert world.arm("arm").joints() == (0.0, 0.0, 0.5, 0.0)
        assert world.grip("gripper").opening() == world.spec.grips["gripper"].stroke

    operate(act, active=False, kind=kind)


@both
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_does_its_work_in_active_and_may_be_repeated(kind: str, name: str) -> None:
    async def act(world: HandlingWorld, clock: Clock, devices: dict[str, Device]) -> None:
        _, command = commands(devices)[name]
        await command()
        await command()

    operate(act, kind=kind)


@both
@pytest.mark.parametrize("name", COMMANDS)
def test_a_cancelled_command_leaves_a_device_that_takes_the_next_one(kind: str, name: str) -> None:
    async def act(world: HandlingWorld, clock: Clock, devices: dict[str, Device]) -> None:
        which, command = commands(devices)[name]
        for delay in (0.0, 0.001, 0.01, 0.03, 0.2, 0.9):
            task = asyncio.get_running_loop().create_task(_run(command), name=f"try {delay}")
            await clock.sleep(delay)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            assert devices[which].lifecycle is Lifecycle.ACTIVE
        await asyncio.wait_for(command(), 60.0)

    operate(act, kind=kind)


async def _run(command: Command) -> None:
    await command()


@both
@pytest.mark.parametrize("name", KINDS)
def test_stop_now_works_in_every_state_and_twice(kind: str, name: str) -> None:
    async def act(world: HandlingWorld, clock: Clock, devices: dict[str, Device]) -> None:
        device = devices[name]
        device.stop_now()
        await device.configure()
        device.stop_now()
        await device.activate()
        for each, command in commands(devices).values():
            if each == name:
                task = asyncio.get_running_loop().create_task(_run(command), name="stopped")
                await clock.sleep(0.05)
                device.stop_now()
                device.stop_now()
                try:
                    await asyncio.wait_for(task, 30.0)
                except MotionInterrupted:
                    pass
        await clock.sleep(1.0)
        assert world.belt("infeed").speed() == 0.0
        assert not world.arm("arm").moving.value
        device.fail("broken")
        device.stop_now()
        device.close()
        device.stop_now()

    operate(act, active=False, kind=kind)


@both
@pytest.mark.parametrize("name", KINDS)
def test_a_device_that_does_not_answer_is_lost_until_it_does(kind: str, name: str) -> None:
    async def act(world: HandlingWorld, clock: Clock, devices: dict[str, Device]) -> None:
        device = devices[name]
        world.change(world.answers(name), False)
        assert (device.lifecycle, device.fault.value) == (Lifecycle.FAULTED, "lost")
        await device.reset()
        with pytest.raises(DeviceFault, match="does not answer"):
            await device.configure()
        world.change(world.answers(name), True)
        await recover(device)
        assert device.lifecycle is Lifecycle.ACTIVE

    operate(act, kind=kind)
