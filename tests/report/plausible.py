"""Plausible runs of the cap-sorting sample: events as the controller writes them, with whatever can go wrong."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Generator, Iterator
from typing import Any

from robocell.clock import Clock
from robocell.journal import Event

JAM, MISS, STARVE, DROP = 23, 7, 31, 40
"""Every so many workpieces: the belt jams, a pick misses, the supply is late, a part is dropped."""


def png(width: int = 48, height: int = 48, grey: int = 128) -> bytes:
    """A valid picture of one grey."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([grey]) * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class PlausibleRun:
    """Events of a run of `parts` caps; iterate once.

    Attributes:
        pictures: PNG bytes by the number of their event, once the events have been taken.

    """

    def __init__(self, parts: int, seed: int = 0, faults: bool = True) -> None:
        self.parts = parts
        self.pictures: dict[int, bytes] = {}
        self._seed = seed
        self._faults = faults
        self._chance = Clock(seed).stream("plausible")
        self._seq = 0
        self._t = 0.0
        self._commands = 0
        self._good = 0

    def __iter__(self) -> Iterator[Event]:
        yield self._event("run.begin", cell="cap-sorting", parts=self.parts, products=["cap"], seed=self._seed,
                          dry_run=False, speed=1.0)  # fmt: skip
        yield self._event("energy", joules=12_000.0)
        for state, pause in (("Clearing", 1.0), ("Stopped", 0.0), ("Resetting", 0.0), ("Idle", 1.4), ("Starting", 0.0)):
            self._t += pause
            yield self._state(state, "permit")
        self._t += 0.6
        yield self._state("Execute", "done")
        for workpiece in range(1, self.parts + 1):
            yield from self._workpiece(workpiece)
        yield self._state("Completing", "order complete")
        self._t += 0.9
        yield self._state("Complete", "done")
        yield self._event("energy", joules=12_000.0 + 420.0 * self._t)
        yield self._event("run.end", ended="complete", reason=f"{self.parts} parts finished")

    def _event(self, kind: str, **data: Any) -> Event:
        self._seq += 1
        return Event(self._seq, round(self._t, 6), kind, data)

    def _state(self, state: str, cause: str) -> Event:
        return self._event("state", state=state, mode="Produce", cause=cause)

    def _command(
        self, device: str, command: str, seconds: float, outcome: str = "done", **data: Any
    ) -> Iterator[Event]:
        self._commands += 1
        number = self._commands
        yield self._event("command", id=number, device=device, command=command, **data)
        self._t += seconds
        yield self._event("result", id=number, device=device, outcome=outcome)

    def _step(self, kind: str, workpiece: int, step: int, verb: str, **data: Any) -> Event:
        return self._event(kind, workpiece=workpiece, step=step, verb=verb, label=verb, **data)

    def _workpiece(self, number: int) -> Iterator[Event]:
        if self._faults and number % STARVE == 0:
            yield from self._starved()
        yield from self._command("infeed", "run", 0.4 + 0.5 * self._chance.random(), speed=0.25)
        if self._faults and number % JAM == 0:
            yield from self._jammed()
        yield self._event("minted", workpiece=number, product="cap", place="pick_stop")
        yield self._event("grant", workpiece=number, resources=["pick_stop"])
        yield self._step("op.begin", number, 0, "arrive", device="infeed")
        yield self._step("op.end", number, 0, "arrive", outcome="done")
        passed = yield from self._inspect(number)
        dropped = yield from self._pick(number)
        became = "scrapped" if dropped else "good" if passed else "rejected"
        if not dropped:
            yield from self._place(number, "good" if passed else "reject")
        reason = "dropped" if dropped else "" if passed else "scratch"
        yield self._event("finished", workpiece=number, product="cap", became=became, reason=reason)
        yield self._event("energy", joules=12_000.0 + 420.0 * self._t)

    def _inspect(self, number: int) -> Generator[Event, None, bool]:
        yield self._step("op.begin", number, 1, "inspect", device="camera")
        yield from self._command("camera", "inspect", 0.15, recipe="cap-top")
        passed = self._chance.random() > 0.08
        reasons = [] if passed else ['scratch 1.2 mm² <&> "deep"']
        measurements = {"diameter": 0.0600 + self._chance.gauss(0.0, 2e-5), "score": 0.4 if passed else 3.2}
        yield self._event(
            "verdict", workpiece=number, result="verdict", status="passed" if passed else "failed",
            reasons=reasons, measurements=measurements,
        )  # fmt: skip
        if not passed:
            self.pictures[self._seq] = png(grey=90 + number % 100)
        yield self._event("located", workpiece=number, x=0.0, y=-0.45, yaw=0.1)
        yield self._step("op.end", number, 1, "inspect", outcome="done")
        return passed

    def _pick(self, number: int) -> Generator[Event, None, bool]:
        yield self._event("grant", workpiece=number, resources=["arm", "gripper"])
        yield self._step("op.begin", number, 2, "pick", device="arm")
        if self._faults and number % MISS == 0:
            yield from self._command("arm", "execute", 1.1)
            yield from self._command("gripper", "grip", 0.3, outcome="missed")
            yield self._event("fault", source="pick", fault="missed", key="pick.missed", workpiece=number, detail="")
            yield self._event("recovery", key="pick.missed", action="retry", workpiece=number, attempt=1)
        yield from self._command("arm", "execute", 1.1 + 0.3 * self._chance.random())
        yield from self._command("gripper", "grip", 0.3)
        yield self._event("moved", workpiece=number, place="gripper")
        yield self._event("release", workpiece=number, resources=["pick_stop"])
        yield self._step("op.end", number, 2, "pick", outcome="done")
        if self._faults and number % DROP == 0:
            yield self._event("fault", source="gripper", fault="dropped", key="", workpiece=number, detail="")
            yield self._event("release", workpiece=number, resources=["arm", "gripper"])
            return True
        return False

    def _place(self, number: int, station: str) -> Iterator[Event]:
        slot = self._good % 24
        if station == "good":
            if self._good and slot == 0:
                yield from self._exchange("good")
            self._good += 1
        yield self._event("grant", workpiece=number, resources=[f"{station}"])
        yield self._step("op.begin", number, 3, "place", device="arm")
        yield from self._command("arm", "execute", 1.2 + 0.4 * self._chance.random())
        yield from self._command("gripper", "open", 0.2)
        yield self._event("moved", workpiece=number, place=f"{station}/{slot}" if station == "good" else station)
        yield from self._command("arm", "execute", 0.3)
        yield self._event("release", workpiece=number, resources=["arm", "gripper"])
        yield self._step("op.end", number, 3, "place", outcome="done")

    def _exchange(self, station: str) -> Iterator[Event]:
        yield self._event("fault", source=station, fault="full", key=f"{station}.full", workpiece=0, detail="24 of 24")
        yield self._event("recovery", key=f"{station}.full", action="suspend", workpiece=0, attempt=1)
        yield self._event("blocked", routes={"cap": f"{station}.exchanged"}, degraded=False)
        yield from self._pause("Suspend", f"{station}.full", 20.0)
        yield self._event("blocked", routes={}, degraded=False)
        yield self._event("service", station=station)

    def _starved(self) -> Iterator[Event]:
        yield self._event("blocked", routes={"cap": "pick_stop.starved"}, degraded=True)
        self._t += 5.0
        yield self._event("fault", source="pick_stop", fault="starved", key="pick_stop.starved", workpiece=0, detail="")
        yield from self._pause("Suspend", "pick_stop.starved", 8.0)
        yield self._event("blocked", routes={}, degraded=False)

    def _jammed(self) -> Iterator[Event]:
        yield self._event("fault", source="infeed", fault="jammed", key="infeed.jammed", workpiece=0, detail="<jam>")
        yield self._event("recovery", key="infeed.jammed", action="reverse", workpiece=0, attempt=1)
        yield self._event("alarm", name="jam-on-infeed", active=True, text="The belt jams & a person must look")
        yield self._event("request", text="free the belt")
        yield from self._pause("Hold", "infeed.jammed", 40.0)
        yield self._event("request", text="")
        yield self._event("alarm", name="jam-on-infeed", active=False, text="")
        yield self._event("intervention", cause="jam-on-infeed")

    def _pause(self, command: str, cause: str, seconds: float) -> Iterator[Event]:
        doing, done = {"Hold": ("Holding", "Held"), "Suspend": ("Suspending", "Suspended")}[command]
        back = {"Hold": "Unholding", "Suspend": "Unsuspending"}[command]
        for state, pause in ((doing, 0.2), (done, seconds), (back, 0.3), ("Execute", 0.0)):
            yield self._state(state, cause)
            self._t += pause
