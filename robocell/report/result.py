"""The result of a run: what `result.json` holds and what a user's test reads.

Times are seconds of the run's clock, `wall_s` excepted; shares are 0 … 1 (an effectiveness above 1 means that the bound is
wrong: it is reported, never clamped). What is undefined is None, null in the file: no finished part has no cycle time.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from robocell.control.packml import State
from robocell.model.confusion import Confusion
from robocell.report.elements import TimeElement

Backend = Literal["sim", "twin", "hardware"]
Ended = Literal["complete", "held", "aborted", "stopped"]
Origin = Literal["driver", "simulated"]

_Count = Annotated[int, Field(ge=0)]
_Seconds = Annotated[float, Field(ge=0.0)]
_STATES = tuple(state.word for state in State)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class OperationTime(_Frozen):
    """How long an operation is predicted to take a part that is alone in the cell, s.

    Attributes:
        product: the part's product.
        step: index in its route.
        label: the step's name, or its verb.
        device: who performs it, "" for none.
        low: with every arm at the upper end of its limits.
        nominal: with the limits as they are given.
        high: with every arm at the lower end.

    """

    product: str
    step: _Count
    label: str
    device: str
    low: _Seconds
    nominal: _Seconds
    high: _Seconds


class RunFacts(_Frozen):
    """What a run's events do not say.

    Attributes:
        cell: the cell's name.
        cell_sha256: digest of the cell file's bytes.
        backend: "sim", "twin" or "hardware".
        world: "kinematic" or "bullet"; None on hardware.
        devices: what stood behind each device.
        seed: of the run's random streams.
        version: robocell's.
        log_sha256: digest of the canonical event log.
        wall_s: what the run took on this computer.
        bound_per_h: the cell's bound on throughput, parts an hour; None where none was worked out.
        operations: predicted time of each operation, in the order of the routes; none where none was worked out.
        inspection: verdicts against the truth, by recipe; empty where nobody knows it.
        pictures: whether cameras judged pictures.

    """

    cell: str
    cell_sha256: str
    backend: Backend
    world: str | None
    devices: dict[str, Origin]
    seed: int
    version: str
    log_sha256: str
    wall_s: _Seconds
    bound_per_h: Annotated[float, Field(gt=0.0)] | None = None
    operations: tuple[OperationTime, ...] = ()
    inspection: dict[str, Confusion] = Field(default_factory=dict)
    pictures: bool = False


class Parts(_Frozen):
    """Workpieces: `entered` ("in" in the file) is always the sum of the others."""

    entered: _Count = Field(alias="in")
    good: _Count
    rejected: _Count
    scrapped: _Count
    unknown: _Count
    in_process: _Count

    @property
    def finished(self) -> int:
        """Workpieces that ended, whatever became of them."""
        return self.good + self.rejected + self.scrapped + self.unknown

    @model_validator(mode="after")
    def _conserved(self) -> Parts:
        if self.entered != self.finished + self.in_process:
            raise ValueError(f"parts are not conserved: {self.entered} in, {self.finished + self.in_process} told of")
        return self


class Spread(_Frozen):
    """How durations are distributed, s; percentiles are interpolated linearly. All None of no values."""

    mean: _Seconds | None = None
    p50: _Seconds | None = None
    p95: _Seconds | None = None
    min: _Seconds | None = None
    max: _Seconds | None = None

    def __repr__(self) -> str:
        values = ((name, getattr(self, name)) for name in type(self).model_fields)
        return "<" + ", ".join(f"{name} {'–' if value is None else f'{value:.3f} s'}" for name, value in values) + ">"


class Oee(_Frozen):
    """Overall equipment effectiveness by ISO 22400-2.

    Attributes:
        availability: APT ÷ PBT: time in Execute over planned busy time.
        effectiveness: ideal cycle × finished ÷ APT; the ideal cycle is that of the bound, None without a bound.
        quality: good ÷ finished.
        oee: ideal cycle × good ÷ PBT, their product.

    """

    availability: float | None = None
    effectiveness: float | None = None
    quality: float | None = None
    oee: float | None = None


class Quality(_Frozen):
    """A charted measurement over the run: how its process lies in the tolerance (ISO 22514-2).

    Attributes:
        measure: `step.quantity`.
        unit: of mean and sigma, "m" or "px".
        count: values.
        mean: of all.
        sigma: overall standard deviation.
        cp, cpk: from the variation within subgroups: what the process could do.
        cpk_low: lower 95 % confidence limit of cpk.
        pp, ppk: from `sigma`: what it did.
        outside: expected share outside the tolerance, of a normal process.
        signals: how often a rule of the control chart was broken.

    All but `count` and `signals` are None of fewer than 20 values; cp and pp where one limit is missing, all four where
    nothing varies.

    """

    measure: str
    unit: Literal["m", "px"]
    count: _Count
    mean: float | None = None
    sigma: float | None = None
    cp: float | None = None
    cpk: float | None = None
    cpk_low: float | None = None
    pp: float | None = None
    ppk: float | None = None
    outside: float | None = None
    signals: _Count = 0


class Result(_Frozen):
    """What a run came to.

    Attributes:
        simulated_s: length of the run, s of its own clock (on hardware real time); the states' times add up to it.
        ended: "complete" (the order is done), "held", "aborted" or "stopped".
        reason: why it ended, in words.
        cycle_time_s: between one finish and the next; only time in Execute counts, the first counts from the first Execute.
        lead_time_s: from a workpiece's arrival to its finish, standstill included.
        throughput_per_h: finished ÷ time from the first Execute until the order was complete (or the run ended).
        states: time in each of the 17 PackML states by name, visited or not.
        time_elements: the same time by ISO 22400-2 element ("APT", …).
        degraded_s: time in Execute while some route was blocked.
        energy_wh: None without a meter.
        faults: how often, by "source.fault".
        recoveries: how often, by action.
        alarms: how often raised, by name.
        interventions: times that a person did what the cell could not do alone.
        services: exchanges that the cell file foresees.
        inspection: verdicts against the truth, by recipe, in simulation.
        pictures: whether cameras judged pictures; without, verdicts are the truth, or drawn from a measured confusion.
        quality: the charted measurements, by the charts' names; those of which anything was measured.

    """

    cell: str
    cell_sha256: str
    backend: Backend
    world: str | None
    devices: dict[str, Origin]
    seed: int
    version: str
    log_sha256: str
    simulated_s: _Seconds
    wall_s: _Seconds
    ended: Ended
    reason: str
    parts: Parts
    cycle_time_s: Spread
    lead_time_s: Spread
    throughput_per_h: float | None
    bound_per_h: float | None
    operations: tuple[OperationTime, ...] = ()
    states: dict[str, _Seconds]
    time_elements: dict[str, _Seconds]
    degraded_s: _Seconds
    oee: Oee
    energy_wh: float | None
    faults: dict[str, _Count]
    recoveries: dict[str, _Count]
    alarms: dict[str, _Count]
    interventions: _Count
    services: _Count
    inspection: dict[str, Confusion] = Field(default_factory=dict)
    pictures: bool = False
    quality: dict[str, Quality] = Field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """What `robocell run` exits with: 0 for a complete order, 1 otherwise."""
        return 0 if self.ended == "complete" else 1

    @property
    def speed(self) -> float | None:
        """Seconds of the run's clock in one second of wall time; None if it took no time."""
        return self.simulated_s / self.wall_s if self.wall_s > 0 else None

    def to_json(self) -> str:
        """Return the text of `result.json`: indented, keys in the order of this class, a line end at the end."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"

    def __repr__(self) -> str:
        """Return what an assertion that failed needs, in the 240 characters that pytest shows."""
        parts, cycle = self.parts, self.cycle_time_s
        counts = ((name, getattr(parts, name)) for name in ("good", "rejected", "scrapped", "unknown", "in_process"))
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts if count)
        words = [f"{self.ended} after {self.simulated_s:.1f} s" + (f" ({self.reason[:60]})" if self.reason else "")]
        words.append(f"{parts.finished} finished: {told or 'none'}")
        if cycle.p50 is not None and cycle.p95 is not None:
            words.append(f"cycle p50 {cycle.p50:.2f} s, p95 {cycle.p95:.2f} s")
        often = sorted(self.faults.items(), key=lambda item: -item[1])[:2]
        words += [f"{count} {kind}" for kind, count in often]
        return f"<Result {self.cell}, seed {self.seed}: {'; '.join(words)}>"

    __str__ = __repr__

    @model_validator(mode="after")
    def _times_add_up(self) -> Result:
        if tuple(self.states) != _STATES:
            raise ValueError("`states` must have the 17 PackML states, by number")
        if tuple(self.time_elements) != tuple(element.value for element in TimeElement):
            raise ValueError("`time_elements` must have " + ", ".join(element.value for element in TimeElement))
        for name, times in (("states", self.states), ("time_elements", self.time_elements)):
            if sum(map(_microseconds, times.values())) != _microseconds(self.simulated_s):
                raise ValueError(f"the times of `{name}` do not add up to `simulated_s`")
        return self


def _microseconds(seconds: float) -> int:
    return round(seconds * 1e6)
