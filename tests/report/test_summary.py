from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from robocell.control.packml import Mode, State
from robocell.errors import RecordError
from robocell.journal import Event
from robocell.report.elements import ELEMENTS, TimeElement, element_of
from robocell.report.result import Parts, Result, RunFacts, Spread
from robocell.report.summary import Summary, summarise
from tests.report.plausible import DROP, JAM, MISS, PlausibleRun

Row = tuple[float, str, dict[str, Any]]

BEGIN: Row = (0.0, "run.begin", {})


def log(*rows: Row) -> list[Event]:
    return [Event(seq, t, kind, data) for seq, (t, kind, data) in enumerate(rows, start=1)]


def state(t: float, word: str, mode: str = "Produce") -> Row:
    return t, "state", {"state": word, "mode": mode, "cause": ""}


def minted(t: float, workpiece: int) -> Row:
    return t, "minted", {"workpiece": workpiece, "product": "cap", "place": "stop"}


def finished(t: float, workpiece: int, became: str = "good") -> Row:
    return t, "finished", {"workpiece": workpiece, "product": "cap", "became": became, "reason": ""}


def ended(t: float, how: str = "complete") -> Row:
    return t, "run.end", {"ended": how, "reason": "because"}


def test_cycle_times_count_only_time_in_execute_and_the_first_from_the_first_execute(facts: RunFacts) -> None:
    result = summarise(
        log(
            BEGIN,
            state(10.0, "Execute"),
            minted(11.0, 1),
            finished(14.0, 1),
            minted(15.0, 2),
            state(16.0, "Held"),
            state(116.0, "Execute"),
            finished(119.0, 2),
            ended(120.0),
        ),
        facts,
    )
    assert (result.cycle_time_s.min, result.cycle_time_s.max) == (4.0, 5.0)
    assert (result.lead_time_s.min, result.lead_time_s.max) == (3.0, 104.0)
    assert result.cycle_time_s.p95 == pytest.approx(4.95)


def test_throughput_is_over_the_order_from_the_first_execute_until_it_is_complete(facts: RunFacts) -> None:
    rows = [BEGIN, state(100.0, "Execute"), minted(101.0, 1), finished(136.0, 1)]
    complete = summarise(log(*rows, state(136.0, "Completing"), ended(500.0)), facts)
    stopped = summarise(log(*rows, state(136.0, "Stopping"), ended(172.0, "stopped")), facts)
    assert complete.throughput_per_h == pytest.approx(100.0)
    assert stopped.throughput_per_h == pytest.approx(50.0)
    assert summarise(log(BEGIN, ended(1.0, "aborted")), facts).throughput_per_h is None


def test_oee_is_that_of_iso_22400(facts: RunFacts) -> None:
    """Ideal cycle 4 s (900 an hour); of 100 s planned busy time 60 s are production; 10 of 12 are good."""
    rows = [BEGIN, state(0.0, "Idle"), state(50.0, "Execute")]
    rows += [minted(50.0 + n, n) for n in range(1, 13)]
    rows += [finished(70.0 + n, n, "good" if n > 2 else "rejected") for n in range(1, 13)]
    result = summarise(log(*rows, state(110.0, "Held"), ended(150.0, "held")), facts)
    assert result.oee.availability == pytest.approx(0.6)
    assert result.oee.effectiveness == pytest.approx(12 * 4 / 60)
    assert result.oee.quality == pytest.approx(10 / 12)
    assert result.oee.oee == pytest.approx(10 * 4 / 100)
    assert result.time_elements == {"APT": 60.0, "AUST": 0.0, "ADOT": 0.0, "ADET": 40.0, "PDOT": 50.0}


def test_an_effectiveness_above_one_is_reported(facts: RunFacts) -> None:
    result = summarise(log(BEGIN, state(0.0, "Execute"), minted(0.0, 1), finished(2.0, 1), ended(2.0)), facts)
    assert result.oee.effectiveness == pytest.approx(2.0)


def test_nothing_finished_is_undefined_and_not_perfect(facts: RunFacts) -> None:
    result = summarise(log(BEGIN, state(0.0, "Execute"), minted(1.0, 1), ended(9.0, "stopped")), facts)
    assert result.oee.quality is None
    assert result.oee.oee is None
    assert result.cycle_time_s == Spread()
    assert result.energy_wh is None
    assert json.loads(result.to_json())["cycle_time_s"] == dict.fromkeys(("mean", "p50", "p95", "min", "max"))


def test_without_a_bound_effectiveness_and_oee_are_undefined(facts: RunFacts) -> None:
    rows = [BEGIN, state(0.0, "Execute"), minted(1.0, 1), finished(2.0, 1), ended(9.0)]
    result = summarise(log(*rows), facts.model_copy(update={"bound_per_h": None}))
    assert (result.oee.effectiveness, result.oee.oee) == (None, None)
    assert result.oee.quality == 1.0


def test_a_cell_in_maintenance_is_planned_down_whatever_its_state(facts: RunFacts) -> None:
    result = summarise(log(BEGIN, state(0.0, "Stopped"), state(5.0, "Stopped", "Maintenance"), ended(35.0)), facts)
    assert result.time_elements["PDOT"] == 30.0
    assert result.states["Stopped"] == 35.0


