"""The GenICam driver on pylon's emulated cameras."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from robocell.clock import Clock
from robocell.devices import Sighting
from robocell.devices.looking import FrameCamera
from robocell.drivers.genicam import GenicamFrames
from robocell.errors import DeviceFault
from robocell.vision.frame import Calibration, Frame

T = TypeVar("T")
LENS = Calibration((1024, 1040), 4000.0, (511.5, 519.5), 1.0)
ABOVE = np.array([[1.0, 0, 0, 0], [0, -1.0, 0, 0], [0, 0, -1.0, 0.7], [0, 0, 0, 1.0]])
SERIAL = "0815-0000"


@pytest.fixture(autouse=True)
def emulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYLON_CAMEMU", "2")
    os.environ.setdefault("PYLON_CAMEMU", "2")
    pytest.importorskip("pypylon.pylon", reason="needs pypylon (extra genicam)")


def play(act: Callable[[Clock], Awaitable[T]]) -> T:
    async def main() -> T:
        return await act(Clock())

    return asyncio.run(main())


async def opened(clock: Clock, **how: object) -> GenicamFrames:
    source = GenicamFrames("camera", clock, LENS, **{"serial": SERIAL, **how})  # type: ignore[arg-type]
    await source.open()
    return source


def test_frames_are_numbered_and_exposed_after_the_command() -> None:
    async def act(clock: Clock) -> None:
        source = await opened(clock, exposure=2e-3)
        try:
            numbers = []
            for _ in range(4):
                before = clock.now()
                frame = await source.grab(before + 2.0)
                assert before <= frame.exposed_at <= clock.now()
                assert frame.complete
                assert (frame.image.shape, frame.image.dtype) == ((1040, 1024), np.uint8)
                numbers.append(frame.number)
            assert numbers == list(range(numbers[0], numbers[0] + 4))
            assert source._node("ExposureTime").GetValue() == pytest.approx(2000.0)
        finally:
            source.close()

    play(act)


def test_a_frame_stays_as_it_is_when_the_next_ones_come() -> None:
    async def act(clock: Clock) -> None:
        source = await opened(clock)
        try:
            first = await source.grab(clock.now() + 2.0)
            kept = first.image.copy()
            later = [await source.grab(clock.now() + 2.0) for _ in range(12)]  # more than pylon has buffers
            assert any((frame.image != kept).any() for frame in later)  # its test picture moves
            assert (first.image == kept).all()
            assert first.image.base is None
        finally:
            source.close()

    play(act)


def test_a_failed_buffer_is_an_incomplete_frame_and_never_judged() -> None:
    class Passing:
        shown = 0

        def judge(self, recipe: str, frame: Frame, only_locate: bool) -> Sighting:
            self.shown += 1
            return Sighting("passed")

    async def act(clock: Clock) -> None:
        source = GenicamFrames("camera", clock, LENS, serial=SERIAL)
        judge = Passing()
        device = FrameCamera("camera", clock, source, judge, ABOVE, 2.0)
        await device.configure()
        await device.activate()
        try:
            assert (await device.inspect("any", 0.0)).status == "passed"
            source._node("ForceFailedBufferCount").SetValue(2)
            source._node("ForceFailedBuffer").Execute()
            for _ in range(2):
                found = await device.inspect("any", 0.0)
                assert found.status == "inconclusive"
                assert "is incomplete" in found.reasons[0]
            assert judge.shown == 1
            assert (await device.inspect("any", 0.0)).status == "passed"
        finally:
            device.close()

    play(act)


def test_a_folder_of_pictures_is_replayed_by_the_emulation(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    for name, grey in (("a", 40), ("b", 90), ("c", 160)):
        assert cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((1040, 1024), grey, np.uint8))

    async def act(clock: Clock) -> list[int]:
        source = await opened(clock)
        try:
            source._camera.StopGrabbing()
            source._node("TestImageSelector").SetValue("Off")
            source._node("ImageFilename").SetValue(str(tmp_path))
            source._node("ImageFileMode").SetValue("On")
            source._camera.StartGrabbing()
            return [round(float((await source.grab(clock.now() + 2.0)).image.mean())) for _ in range(4)]
        finally:
            source.close()

    seen = play(act)
    assert set(seen) == {40, 90, 160}


def test_no_frame_in_time_is_a_timeout_and_the_camera_still_works() -> None:
    async def act(clock: Clock) -> None:
        source = await opened(clock)
        try:
            last = (await source.grab(clock.now() + 2.0)).number
            source._node("AcquisitionStop").Execute()  # behind the driver's back
            with pytest.raises(DeviceFault) as caught:
                await source.grab(clock.now() + 0.1)
            assert (caught.value.device, caught.value.fault) == ("camera", "timeout")
            before = clock.now()
            frame = await source.grab(before + 3.0)
            assert frame.exposed_at >= before
            assert frame.number > last
        finally:
            source.close()

    play(act)


def test_a_frame_that_comes_after_its_time_out_never_passes_for_the_next_one() -> None:
    async def act(clock: Clock) -> None:
        source = await opened(clock)
        try:
            await source.grab(clock.now() + 2.0)
            with contextlib.suppress(DeviceFault):
                await source.grab(clock.now())  # triggered, and given up at once: its frame is on its way
            restarted = source._owes
            frame = await source.grab(clock.now() + 2.0)
            assert frame.complete
            assert (source._block == 0) == restarted
        finally:
            source.close()

    play(act)


def test_a_cancelled_grab_leaves_a_camera_that_takes_the_next_picture() -> None:
    async def act(clock: Clock) -> None:
        source = await opened(clock, exposure=0.1)
        try:
            with pytest.raises(TimeoutError):
                await clock.within(0.01, source.grab(clock.now() + 2.0))
            before = clock.now()
            frame = await source.grab(before + 2.0)
            assert frame.exposed_at >= before
        finally:
            source.close()

    play(act)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"serial": "4711"}, "no camera has the serial number '4711'; there is .*0815-0000"),
        ({"serial": None, "user_id": "top"}, "no camera has the user id 'top'"),
        ({"trigger": "line"}, "no time stamps"),
    ],
)
def test_a_camera_that_is_not_there_or_not_fit_is_lost(how: dict[str, object], why: str) -> None:
    async def act(clock: Clock) -> None:
        with pytest.raises(DeviceFault, match=why) as caught:
            await opened(clock, **how)
        assert caught.value.fault == "lost"

    play(act)


def test_a_camera_of_another_resolution_than_its_calibration_is_refused() -> None:
    async def act(clock: Clock) -> None:
        other = Calibration((1280, 960), 4000.0, (640.0, 480.0), 1.0)
        with pytest.raises(DeviceFault, match="delivers 1024 x 1040 pixels, its calibration is for 1280 x 960"):
            await GenicamFrames("camera", clock, other, serial=SERIAL).open()
        source = await opened(clock)  # and it was let go again
        source.close()
        source.close()
        with pytest.raises(DeviceFault, match="not open"):
            await source.grab(clock.now() + 1.0)

    play(act)


@pytest.mark.parametrize("how", [{}, {"serial": "1", "user_id": "top"}])
def test_a_camera_is_never_opened_by_luck(how: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="serial number or by its user id"):
        GenicamFrames("camera", Clock(), LENS, **how)  # type: ignore[arg-type]


def test_block_numbers_of_16_bits_are_counted_on() -> None:
    source = GenicamFrames("camera", Clock(), LENS, serial=SERIAL)
    assert [source._numbered(block) for block in (65534, 65535, 1, 2, 2)] == [65534, 65535, 65536, 65537, 65537]
