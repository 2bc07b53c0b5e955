"""A GenICam camera (USB3 Vision, GigE Vision, CoaXPress) through Basler's pylon: extra `genicam`.

pylon also emulates cameras (`PYLON_CAMEMU=1`), which is what the tests use; this driver has never seen a real one.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeVar

import numpy as np

from robocell.clock import Clock
from robocell.errors import DeviceFault, SetupError
from robocell.vision.frame import Calibration, Frame

T = TypeVar("T")
Trigger = Literal["software", "line"]

_WRAPS_AT = 0xFFFF  # GigE Vision 1 counts blocks in 16 bits, without 0
_NS = 1e-9


class GenicamFrames:
    """Implements `devices.frames.FrameSource` on one camera.

    pylon blocks, so it is called in one thread of the source's own. With `trigger="software"` each grab empties the
    queue, triggers, and takes the frame that answers: its exposure cannot have begun before the trigger. With
    `trigger="line"` the next frame after the command is taken, and its time is the camera's own time stamp, brought to
    the run's clock by latching the camera's counter at each grab.

    Args:
        name: the camera's name in faults.
        clock: the run's clock.
        calibration: its lens; the camera must deliver pictures of this resolution.
        serial: serial number of the camera; or
        user_id: the name that was written into it. Exactly one of the two: never whichever answers first.
        exposure: s; None leaves what the camera has.
        trigger: who triggers.
        line: which input with `trigger="line"`.

    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        calibration: Calibration,
        *,
        serial: str | None = None,
        user_id: str | None = None,
        exposure: float | None = None,
        trigger: Trigger = "software",
        line: str = "Line1",
    ) -> None:
        if (serial is None) == (user_id is None):
            raise ValueError("a camera is opened by its serial number or by its user id: give one of them")
        if exposure is not None and not (math.isfinite(exposure) and exposure > 0):
            raise ValueError(f"an exposure is a positive time, not {exposure}")
        self._name = name
        self._clock = clock
        self._calibration = calibration
        self._serial = serial
        self._user_id = user_id
        self._exposure = exposure
        self._trigger: Trigger = trigger
        self._line = line
        self._camera: Any = None
        self._thread: ThreadPoolExecutor | None = None
        self._block, self._blocks_before = -1, 0
        self._owes = False

    # --- the source ----------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Find the camera, set it up, and let it wait for triggers.

        Raises:
            SetupError: pypylon is not installed.
            DeviceFault: "lost": no camera, or more than one, of this serial number or user id; it is in use; it has not what
                is asked of it.

        """
        if self._camera is not None:
            return
        self._clock.now()  # binds the clock to this loop before the thread asks it
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"camera {self._name}")
        try:
            await self._in_thread(self._open)
        except BaseException:
            self.close()
            raise

    async def grab(self, deadline: float) -> Frame:
        """Trigger and return the frame; one that was not grabbed wholly is returned as incomplete, without a picture.

        Raises:
            DeviceFault: "timeout", "lost".

        """
        if self._camera is None:
            raise DeviceFault(self._name, "lost", "is not open")
        return await self._in_thread(lambda: self._grab(deadline))

    def close(self) -> None:
        """Let go of the camera; a grab under way ends first, in its thread."""
        camera, thread = self._camera, self._thread
        self._camera = self._thread = None
        if thread is not None:
            if camera is not None:
                thread.submit(_let_go, camera)
            thread.shutdown(wait=camera is not None)

    def sleep(self) -> None:
        """Do nothing: a camera that waits for its trigger draws little, and must answer at once."""

    async def _in_thread(self, work: Callable[[], T]) -> T:
        assert self._thread is not None
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._told, work)

    def _told(self, work: Callable[[], T]) -> T:
        """Do some work, and tell pylon's exceptions in the words of a device."""
        _, genicam = _pylon()
        try:
            return work()
        except genicam.TimeoutException as error:
            raise DeviceFault(self._name, "timeout", _first_line(error)) from error
        except genicam.GenericException as error:
            raise DeviceFault(self._name, "lost", _first_line(error)) from error

    # --- in the thread ---------------------------------------------------------------------------------------

    def _open(self) -> None:
        pylon, _ = _pylon()
        factory = pylon.TlFactory.GetInstance()
        devices = list(factory.EnumerateDevices())
        mine = [
            device
            for device in devices
            if (
                device.GetSerialNumber() == self._serial
                if self._serial
                else device.GetUserDefinedName() == self._user_id
            )
        ]
        if len(mine) != 1:
            wanted = f"serial number '{self._serial}'" if self._serial else f"user id '{self._user_id}'"
            there = ", ".join(_told_of(device) for device in devices) or "none at all"
            count = "no camera has" if not mine else f"{len(mine)} cameras have"
            raise DeviceFault(self._name, "lost", f"{count} the {wanted}; there is {there}")
        camera = pylon.InstantCamera(factory.CreateDevice(mine[0]))
        camera.Open()
        self._camera = camera
        self._set_up()
        self._block, self._blocks_before, self._owes = -1, 0, False
        camera.StartGrabbing(pylon.GrabStrategy_OneByOne)

    def _set_up(self) -> None:
        self._put("PixelFormat", "Mono8")
        self._put("AcquisitionMode", "Continuous")
        self._put("TriggerSelector", "FrameStart")
        self._put("TriggerMode", "On")
        self._put("TriggerSource", "Software" if self._trigger == "software" else self._line)
        if self._exposure is not None:
            name = "ExposureTime" if self._has("ExposureTime") else "ExposureTimeAbs"
            self._put(name, 1e6 * self._exposure)  # µs, as the standard feature naming convention has it
        if self._trigger == "line" and not (self._has("TimestampLatch") and self._has("TimestampLatchValue")):
            raise DeviceFault(
                self._name, "lost", "has no time stamps that can be latched: no frame of a line trigger is proven fresh"
            )
        size = (int(self._node("Width").GetValue()), int(self._node("Height").GetValue()))
        if size != self._calibration.resolution:
            wanted = self._calibration.resolution
            raise DeviceFault(
                self._name,
                "lost",
                f"delivers {size[0]} x {size[1]} pixels, its calibration is for {wanted[0]} x {wanted[1]}",
            )

    def _grab(self, deadline: float) -> Frame:
        pylon, _ = _pylon()
        camera = self._camera
        # The frame of a trigger that timed out may still be on its way, and would pass for the next one's.
        if self._owes:
            camera.StopGrabbing()
            camera.StartGrabbing(pylon.GrabStrategy_OneByOne)
            self._block, self._owes = self._restarted(), False
        while camera.NumReadyBuffers.GetValue() > 0:  # what came before the command, such as late frames
            camera.RetrieveResult(0, pylon.TimeoutHandling_Return).Release()
        latched = 0.0
        if self._trigger == "software":
            if not camera.WaitForFrameTriggerReady(self._left(deadline), pylon.TimeoutHandling_Return):
                self._owes = True  # of an earlier trigger, or it has stopped: begin anew
                raise DeviceFault(self._name, "timeout", "was not ready for a trigger in time")
            began, self._owes = self._clock.now(), True
            camera.ExecuteSoftwareTrigger()
        else:
            self._node("TimestampLatch").Execute()
            began, latched = self._clock.now(), float(self._node("TimestampLatchValue").GetValue()) * _NS
        result = camera.RetrieveResult(self._left(deadline), pylon.TimeoutHandling_Return)
        try:
            if not result.IsValid():
                raise DeviceFault(self._name, "timeout", "no frame came")
            self._owes = False
            if self._trigger == "line":
                began += result.TimeStamp * _NS - latched
            complete = bool(result.GrabSucceeded())
            # pylon uses the buffer again for a later frame as soon as the result is released
            image = np.array(result.GetArray(), np.uint8, copy=True) if complete else np.zeros((0, 0), np.uint8)
            return Frame(image, self._calibration, self._numbered(int(result.BlockID)), began, complete)
        finally:
            result.Release()

    def _numbered(self, block: int) -> int:
        """Return the frame's number: the camera's block number, counted on where its 16 bits begin anew."""
        if block < self._block and self._block > _WRAPS_AT - 100 and block < 100:
            self._blocks_before += _WRAPS_AT
        self._block = block
        return self._blocks_before + block

    def _restarted(self) -> int:
        """Begin a new count of blocks, above every number that was given; return the last block of the new one."""
        self._blocks_before += self._block + 1
        return -1

    def _left(self, deadline: float) -> int:
        """Milliseconds until the deadline, as pylon wants them."""
        return max(math.ceil(1e3 * (deadline - self._clock.now())), 0)

    def _node(self, name: str) -> Any:
        return self._camera.GetNodeMap().GetNode(name)

    def _has(self, name: str) -> bool:
        _, genicam = _pylon()
        return bool(genicam.IsAvailable(self._node(name)))

    def _put(self, name: str, value: str | float) -> None:
        _, genicam = _pylon()
        try:
            self._node(name).SetValue(value)
        except genicam.GenericException as error:
            raise DeviceFault(self._name, "lost", f"{name} cannot be {value}: {_first_line(error)}") from error


def _pylon() -> tuple[Any, Any]:
    """Return the modules (pylon, genicam)."""
    try:
        from pypylon import genicam, pylon
    except ModuleNotFoundError as error:
        raise SetupError(
            "a GenICam camera needs pypylon, which is not installed", "install robocell[genicam]"
        ) from error
    return pylon, genicam


def _let_go(camera: Any) -> None:
    """Close a camera, which may be gone: there is nothing more to be done about it then."""
    _, genicam = _pylon()
    try:
        camera.StopGrabbing()
        camera.Close()
    except genicam.GenericException:
        return


def _told_of(device: Any) -> str:
    user = device.GetUserDefinedName()
    return f"{device.GetModelName()} {device.GetSerialNumber()}" + (f" '{user}'" if user else "")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].split(" : ")[0].strip().rstrip(".")