def test_degraded_time_is_time_in_execute_with_a_blocked_route(facts: RunFacts) -> None:
    blocked = (20.0, "blocked", {"routes": {"flange": "vise.full"}, "degraded": True})
    free = (70.0, "blocked", {"routes": {}, "degraded": False})
    result = summarise(
        log(BEGIN, state(10.0, "Execute"), blocked, state(30.0, "Held"), state(60.0, "Execute"), free, ended(99.0)),
        facts,
    )
    assert result.degraded_s == 20.0


def test_energy_is_the_difference_of_the_meters_counts_over_the_run(facts: RunFacts) -> None:
    def energy(t: float, joules: float) -> Row:
        return t, "energy", {"joules": joules}

    rows = [state(0.0, "Execute"), minted(1.0, 1), energy(2.0, 10_800.0), finished(2.0, 1), energy(3.0, 18_000.0)]
    from_power_up = summarise(log(BEGIN, *rows, ended(3.0)), facts)
    with_start = summarise(log(BEGIN, energy(0.0, 7_200.0), *rows, ended(3.0)), facts)
    assert from_power_up.energy_wh == pytest.approx(5.0)
    assert with_start.energy_wh == pytest.approx(3.0)


def test_a_record_that_breaks_off_counts_as_aborted(facts: RunFacts) -> None:
    result = summarise(log(BEGIN, state(1.0, "Execute"), minted(2.0, 1)), facts)
    assert (result.ended, result.exit_code) == ("aborted", 1)
    assert result.parts.in_process == 1
    assert "breaks off" in result.reason


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([finished(1.0, 1)], "workpiece 1 is not in process"),
        ([minted(1.0, 1), finished(2.0, 1), finished(3.0, 1)], "workpiece 1 is not in process"),
        ([minted(1.0, 1), finished(2.0, 1, "lost")], "became 'lost'"),
        ([minted(1.0, 2)], "workpiece 2 is minted where 1 is due"),
        ([state(1.0, "Running")], "no state 'Running'"),
        ([BEGIN], "a second run"),
        ([ended(1.0, "somehow")], "cannot end 'somehow'"),
        ([(1.0, "fault", {"source": "arm"})], "fault without 'fault'"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(rows: list[Row], message: str, facts: RunFacts) -> None:
    with pytest.raises(RecordError, match=message):
        summarise(log(BEGIN, *rows), facts)


def test_events_without_a_run_are_no_record(facts: RunFacts) -> None:
    with pytest.raises(RecordError, match=r"run\.begin"):
        summarise([], facts)


def test_a_plausible_run_is_summarised(facts: RunFacts) -> None:
    result = summarise(PlausibleRun(120, seed=5), facts)
    assert (result.ended, result.exit_code) == ("complete", 0)
    assert result.parts.finished == 120
    assert result.parts.scrapped == 120 // DROP
    assert result.faults["pick.missed"] == result.recoveries["retry"] == 120 // MISS
    assert result.alarms == {"jam-on-infeed": 120 // JAM}
    assert result.interventions == 120 // JAM
    assert result.services == (result.parts.good - 1) // 24
    assert result.states["Held"] == pytest.approx(40.0 * (120 // JAM))


@given(
    steps=st.lists(
        st.tuples(
            st.floats(0.0, 1e5).map(lambda t: round(t, 6)),
            st.sampled_from(list(State)),
            st.sampled_from(list(Mode)),
        ),
        max_size=30,
    )
)
def test_times_add_up_to_the_microsecond_for_any_walk_through_the_states(
    steps: list[tuple[float, State, Mode]],
) -> None:
    rows, t = [BEGIN], 0.0
    for pause, to, mode in steps:
        t = round(t + pause, 6)
        rows.append(state(t, to.word, mode.name.capitalize()))
    facts = RunFacts(
        cell="c", cell_sha256="", backend="sim", world=None, devices={}, seed=0, version="", log_sha256="", wall_s=0.0
    )
    result = summarise(log(*rows), facts)  # the model itself refuses times that do not add up
    assert result.simulated_s == pytest.approx(t)


def test_every_state_has_one_time_element() -> None:
    assert set(ELEMENTS) == set(State)
    assert [state for state, element in ELEMENTS.items() if element is TimeElement.APT] == [State.EXECUTE]
    assert element_of(State.EXECUTE, Mode.MANUAL) is TimeElement.PDOT


def test_parts_that_are_not_conserved_are_refused() -> None:
    with pytest.raises(ValidationError, match="not conserved"):
        Parts(entered=3, good=1, rejected=0, scrapped=0, unknown=0, in_process=1)


def test_a_result_whose_times_were_edited_is_refused(facts: RunFacts) -> None:
    text = summarise(PlausibleRun(5), facts).to_json()
    data = json.loads(text)
    assert Result.model_validate_json(text).to_json() == text
    data["states"]["Execute"] += 1.0
    with pytest.raises(ValidationError, match="do not add up"):
        Result.model_validate(data)


def test_the_fold_gives_the_same_along_the_run_as_afterwards(facts: RunFacts) -> None:
    events = list(PlausibleRun(40))
    along = Summary()
    for event in events:
        along.take(event)
        along.result(facts)  # asking midway changes nothing
    assert along.result(facts) == summarise(events, facts)


def test_a_results_representation_says_what_a_failed_assertion_needs(facts: RunFacts) -> None:
    text = repr(summarise(PlausibleRun(50), facts))
    for part in ("cap-sorting", "seed 3", "complete", "50 finished", "p95", "pick.missed"):
        assert part in text
    assert len(text) < 240
