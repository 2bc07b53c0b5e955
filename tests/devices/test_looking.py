"""A camera on any source of frames: lifecycle, and no verdict on a frame that must not be judged."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from robocell.clock import Clock
from robocell.devices import Lifecycle, Sighting, recover
from robocell.devices.looking import FrameCamera
from robocell.errors import CommandRefused, DeviceFault
from robocell.simloop import virtual_loop
from robocell.vision.frame import Calibration, Frame
from robocell.vision.replay import FolderFrames

T = TypeVar("T")
LENS = Calibration((64, 48), 500.0, (31.5, 23.5), 1.0)
ABOVE = np.array([[1.0, 0, 0, 0], [0, -1.0, 0, 0], [0, 0, -1.0, 0.7], [0, 0, 0, 1.0]])


class Scripted:
    """Frames as a test wants them: each entry changes a good frame, or is raised."""

    def __init__(self, clock: Clock, *script: dict[str, object] | DeviceFault) -> None:
        self.clock, self.script, self.opened, self.count = clock, list(script), 0, 0

    async def open(self) -> None:
        self.opened += 1

    async def grab(self, deadline: float) -> Frame:
        began = self.clock.now()
        await self.clock.sleep(0.03)
        self.count += 1
        change = self.script.pop(0) if self.script else {}
        if isinstance(change, DeviceFault):
            raise change
        good = Frame(np.full((48, 64), 90, np.uint8), LENS, self.count, began)
        return dataclasses.replace(good, **change)  # type: ignore[arg-type]

    def close(self) -> None:
        self.opened = 0

    def sleep(self) -> None:
        pass


class Passing:
    """Passes whatever it is shown, and remembers it."""

    def __init__(self) -> None:
        self.shown: list[Frame] = []

    def judge(self, recipe: str, frame: Frame, only_locate: bool) -> Sighting:
        self.shown.append(frame)
        return Sighting("passed", pose=(0.0, 0.0, 0.0))


def play(act: Callable[[Clock], Awaitable[T]]) -> T:
    async def main() -> T:
        return await act(Clock(0))

    return virtual_loop().run(main())


def camera(clock: Clock, *script: dict[str, object] | DeviceFault) -> tuple[FrameCamera, Scripted, Passing]:
    source, judge = Scripted(clock, *script), Passing()
    return FrameCamera("camera", clock, source, judge, ABOVE, 0.5), source, judge


async def started(device: FrameCamera) -> None:
    await device.configure()
    await device.activate()


def test_frames_that_must_not_be_judged_are_not() -> None:
    async def act(clock: Clock) -> None:
        await clock.sleep(100.0)
        device, _, judge = camera(
            clock, {}, {"number": 1}, {"exposed_at": 99.0}, {"complete": False}, {"exposed_at": 1e9}, {"number": 0}, {}
        )
        await started(device)
        found = [await device.inspect("cap-top", 0.1) for _ in range(7)]
        assert [s.status for s in found] == ["passed", *["inconclusive"] * 5, "passed"]
        assert [s.fault for s in found] == ["", "stale", "stale", "", "stale", "stale", ""]
        assert all(s.pose is None for s in found[1:6])
        assert [frame.number for frame in judge.shown] == [1, 7]
        assert judge.shown[0].camera is not None
        assert judge.shown[0].camera.distance == pytest.approx(0.6)

    play(act)


def test_a_located_part_is_not_believed_on_an_old_frame() -> None:
    async def act(clock: Clock) -> None:
        await clock.sleep(100.0)
        device, _, judge = camera(clock, {}, {"number": 1})
        await started(device)
        first, second = await device.locate("cap-top", 0.1), await device.locate("cap-top", 0.1)
        assert (first.pose, second.pose) == ((0.0, 0.0, 0.0), None)
        assert len(judge.shown) == 1

    play(act)


def test_the_lifecycle_opens_and_closes_the_source() -> None:
    async def act(clock: Clock) -> None:
        device, source, _ = camera(clock)
        with pytest.raises(CommandRefused):
            await device.inspect("cap-top", 0.1)
        await device.configure()
        assert source.opened == 1
        with pytest.raises(CommandRefused):
            await device.inspect("cap-top", 0.1)
        await device.activate()
        await device.inspect("cap-top", 0.1)
        device.fail("broken")
        with pytest.raises(DeviceFault, match="broken"):
            await device.inspect("cap-top", 0.1)
        await recover(device)
        assert (await device.inspect("cap-top", 0.1)).status == "passed"
        device.close()
        device.close()
        assert source.opened == 0
        with pytest.raises(CommandRefused):
            await device.inspect("cap-top", 0.1)

    play(act)


def test_a_lost_camera_faults_the_device_and_a_time_out_does_not() -> None:
    async def act(clock: Clock) -> None:
        device, _, _ = camera(clock, DeviceFault("camera", "timeout"), {}, DeviceFault("camera", "lost", "unplugged"))
        await started(device)
        with pytest.raises(DeviceFault) as caught:
            await device.inspect("cap-top", 0.1)
        assert caught.value.fault == "timeout"
        assert (await device.inspect("cap-top", 0.1)).status == "passed"
        with pytest.raises(DeviceFault, match="unplugged"):
            await device.inspect("cap-top", 0.1)
        assert (str(device.lifecycle), device.fault.value) == ("faulted", "lost")

    play(act)


def test_a_cancelled_inspection_leaves_a_camera_that_takes_the_next_one() -> None:
    async def act(clock: Clock) -> None:
        device, _, _ = camera(clock)
        await started(device)
        task = asyncio.get_running_loop().create_task(device.inspect("cap-top", 0.1), name="look")
        await clock.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert device.lifecycle is Lifecycle.ACTIVE
        assert (await device.inspect("cap-top", 0.1)).status == "passed"

    play(act)


@pytest.mark.vision
def test_a_folder_is_replayed_in_the_order_of_names_and_truncated_files_are_incomplete(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    rng = np.random.Generator(np.random.PCG64(1))
    for name, grey in (("b.png", 20), ("a.jpg", 10), ("c.PNG", 30)):
        picture = np.clip(rng.normal(grey, 2, (48, 64)), 0, 255).astype(np.uint8)
        (tmp_path / name).write_bytes(cv2.imencode(name[-4:].lower(), picture)[1].tobytes())
    (tmp_path / "notes.txt").write_text("no picture")
    for name in ("d.jpg", "e.png"):
        whole = (tmp_path / ("a.jpg" if name == "d.jpg" else "b.png")).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    (tmp_path / "f.png").write_bytes(b"")

    async def act(clock: Clock) -> None:
        source = FolderFrames(tmp_path, LENS, clock, loop=True)
        with pytest.raises(DeviceFault, match="not open"):
            await source.grab(1.0)
        await source.open()
        frames = [await source.grab(1.0) for _ in range(8)]
        assert [frame.number for frame in frames] == [1, 2, 3, 4, 5, 6, 7, 8]
        assert [frame.complete for frame in frames] == [True, True, True, False, False, False, True, True]
        assert [round(float(frame.image.mean()), -1) for frame in frames[:3]] == [10, 20, 30]
        assert (frames[6].image == frames[0].image).all()
        once = FolderFrames(tmp_path, LENS, clock)
        await once.open()
        for _ in range(6):
            await once.grab(1.0)
        with pytest.raises(DeviceFault, match="all 6 pictures") as caught:
            await once.grab(1.0)
        assert caught.value.fault == "timeout"

    play(act)


def test_a_folder_without_pictures_is_a_lost_camera(tmp_path: Path) -> None:
    async def act(clock: Clock) -> None:
        for folder in (tmp_path, tmp_path / "absent"):
            with pytest.raises(DeviceFault) as caught:
                await FolderFrames(folder, LENS, clock).open()
            assert caught.value.fault == "lost"

    play(act)


@pytest.mark.vision
@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff\xd9", b"BM" + bytes(60), b"P5\n4 4\n255\n"])
def test_a_file_that_is_no_picture_is_incomplete_and_no_traceback(tmp_path: Path, data: bytes) -> None:
    pytest.importorskip("cv2")
    (tmp_path / "x.png").write_bytes(data)

    async def act(clock: Clock) -> None:
        source = FolderFrames(tmp_path, LENS, clock)
        await source.open()
        frame = await source.grab(1.0)
        assert not frame.complete
        assert frame.image.size == 0

    play(act)
