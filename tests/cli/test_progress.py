from __future__ import annotations

import io
import signal
from typing import Any

from rich.console import Console

from robocell.cli.progress import Progress, picture
from robocell.cli.status import Status
from robocell.journal import Event


class Run:
    """Events one after the other."""

    def __init__(self, *, live: bool = False) -> None:
        self.file = io.StringIO()
        console = Console(file=self.file, force_terminal=live, width=100, highlight=False, markup=False)
        self.progress = Progress(console, "caps · sim, kinematic · seed 0")
        self.seq = 0

    def tell(self, t: float, kind: str, **data: object) -> None:
        self.seq += 1
        self.progress.take(Event(self.seq, t, kind, data))

    def begin(self, parts: int) -> None:
        self.tell(0.0, "run.begin", parts=parts)

    def state(self, t: float, state: str, cause: str = "done") -> None:
        self.tell(t, "state", state=state, cause=cause, mode="Produce")

    def finish(self, t: float, became: str = "good") -> None:
        self.tell(t, "finished", became=became, workpiece=1, product="cap", reason="")

    def lines(self) -> list[str]:
        return [line.strip() for line in self.file.getvalue().splitlines()]


def test_nothing_is_shown_before_the_run_has_begun() -> None:
    run = Run()
    with run.progress:
        assert run.lines() == []
        run.begin(30)
    assert run.lines() == ["caps · sim, kinematic · seed 0 · 30 parts · Ctrl-C stops"]


def test_states_of_one_instant_are_one_line_with_the_cause_of_the_first() -> None:
    run = Run()
    with run.progress:
        run.begin(1)
        for state in ("Clearing", "Stopped", "Resetting", "Idle", "Starting", "Execute"):
            run.state(1.0, state, "permit armed" if state in ("Clearing", "Resetting", "Starting") else "done")
        run.state(64.2, "Suspending", "good.full")
        run.state(64.5, "Suspended")
        run.tell(90.0, "energy", joules=1.0)
    assert run.lines()[1:] == ["0:01.0  Execute: permit armed", "1:04.2  Suspending: good.full", "1:04.5  Suspended"]


def test_people_read_alarms_requests_services_and_interventions() -> None:
    run = Run()
    with run.progress:
        run.begin(1)
        run.tell(2.0, "alarm", name="jam", active=True, text="the belt is jammed")
        run.tell(3.0, "request", text="exchange good")
        run.tell(4.0, "service", station="good")
        run.tell(4.0, "request", text="")
        run.tell(5.0, "alarm", name="jam", active=False, text="the belt is jammed")
        run.tell(6.0, "intervention", cause="pick.missed")
        run.tell(6.0, "command", id=1, device="arm", command="execute")
    assert run.lines()[1:] == [
        "0:02.0  alarm jam: the belt is jammed",
        "0:03.0  asked of a person: exchange good",
        "0:04.0  a person exchanged good",
        "0:05.0  alarm jam cleared",
        "0:06.0  a person intervened: pick.missed",
    ]


def test_parts_are_told_by_the_tenth() -> None:
    run = Run()
    with run.progress:
        run.begin(1234)
        for number in range(1234):
            run.finish(float(number), "rejected" if number == 0 else "good")
    told = [line for line in run.lines() if "of 1" in line]
    assert len(told) == 10
    assert told[0].endswith("124 of 1\u202f234 parts: 123 good · 1 rejected")
    assert told[-1].split("  ")[1].startswith("1\u202f234 of")


def test_a_terminal_gets_a_status_and_no_line_about_parts() -> None:
    run = Run(live=True)
    before = signal.getsignal(signal.SIGALRM)
    with run.progress:
        run.begin(2)
        run.state(1.0, "Execute", "permit armed")
        run.finish(5.0)
        signal.raise_signal(signal.SIGALRM)
        assert "1 of 2 parts" in run.file.getvalue()
        run.state(6.0, "Complete", "order complete")
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert "Complete" in run.lines()[-1]
    assert run.lines()[-1].endswith("order complete")


def test_the_status_says_what_is_asked_blocked_and_alarming() -> None:
    status = Status()
    told: tuple[tuple[str, dict[str, Any]], ...] = (
        ("run.begin", {"parts": 30}),
        ("state", {"state": "Suspended", "cause": "good.full"}),
        ("finished", {"became": "good"}),
        ("finished", {"became": "scrapped"}),
        ("fault", {"source": "good", "fault": "full"}),
        ("request", {"text": "exchange good"}),
        ("blocked", {"routes": {"cap": "good.full"}, "degraded": False}),
        ("alarm", {"name": "jam", "active": True, "text": "the belt is jammed"}),
        ("alarm", {"name": "gone", "active": True, "text": "is cleared"}),
        ("alarm", {"name": "gone", "active": False, "text": "is cleared"}),
    )
    for number, (kind, data) in enumerate(told):
        status.take(Event(number + 1, 12.0, kind, data))
    console = Console(file=io.StringIO(), width=100, record=True)
    console.print(picture(status, 30.0, 2.0))
    shown = [line.rstrip() for line in console.export_text().splitlines()]
    assert shown[0].startswith("Suspended")
    assert shown[0].endswith("2 of 30 parts: 1 good · 1 scrapped")
    assert shown[1:] == [
        "0:30.0 simulated · 15 × real time · 1 fault",
        "asked of a person: exchange good",
        "blocked: cap waits for good.full",
        "alarm jam: the belt is jammed",
    ]
