from __future__ import annotations

import io

from rich.console import Console

from robocell.report.result import RunFacts
from robocell.report.summary import summarise
from robocell.report.terminal import render_summary
from tests.report.plausible import PlausibleRun


def shown(facts: RunFacts, parts: int = 60, *, terminal: bool = False, width: int = 100) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=width, color_system="standard" if terminal else None)
    render_summary(summarise(PlausibleRun(parts, seed=4), facts), console)
    return stream.getvalue().replace("\u202f", " ")


def test_a_log_gets_the_figures_without_control_characters(facts: RunFacts) -> None:
    text = shown(facts)
    assert "\x1b" not in text
    for words in (
        "cap-sorting · sim, kinematic · seed 3 · complete: 60 parts finished",
        "60 finished of 60: 54 good · 5 rejected · 1 scrapped",
        "4.32 s median",
        "of at most 900 /h",
        "availability 66.9 % × effectiveness 88.4 % × quality 90.0 %",
        "Execute 66.9 % · Held 19.7 %",
        "8 pick.missed",
        "2 interventions · 2 services",
        "47.4 Wh",
    ):
        assert words in text


def test_a_terminal_gets_colours_and_the_same_words(facts: RunFacts) -> None:
    text = shown(facts, terminal=True)
    assert "\x1b[" in text
    assert "pick.missed" in text


def test_a_run_without_a_part_is_shown_as_undefined(facts: RunFacts) -> None:
    text = shown(facts.model_copy(update={"bound_per_h": None}), parts=0)
    assert "no part finished" in text
    assert "effectiveness –" in text


def test_text_from_a_cell_file_cannot_command_the_terminal(facts: RunFacts) -> None:
    result = summarise(PlausibleRun(2), facts)
    hostile = result.model_copy(update={"reason": "\x1b[2Jgone\x07", "faults": {"[red]x\x1b[0m.y": 1}})
    stream = io.StringIO()
    render_summary(hostile, Console(file=stream, force_terminal=False, width=100))
    assert "\x1b" not in stream.getvalue()
    assert "\x07" not in stream.getvalue()
    assert "[red]x" in stream.getvalue()  # markup is shown, not obeyed
